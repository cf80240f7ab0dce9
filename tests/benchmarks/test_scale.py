"""What is told of very many people."""

from pathlib import Path

import orjson
import pytest

from benchmarks import report, scale
from benchmarks.flat import Sample


def test_a_worker_is_flat_if_it_grows_little_after_the_first_tenth() -> None:
    resident = [100.0, *[150.0] * 9, 200.0, *[203.0] * 89]
    samples = [Sample(10 * number, one, 5, 7) for number, one in enumerate(resident, 1)]
    told, [target] = scale.flatness(samples)
    assert (told["opens"], told["warm after"]) == (1000, 100)
    assert (target.value, target.met) == (53.0, False)
    _, [target] = scale.flatness([Sample(10 * number, 200.0, 5, 7) for number in range(1, 101)])
    assert (target.value, target.met) == (0.0, True)


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
