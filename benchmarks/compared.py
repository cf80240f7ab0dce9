"""What a run of `benchmarks.opens` found, beside what is in the results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import report
from benchmarks.scenarios import OURS

COST = "CPU seconds of a thousand"
SPREAD = "spread"
RATIOS, SPREADS = "times as many as", "spread of times as many as"
PROCESSOR = "processor"
ALLOWED = 0.1
"""By what part a median of rounds may be worse, or by as much as rounds of one run differed."""
ALLOWED_ONCE = 0.5
"""The same of a percentile, which is of one run."""

Results = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """`noise` is the part by which it may be worse. What is `of_the_machine` is another on
    another one; what is not `ours` is told, and not judged."""

    value: float
    noise: float
    more_is_better: bool = False
    of_the_machine: bool = True
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """`is_worse` is None where that cannot be said."""

    name: str
    now: float
    then: float
    is_worse: bool | None

    @property
    def ratio(self) -> float:
        return self.now / self.then


def compare(now: Results, then: Results) -> list[Row]:
    """Every figure that both have."""
    same_machine = now.get(PROCESSOR) == then.get(PROCESSOR)
    before = dict(_figures(then))
    return [
        Row(name, one.value, before[name].value, _is_worse(one, before[name], same_machine))
        for name, one in _figures(now)
        if name in before and before[name].value and one.value
    ]


def tell(now: Results, then: Results) -> None:
    rows = compare(now, then)
    if not rows:
        report.say("\nThere are no results to compare with.")
        return
    room = max(len(row.name) for row in rows)
    report.say(
        f"\n{'beside the results that were there':{room}} {'now':>9} {'then':>9}  now of then"
    )
    for row in rows:
        note = "  WORSE" if row.is_worse else ""
        report.say(f"  {row.name:{room}} {row.now:9.4g} {row.then:9.4g} {row.ratio:6.2f}{note}")
    report.say(_summary(rows))


def _summary(rows: Sequence[Row]) -> str:
    worse = sum(row.is_worse is True for row in rows)
    found = (
        f"{worse} of our figures are worse than noise allows"
        if worse
        else "nothing of ours is worse than noise allows"
    )
    if any(row.is_worse is None for row in rows):
        found += "; what is no ratio may be of another machine, and is not judged"
    return found


def _is_worse(now: Figure, then: Figure, same_machine: bool) -> bool | None:
    if not now.ours or (now.of_the_machine and not same_machine):
        return None if now.ours else False
    by = then.value / now.value if now.more_is_better else now.value / then.value
    return by - 1 > max(now.noise, then.noise)


def _figures(results: Results) -> Iterator[tuple[str, Figure]]:
    for name, told in results.get("scenarios", {}).items():
        for who, one in told.get("closed loop", {}).items():
            noise = max(ALLOWED, one.get(SPREAD, 0))
            yield f"{name}, {who}, {COST}", Figure(one[COST], noise, ours=who == OURS)
        for who, ratio in told.get(RATIOS, {}).items():
            noise = max(ALLOWED, told.get(SPREADS, {}).get(who, 0))
            yield (
                f"{name}, {RATIOS} {who}",
                Figure(ratio, noise, more_is_better=True, of_the_machine=False),
            )
        half = told.get("open loop", {}).get(OURS)
        if half:
            yield f"{name}, p99, ms", Figure(half["milliseconds"]["p99"], ALLOWED_ONCE)
