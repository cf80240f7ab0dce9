"""The tokens of the control plane: those of the settings, and those that are stored."""

import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dyncontent.access.scope import ALL, Scope
from dyncontent.access.token import Token, TokenAsked, digest, id_in, make
from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.store.store import Store

USE_SECONDS = 60.0
"""How often it is noted that a token is used."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the id of a stored token, or of one of the settings a name made of its hash; and
    what it may do."""

    id: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Listed:
    """A stored token; `used` is when it was last used, within a minute or so."""

    id: str
    token: Token
    used: datetime | None


class Tokens:
    def __init__(self, store: Store, of_settings: Sequence[str] = ()) -> None:
        self._store = store
        self._keys = store.keys
        self._of_settings = [
            (text.encode(), Caller(f"settings-{digest(text)[:16]}", frozenset(ALL)))
            for text in of_settings
        ]
        self._noted: dict[str, float] = {}

    async def create(self, asked: TokenAsked) -> tuple[Listed, str]:
        """A new token and its text, which is told this once."""
        token_id, text, token = make(asked, datetime.now(UTC))
        await self._store.ask(("HSET", self._keys.tokens, token_id, token.encoded()))
        return Listed(token_id, token, None), text

    async def all(self) -> list[Listed]:
        """In the order in which they were made."""
        stored, used = await self._store.ask(
            ("HGETALL", self._keys.tokens), ("HGETALL", self._keys.tokens_used)
        )
        found = [_listed(name.decode(), raw, used.get(name)) for name, raw in stored.items()]
        return sorted(found, key=lambda one: (one.token.created, one.id))

    async def get(self, token_id: str) -> Listed:
        """Raises NotFoundError."""
        raw, used = await self._store.ask(
            ("HGET", self._keys.tokens, token_id), ("HGET", self._keys.tokens_used, token_id)
        )
        if raw is None:
            raise _no_token(token_id)
        return _listed(token_id, raw, used)

    async def revoke(self, token_id: str) -> None:
        """From now on the token opens nothing, on no server. Raises NotFoundError."""
        removed, _ = await self._store.ask(
            ("HDEL", self._keys.tokens, token_id), ("HDEL", self._keys.tokens_used, token_id)
        )
        if not removed:
            raise _no_token(token_id)
        self._noted.pop(token_id, None)

    async def caller(self, text: str) -> Caller | None:
        """Whose token this is, None if it opens nothing. A stored one is asked for each time, so
        that one that is revoked ends at once. Raises StoreError."""
        known = self._known(text)
        if known is not None:
            return known
        token_id = id_in(text)
        if token_id is None:
            return None
        [raw] = await self._store.ask(("HGET", self._keys.tokens, token_id))
        if raw is None:
            return None
        token = Token.model_validate_json(raw)
        if not token.opens(text, datetime.now(UTC)):
            return None
        self._note_use(token_id)
        return Caller(token_id, frozenset(token.scopes))

    def may_open(self, text: str) -> bool:
        """Whether it looks like a token of this server."""
        return self._known(text) is not None or id_in(text) is not None

    def _known(self, text: str) -> Caller | None:
        given = text.encode()
        known = [caller for right, caller in self._of_settings if hmac.compare_digest(given, right)]
        return known[0] if known else None

    def _note_use(self, token_id: str) -> None:
        """It may be lost."""
        now = time.monotonic()
        if now - self._noted.get(token_id, float("-inf")) < USE_SECONDS:
            return
        self._noted[token_id] = now
        self._store.tell(("HSET", self._keys.tokens_used, token_id, int(time.time())))


def _listed(token_id: str, raw: bytes, used: bytes | None) -> Listed:
    instant = None if used is None else datetime.fromtimestamp(int(used), UTC)
    return Listed(token_id, Token.model_validate_json(raw), instant)


def _no_token(token_id: str) -> NotFoundError:
    return NotFoundError(f"There is no token {token_id}")
