"""Reads of one request: from copies where they are fresh, the rest in as few rounds as possible.

The code that needs the values is written straight down and run again after each round: whatever
it found missing is fetched together. With everything in memory it runs once.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from dyncontent.store.command import Command, Reply
from dyncontent.store.copies import MISSING
from dyncontent.store.store import Store

MOST_ROUNDS = 8
Result = TypeVar("Result")
Decode = Callable[[Any], Any]


class Reading:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Any] = {}
        self._missing: dict[str, tuple[Command, Decode, bool, Any]] = {}
        self.is_begun = False
        """Whether something was fetched."""

    def has(self, key: str) -> bool:
        """Whether it is known what is under a key, and be it nothing."""
        return key in self._known

    def get(self, key: str, decode: Decode, absent: Any = None) -> Any:
        """The document under `key`, decoded, which changes in the catalogue alone; `absent` if
        there is none, None while it is being fetched. There being none is worth a copy where
        something stands for it."""
        return self._get(key, ("GET", key), decode, copied=True, absent=absent)

    def get_now(self, key: str, decode: Decode) -> Any:
        """Like `get`, asked of the store at every request."""
        return self._get(key, ("GET", key), decode, copied=False)

    def ask(self, key: str, command: Command, decode: Callable[[Reply], Any]) -> Any:
        """Like `get`, with the command that reads it."""
        return self._get(key, command, decode, copied=True)

    def ask_now(self, key: str, command: Command, decode: Callable[[Reply], Any]) -> Any:
        return self._get(key, command, decode, copied=False)

    def _get(
        self, key: str, command: Command, decode: Decode, *, copied: bool, absent: Any = None
    ) -> Any:
        value = self._known.get(key, MISSING)
        if value is MISSING and copied:
            value = self._store.copies.find(key)
            if value is not MISSING:
                self._known[key] = value
        if value is MISSING:
            self._missing[key] = (command, decode, copied, absent)
            return None
        return value

    async def run(self, needs: Callable[["Reading"], Result]) -> Result:
        """What `needs` gives once nothing that it asks for is missing.

        Raises StoreError if the store is not reached.
        """
        for _ in range(MOST_ROUNDS):
            result = needs(self)
            if not self._missing:
                return result
            await self._fetch()
        raise RuntimeError(f"still missing after {MOST_ROUNDS} rounds: {sorted(self._missing)}")

    async def _fetch(self) -> None:
        copies = self._store.copies
        missing, self._missing = self._missing, {}
        self.is_begun = True
        mark = copies.start_reading()
        replies = await self._store.ask(*(command for command, *_ in missing.values()))
        for (key, (_, decode, copied, absent)), raw in zip(missing.items(), replies, strict=True):
            value = copies.same(key, raw) if copied else MISSING
            if value is MISSING:
                value = absent if raw is None else decode(raw)
            if copied and value is not None:  # names that do not exist have no end
                copies.keep(mark, key, raw, value)
            self._known[key] = value
