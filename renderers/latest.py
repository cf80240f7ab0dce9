"""What was made last, as much of it as there is room for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Latest(Generic[Made]):
    """The latest of what was made, by the key that names its content: at most so many bytes, by
    what `size` tells of each, but always the last. For any thread."""

    def __init__(self, most: int, size: Callable[[Made], int]) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._held = 0
        self._lock = Lock()

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is kept under a key, else what is made now. Two who ask at the same time may both
        make it."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        made = make()
        with self._lock:
            if key not in self._kept:
                self._held += self._size(made)
            self._kept[key] = made
            while self._held > self._most and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._held -= self._size(gone)
        return made
