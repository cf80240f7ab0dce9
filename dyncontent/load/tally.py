"""What came of requests: how long the right answers took, and what was wrong with the others."""

from collections import Counter
from dataclasses import dataclass, field

from dyncontent.load.histogram import Histogram


@dataclass(slots=True)
class Tally:
    """`wrong` counts what was wrong with answers, `unanswered` why there was none."""

    times: Histogram = field(default_factory=Histogram)
    wrong: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)

    @property
    def failures(self) -> Counter[str]:
        return self.wrong + self.unanswered

    @property
    def count(self) -> int:
        return self.times.count + self.wrong.total() + self.unanswered.total()

    @property
    def ok(self) -> bool:
        """Whether there were answers, and all were right."""
        return bool(self.times.count) and not self.wrong and not self.unanswered
