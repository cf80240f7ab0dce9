"""Copies of the catalogue in this process's memory.

A copy is used only while it is known to be fresh: the follower of the change log has proof, not
older than FRESH_SECONDS, that it has seen every change. Without proof every copy counts as
missing and is read through; only `last` still gives it, for a fallback when the store is gone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

FRESH_SECONDS = 1.5
MOST_COPIES = 200_000
MOST_FORGOTTEN = 10_000

MISSING: Final = object()


class Copies:
    """A bounded map from store keys to what was read from them. The least recently used go."""

    def __init__(
        self, most: int = MOST_COPIES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._clock = clock
        self._copies: OrderedDict[str, tuple[bytes, Any, bool]] = OrderedDict()
        self._proven = float("-inf")
        self._generation = 0
        self._forgotten: OrderedDict[str, int] = OrderedDict()
        self._horizon = 0

    @property
    def fresh(self) -> bool:
        return self._clock() - self._proven < FRESH_SECONDS

    def prove(self, instant: float) -> None:
        """Every change until `instant` (of this object's clock) has been seen."""
        self._proven = max(self._proven, instant)

    def doubt(self) -> None:
        """Changes may have been missed: nothing counts as fresh until it is read again."""
        self._generation += 1
        self._horizon = self._generation
        self._proven = float("-inf")
        self._copies = OrderedDict(
            (key, (raw, value, False)) for key, (raw, value, _) in self._copies.items()
        )

    def find(self, key: str) -> Any:
        """The fresh copy, or MISSING."""
        entry = self._copies.get(key)
        if entry is None or not entry[2] or not self.fresh:
            return MISSING
        self._copies.move_to_end(key)
        return entry[1]

    def last(self, key: str) -> Any:
        """The copy as it last was, fresh or not, or MISSING."""
        entry = self._copies.get(key)
        return MISSING if entry is None else entry[1]

    def start_reading(self) -> int:
        """A mark for `keep`, taken before the store is asked."""
        return self._generation

    def keep(self, mark: int, key: str, raw: bytes, value: Any) -> None:
        """Keep what was read, unless it has changed since the mark was taken."""
        if mark < self._horizon or self._forgotten.get(key, -1) > mark:
            return
        self._copies[key] = (raw, value, True)
        self._copies.move_to_end(key)
        if len(self._copies) > self._most:
            self._copies.popitem(last=False)

    def same(self, key: str, raw: bytes | None) -> Any:
        """What was made of the very same bytes before, or MISSING."""
        entry = self._copies.get(key)
        return entry[1] if entry is not None and entry[0] == raw else MISSING

    def forget(self, key: str) -> None:
        """The key has changed in the store: its copy is no longer fresh."""
        self._generation += 1
        self._forgotten[key] = self._generation
        self._forgotten.move_to_end(key)
        if len(self._forgotten) > MOST_FORGOTTEN:
            _, self._horizon = self._forgotten.popitem(last=False)
        entry = self._copies.get(key)
        if entry is not None:
            self._copies[key] = (entry[0], entry[1], False)
