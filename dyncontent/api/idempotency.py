"""Idempotency-Key: a request that is sent again is answered again, and not done again.

As in draft-ietf-httpapi-idempotency-key-header-07. The key may stand without its quotes, as most
clients send it.
"""

import hashlib
import logging
import math
import re
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dyncontent.access.answers import Answer, Answers, ErasedError, HeldError, Hold
from dyncontent.access.tokens import Caller
from dyncontent.api.operation import WRITING, Operation
from dyncontent.errors import BadField, ProblemError
from dyncontent.store.roundtrip import StoreError

log = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
LONGEST = 255
MOST_UNREAD = 16 * 1024 * 1024
"""Bytes of a request that its operation left unread."""
MOST_ANSWER = 2 * 1024 * 1024
"""Bytes of an answer that is kept."""
REPLAYED = ("idempotent-replayed", "true")

_is_bare = re.compile(rf"[!#-\[\]-~]{{1,{LONGEST}}}").fullmatch
_is_quoted = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"').fullmatch


class Once:
    """Runs an operation once for each key of a caller."""

    def __init__(self, answers: Answers, operation: Operation, app: ASGIApp) -> None:
        self._answers = answers
        self._operation = operation
        self._app = app

    async def __call__(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises ProblemError in place of an answer, or StoreError."""
        given = Headers(scope=scope).getlist(HEADER) if scope["method"] in WRITING else []
        if not given:
            await self._app(scope, receive, send)
            return
        if not self._operation.keeps_answer:
            raise _refused(given, "none: the answer to this is not kept")
        key = _key(given)
        try:
            claimed = await self._answers.claim(caller.id, key)
        except HeldError:
            raise ProblemError(
                409, "STILL_RUNNING", f"The first request with {HEADER} {key} is still running"
            ) from None
        except ErasedError:
            raise ProblemError(
                409,
                "ERASED",
                f"The answer to {HEADER} {key} was erased with the person it tells of",
            ) from None
        body = _Body(scope, receive)
        if isinstance(claimed, Hold):
            async with claimed.renewed():
                await self._run(claimed, scope, body, send)
            return
        if await body.fingerprint() != claimed.request:
            raise ProblemError(
                422,
                "KEY_REUSED",
                f"{HEADER} {key} belongs to another request: take a new key for this one",
                [BadField(HEADER, key, "a key for each request")],
            )
        replayed = Response(claimed.body, claimed.status)
        replayed.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in (*claimed.headers, REPLAYED)
        ]
        await replayed(scope, receive, send)

    async def _run(self, hold: Hold, scope: Scope, body: "_Body", send: Send) -> None:
        """The answer is kept before it is sent, so that who has it finds it again."""
        waiting = _Waiting(send)
        try:
            await self._app(scope, body.receive, waiting.send)
        except Exception:
            await hold.release()
            raise
        answered = waiting.answered
        request = await body.fingerprint(MOST_UNREAD)
        if answered is None or answered.status >= 500 or request is None:
            await hold.release()
        else:
            try:
                await hold.keep(Answer(request, *answered))
            except StoreError as error:
                log.warning("%s: the answer is not kept: %s", scope["path"], error)
        await waiting.go()


class _Body:
    """A request's body on its way, and the hash of all that the request asks."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        asked = (scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        self._hash = hashlib.sha256("\n".join((*asked, "")).encode())
        self._read = 0
        self._is_whole = False
        self._is_cut = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            piece = message.get("body", b"")
            self._hash.update(piece)
            self._read += len(piece)
            self._is_whole = not message.get("more_body", False)
        else:
            self._is_cut = True
        return message

    async def fingerprint(self, most: float = math.inf) -> str | None:
        """What is not read yet is read: at most so many bytes. None if there is more, or the client
        went away before the end."""
        limit = self._read + most
        while not self._is_whole and not self._is_cut and self._read <= limit:
            await self.receive()
        return self._hash.hexdigest() if self._is_whole else None


class _Answered(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class _Waiting:
    """An answer that is held back, unless it is too long for that."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        self._held.append(message)
        self._size += len(message.get("body", b""))
        if self._size > MOST_ANSWER:
            await self.go()

    async def go(self) -> None:
        held, self._held = self._held, []
        for message in held:
            await self._send(message)

    @property
    def answered(self) -> _Answered | None:
        """All of it; None if it was too long."""
        if self._size > MOST_ANSWER:
            return None
        start, *pieces = self._held
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]
        )
        body = b"".join(piece.get("body", b"") for piece in pieces)
        return _Answered(start["status"], headers, body)


def _key(given: list[str]) -> str:
    """Raises ProblemError 400 for what is no key."""
    [text, *more] = given
    quoted = _is_quoted(text.strip())
    if quoted and not more:
        key = re.sub(r"\\(.)", r"\1", quoted[1])
        if len(key) <= LONGEST:
            return key
    elif not more and _is_bare(text.strip()):
        return text.strip()
    raise _refused(
        given, f'one key of 1 to {LONGEST} visible ASCII characters, best in quotes: "…"'
    )


def _refused(given: list[str], expected: str) -> ProblemError:
    field = BadField(HEADER, ", ".join(given)[:200], expected)
    return ProblemError(400, "BAD_HEADER", f"{HEADER} has to be {expected}", [field])
