"""What `dyncontent bench` told at another time, beside what it tells now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dyncontent.commands.opening import BenchError

ALLOWED_PERCENT = 25.0
JUDGED = ("p50", "p99")
"""Of the percentiles; rarer ones come out otherwise by chance."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure of both times. `more` tells by what part the present one is worse; negative if it
    is better."""

    name: str
    now: float
    then: float
    more: float

    @property
    def ratio(self) -> float:
        return self.now / self.then


class Earlier:
    def __init__(self, written: bytes) -> None:
        """Reads what `--json` printed. Raises BenchError for what is something else."""
        try:
            told = orjson.loads(written)
            self._loop: str = told["loop"]
            self._rate = float(told["per_second"])
            self._times = {
                name: None if time is None else float(time)
                for name, time in told["milliseconds"].items()
            }
        except (AttributeError, KeyError, TypeError, ValueError):
            raise BenchError(
                "what is compared with is not what dyncontent bench --json printed"
            ) from None

    def check(self, loop: str) -> None:
        """Raises BenchError if opens were sent in another way: that cannot be compared."""
        if loop != self._loop:
            raise BenchError(
                f"what is compared with was measured otherwise: {self._loop}, now {loop}"
            )

    def beside(self, told: Mapping[str, Any]) -> Iterator[Beside]:
        """Figures that both have."""
        rate = told["per_second"]
        if self._rate and rate:
            yield Beside("per_second", rate, self._rate, self._rate / rate - 1)
        for name, now in told["milliseconds"].items():
            then = self._times.get(name)
            if now and then:
                yield Beside(name, now, then, now / then - 1)


def is_worse(figure: Beside, allowed_percent: float) -> bool:
    """By more than chance allows."""
    is_judged = figure.name == "per_second" or figure.name in JUDGED
    return is_judged and figure.more > allowed_percent / 100
