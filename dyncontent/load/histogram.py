"""Counts of durations, from which percentiles are told: every value within 0.4 per cent, from a
nanosecond to years, in memory that does not grow with their number.

Each power of two is cut into 128 parts of one width, as in HDR histograms.
"""

import math

_PARTS = 128
_LEAST = 1e-9


class Histogram:
    __slots__ = ("_counts", "count", "max")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.max = 0.0

    def add(self, value: float) -> None:
        """Count a duration in seconds; less than a nanosecond counts as one."""
        mantissa, exponent = math.frexp(max(_LEAST, value))
        part = exponent * _PARTS + int((mantissa - 0.5) * (2 * _PARTS))
        self._counts[part] = self._counts.get(part, 0) + 1
        self.count += 1
        self.max = max(self.max, value)

    def percentile(self, percent: float) -> float | None:
        """The least value that so many per cent do not exceed; None if nothing was counted."""
        if not self.count:
            return None
        wanted = max(1, math.ceil(self.count * percent / 100))
        if wanted == self.count:
            return self.max
        for part in sorted(self._counts):
            wanted -= self._counts[part]
            if wanted <= 0:
                break
        return min(_middle(part), self.max)


def _middle(part: int) -> float:
    exponent, place = divmod(part, _PARTS)
    return math.ldexp(0.5 + (place + 0.5) / (2 * _PARTS), exponent)
