"""What is told of very many people."""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from benchmarks import report, scale
from benchmarks.flat import Sample


def _samples(step: int, *resident: float) -> Sequence[Sample]:
    return [Sample(step * number, one, 5, 7) for number, one in enumerate(resident, 1)]


def test_a_worker_is_flat_if_it_grows_little_after_a_million_opens() -> None:
    told, [target] = scale.flatness(_samples(500_000, 100, 150, 152, 151, 156, 155.5))
    assert (told["opens"], told["warm after"]) == (3_000_000, 1_000_000)
    assert (target.value, target.met) == (5.5, False)
    assert "2,000,000 opens" in target.name


def test_of_few_opens_the_second_half_counts() -> None:
    told, [target] = scale.flatness(_samples(10, 100, 120, 150, 151))
    assert told["warm after"] == 20
    assert (target.value, target.met) == (31, False)


def test_what_was_not_measured_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    scale.write({"memory": ({"people": 1}, [report.Target("a", 1, 2)])})
    scale.write({"flat": ({"opens": 1}, [report.Target("b", 3, 2)])})
    scale.write({"memory": ({"people": 2}, [report.Target("a", 2, 2)])})
    told = orjson.loads((tmp_path / "scale.json").read_bytes())
    assert (told["memory"]["people"], told["flat"]["opens"]) == (2, 1)
    assert {one["name"]: one["met"] for one in told["targets"]} == {"a": True, "b": False}
