"""Copies of the catalogue in this process's memory.

A copy is used only while it is known to be fresh: the follower of the change log has proof, not
older than FRESH_SECONDS, that it has seen every change. Without proof every copy counts as
missing and is read through; only `last` still gives it, for a fallback when the store is gone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dyncontent.store.command import Reply

FRESH_SECONDS = 1.5
MOST_BYTES = 32 * 1024 * 1024
"""Of all replies of which there are copies. What is made of a reply takes some ten times as much as
the reply itself."""
COPY_BYTES = 200
"""What a copy takes beside."""
MOST_FORGOTTEN = 10_000

MISSING: Final = object()


@dataclass(slots=True)
class _Copy:
    """A reply, what was made of it, and the mark under which it was read; None once it has
    changed."""

    raw: Reply
    value: Any
    mark: int | None


class Copies:
    """A bounded map from store keys to what was read from them. The least recently used go.

    Changes are counted. A mark is that count when a reading began; what was read is worth
    something if its key has not changed since.
    """

    def __init__(self, most: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        """`most` is in bytes of replies."""
        self._most = most
        self._held = 0
        self._clock = clock
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._proven = float("-inf")
        self._count = 0
        self._doubted = 0
        self._forgotten: OrderedDict[str, int] = OrderedDict()
        self._forgotten_before = 0

    @property
    def fresh(self) -> bool:
        return self._clock() - self._proven < FRESH_SECONDS

    def prove(self, instant: float) -> None:
        """Every change until `instant` (of this object's clock) has been seen."""
        self._proven = max(self._proven, instant)

    def doubt(self) -> None:
        """Changes may have been missed: nothing counts as fresh until it is read again."""
        self._count += 1
        self._doubted = self._count
        self._proven = float("-inf")

    def find(self, key: str) -> Any:
        """The fresh copy, or MISSING."""
        copy = self._copies.get(key)
        if copy is None or copy.mark is None or copy.mark < self._doubted or not self.fresh:
            return MISSING
        self._copies.move_to_end(key)
        return copy.value

    def last(self, key: str) -> Any:
        """The copy as it last was, fresh or not, or MISSING."""
        copy = self._copies.get(key)
        return MISSING if copy is None else copy.value

    def start_reading(self) -> int:
        """A mark for `keep`, taken before the store is asked."""
        return self._count

    def keep(self, mark: int, key: str, raw: Reply, value: Any) -> None:
        """Keep what was read, unless it has changed since the mark was taken."""
        oldest_known = max(self._doubted, self._forgotten_before)
        if mark < oldest_known or self._forgotten.get(key, -1) > mark:
            return
        if (before := self._copies.get(key)) is not None:
            self._held -= _size(before.raw)
        self._copies[key] = _Copy(raw, value, mark)
        self._copies.move_to_end(key)
        self._held += _size(raw)
        while self._held > self._most and len(self._copies) > 1:
            _, gone = self._copies.popitem(last=False)
            self._held -= _size(gone.raw)

    def same(self, key: str, raw: Reply) -> Any:
        """What was made of the very same reply before, or MISSING."""
        copy = self._copies.get(key)
        return copy.value if copy is not None and copy.raw == raw else MISSING

    def forget(self, key: str) -> None:
        """The key has changed in the store: its copy is no longer fresh."""
        self._count += 1
        self._forgotten[key] = self._count
        self._forgotten.move_to_end(key)
        if len(self._forgotten) > MOST_FORGOTTEN:
            _, self._forgotten_before = self._forgotten.popitem(last=False)
        copy = self._copies.get(key)
        if copy is not None:
            copy.mark = None


def _size(raw: Reply) -> int:
    """About the bytes of a reply with its copy."""
    match raw:
        case bytes() | str():
            return len(raw) + COPY_BYTES
        case list():
            return sum(map(_size, raw)) + COPY_BYTES
        case dict():
            return _size([*raw.keys(), *raw.values()])
        case _:
            return COPY_BYTES
