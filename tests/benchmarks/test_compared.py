"""A run beside the results that were there."""

from typing import Any

import pytest

from benchmarks.compared import COST, PROCESSOR, RATIOS, SPREAD, SPREADS, compare, tell
from benchmarks.scenarios import OURS


def _results(
    cost: float = 0.1, ratio: float = 1.0, p99: float = 4.0, spread: float = 0.0, at: str = "one"
) -> Any:
    told = {
        "closed loop": {OURS: {COST: cost, SPREAD: spread}, "other": {COST: cost * ratio}},
        RATIOS: {"other": ratio},
        SPREADS: {"other": spread},
        "open loop": {OURS: {"milliseconds": {"p99": p99}}},
    }
    return {PROCESSOR: at, "scenarios": {"cached": told}}


def _worse(now: Any, then: Any) -> set[str]:
    return {row.name.removeprefix("cached, ") for row in compare(now, then) if row.is_worse}


OUR_COST, OUR_RATIO = f"{OURS}, {COST}", f"{RATIOS} other"


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (_results(), set()),
        (_results(cost=0.109), set()),
        (_results(cost=0.12), {OUR_COST}),
        (_results(cost=0.12, spread=0.3), set()),
        (_results(cost=0.05, ratio=2, p99=1), set()),
        (_results(ratio=0.8), {OUR_RATIO}),
        (_results(p99=5.5), set()),
        (_results(p99=6.5), {"p99, ms"}),
        (_results(cost=0.2, ratio=0.8, p99=9, at="another"), {OUR_RATIO}),
    ],
)
def test_what_is_worse_than_noise_allows_is_said(now: Any, worse: set[str]) -> None:
    assert _worse(now, _results()) == worse


def test_others_are_told_and_not_judged() -> None:
    rows = compare(_results(ratio=3), _results())
    [other] = [row for row in rows if f"other, {COST}" in row.name]
    assert other.ratio == pytest.approx(3)
    assert other.is_worse is False


def test_only_what_both_have_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(_results(), {}) == []
    tell(_results(), {})
    assert "no results to compare with" in capsys.readouterr().out


def test_it_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    tell(_results(ratio=0.5), _results())
    told = capsys.readouterr().out
    assert "0.50  WORSE" in told
    assert "1 of our figures are worse than noise allows" in told
    tell(_results(), _results(at="another"))
    told = capsys.readouterr().out
    assert "nothing of ours is worse" in told
    assert "may be of another machine" in told
