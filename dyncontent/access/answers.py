"""Answers that are kept under a key of the client's choice, so that a request that is sent again
is not done again.

Who comes first with a key holds it while the request runs. The hold lasts for seconds and is
renewed, so that a process that dies leaves the key free.
"""

import asyncio
import hashlib
import logging
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson

from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 60 * 60
HELD_SECONDS = 30
RENEWED_SECONDS = 10
_HELD = b"held:"
_ERASED = b"erased:"
_PAGE = 100
"""Answers that are read in one round trip."""

_OF_IDS = "[A-Za-z0-9._~-]"

# Replaces a value if it is still what was read, or removes it where there is nothing to put there.
_REPLACE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and a hash of the request."""

    request: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def encode(self) -> bytes:
        """A line of JSON, and the body."""
        head = orjson.dumps([self.request, self.status, self.headers])
        return head + b"\n" + self.body

    @classmethod
    def decode(cls, raw: bytes) -> "Answer":
        head, _, body = raw.partition(b"\n")
        request, status, headers = orjson.loads(head)
        return cls(request, status, tuple((name, value) for name, value in headers), body)


class HeldError(Exception):
    """Another request with this key is running."""


class ErasedError(Exception):
    """There was an answer, which was erased with the person that it told of."""


class Hold:
    """The right to answer under a key."""

    def __init__(self, store: Store, key: str, mark: bytes) -> None:
        self._store = store
        self._key = key
        self._mark = mark

    async def keep(self, answer: Answer) -> None:
        """This is the answer for all who come with the key. Raises StoreError."""
        await self._replace(answer.encode(), KEPT_SECONDS)

    async def release(self) -> None:
        """Nothing is kept: who comes next is the first again. If it fails, the hold runs out."""
        try:
            await self._replace(b"", 0)
        except StoreError as error:
            log.info("a key is held for another %s s: %s", HELD_SECONDS, error)

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Meanwhile the hold does not run out."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEWED_SECONDS)
                try:
                    await self._replace(self._mark, HELD_SECONDS)
                except StoreError as error:
                    log.info("a key is not held longer: %s", error)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])

    async def _replace(self, value: bytes, seconds: int) -> None:
        await self._store.ask(("EVAL", _REPLACE, 1, self._key, self._mark, value, seconds * 1000))


class Answers:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, caller: str, key: str) -> Hold | Answer:
        """The answer that is kept for this caller under a key; else the right to give it.

        Raises HeldError if another has that, ErasedError, or StoreError.
        """
        name = self._store.keys.answer(caller, hashlib.sha256(key.encode()).hexdigest())
        mark = _HELD + secrets.token_hex(16).encode()
        _, found = await self._store.ask(
            ("SET", name, mark, "NX", "PX", HELD_SECONDS * 1000), ("GET", name)
        )
        if found == mark:
            return Hold(self._store, name, mark)
        if found is None or found.startswith(_HELD):
            raise HeldError
        if found == _ERASED:
            raise ErasedError
        return Answer.decode(found)

    async def erase(self, person: str) -> int:
        """Of the answers that name a person nothing is left but that there was one, so that what
        was asked is not done again; gives how many they were. Walks through the whole store.
        Raises StoreError."""
        names = re.compile(rf"(?<!{_OF_IDS}){re.escape(person)}(?!{_OF_IDS})".encode()).search
        found = sorted(await self._store.find(self._store.keys.answers))
        erased = 0
        for page in (found[start : start + _PAGE] for start in range(0, len(found), _PAGE)):
            answers = await self._store.ask(*(("GET", key) for key in page))
            told = [key for key, raw in zip(page, answers, strict=True) if raw and names(raw)]
            for key in told:
                await self._store.ask(("SET", key, _ERASED, "XX", "KEEPTTL"))
            erased += len(told)
        return erased
