import json
from pathlib import Path

from rules.bucket import HASH, bucket, choose, in_share, position

CASES = json.loads((Path(__file__).parents[1] / "cases" / "buckets.json").read_text())
CRITICAL = 148.23
"""Chi-squared with 99 degrees of freedom exceeds it in one of a thousand."""


def test_the_vectors_hold() -> None:
    assert (CASES["version"], CASES["hash"]) == (2, HASH)
    for case in CASES["positions"]:
        assert position(case["salt"], case["unit"]) == case["position"]
    for case in CASES["buckets"]:
        assert bucket(case["salt"], case["unit"], case["total"]) == case["bucket"]
    for case in CASES["shares"]:
        assert in_share(case["salt"], case["unit"], case["percent"]) is case["in"]
    for case in CASES["choices"]:
        arms = [(name, weight) for name, weight in case["arms"]]
        assert choose(arms, case["salt"], case["unit"]) == case["arm"]


PEOPLE = 1_000_000


def test_a_million_people_are_spread_evenly() -> None:
    counts = [0] * 100
    for number in range(PEOPLE):
        counts[bucket("spring", str(number), 100)] += 1
    assert sum((count - 10_000) ** 2 / 10_000 for count in counts) < CRITICAL


def test_a_new_arm_of_ten_percent_moves_ten_percent() -> None:
    old = [("a", 45), ("b", 45)]
    new = [*old, ("new", 10)]
    moved = 0
    for unit in map(str, range(PEOPLE)):
        after = choose(new, "spring", unit)
        if after != choose(old, "spring", unit):
            assert after == "new"
            moved += 1
    assert abs(moved / PEOPLE - 0.1) <= 0.001


def test_a_larger_share_holds_a_smaller_one() -> None:
    for unit in map(str, range(1_000)):
        held = [in_share("s", unit, percent) for percent in (0, 0.01, 10, 33.33, 99.99, 100)]
        assert held == sorted(held)
        assert (held[0], held[-1]) == (False, True)
