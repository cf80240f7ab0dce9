"""Along a drawing: where a value stands, and at which values a line is drawn."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import Protocol

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_STEPS = 6


class Axis(Protocol):
    """`values` are all that must have their place, from `begin` to `end` in pixels."""

    ticks: Sequence[float]

    def __init__(self, values: Iterable[float], begin: float, end: float) -> None:
        """Raises ValueError if there are none."""

    def at(self, value: float) -> float:
        """The pixel."""


class Logarithmic:
    """Each tick is ten times the one before. What is nothing stands at the begin."""

    def __init__(self, values: Iterable[float], begin: float, end: float) -> None:
        some = [value for value in values if value > 0]
        decades = range(floor(log10(min(some))), ceil(log10(max(some))) + 1)
        self.ticks: Sequence[float] = [10.0**decade for decade in decades]
        self._begin, self._first = begin, decades[0]
        self._step = (end - begin) / max(1, len(decades) - 1)

    def at(self, value: float) -> float:
        along = log10(value) - self._first if value > 0 else 0
        return self._begin + self._step * max(0, along)


class Linear:
    """From nothing on."""

    def __init__(self, values: Iterable[float], begin: float, end: float) -> None:
        most = max(values) or 1
        size: float = 10.0 ** floor(log10(most))
        step = next(
            one * scale
            for scale in (size / 10, size)
            for one in _STEPS
            if most / (one * scale) <= _MOST_STEPS
        )
        count = ceil(most / step)
        self.ticks: Sequence[float] = [step * number for number in range(count + 1)]
        self._begin, self._step = begin, (end - begin) / (step * count)

    def at(self, value: float) -> float:
        return self._begin + self._step * value
