"""The right to do something alone. It runs out by itself, should whoever holds it die."""

import secrets

from dyncontent.store.store import Store

_EXTEND = """
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1])
"""


class Lock:
    """All of it raises StoreError."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._token = secrets.token_hex(8)

    async def take(self, seconds: float) -> bool:
        """Hold it for so long, unless another does; whether it is held."""
        asked = ("SET", self._key, self._token, "NX", "PX", round(seconds * 1000))
        [taken] = await self._store.ask(asked)
        return bool(taken)

    async def extend(self, seconds: float) -> bool:
        """Hold it for so long from now; whether it was still held."""
        asked = ("EVAL", _EXTEND, 1, self._key, self._token, round(seconds * 1000))
        [held] = await self._store.ask(asked)
        return bool(held)

    async def release(self) -> None:
        """Let others have it, if it is still held."""
        await self._store.ask(("EVAL", _RELEASE, 1, self._key, self._token))
