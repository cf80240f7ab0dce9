"""What is in the results is drawn, and what is not there is not."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks import plots, report
from benchmarks.compared import COST

OURS = {COST: 0.2, "resident MB": 150.0}
OTHER = {COST: 12.0, "resident MB": 20.0}
DELAYS = {"changes": 3, "p50": 0.0, "p99": 2.5, "max": 900.0}


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    return tmp_path


def _write(results: Path, name: str, told: Any) -> None:
    (results / f"{name}.json").write_bytes(orjson.dumps(told))


def _texts(path: Path) -> list[str]:
    root = ElementTree.parse(path).getroot()
    return ["".join(one.itertext()) for one in root if one.tag.endswith("text")]


def test_without_results_there_is_nothing(results: Path) -> None:
    plots.draw()
    assert not list(results.iterdir())


def test_some_scenarios_are_drawn_alone(results: Path) -> None:
    told = {"closed loop": {"dyncontent": OURS, "thumbor": OTHER}}
    _write(results, "opens", {"scenarios": {"personal": told}})
    plots.draw()
    assert [one.name for one in results.glob("*.svg")] == ["cost.svg"]
    texts = _texts(results / "cost.svg")
    assert texts.index("dyncontent") < texts.index("thumbor")
    assert "12.0 s" in texts


def test_everything_is_drawn(results: Path) -> None:
    points = [{"a second": 100.0 * one, "milliseconds": {"p99": 1.0 * one}} for one in (1, 2)]
    cached = {"closed loop": {"dyncontent": OURS}, "curve": {"dyncontent": points}}
    samples = [{"opens": 1000 * one, "resident_mb": 100 + one} for one in (1, 2, 3)]
    _write(results, "opens", {"scenarios": {"cached": cached}})
    _write(results, "freshness", {"milliseconds": {"full load": DELAYS}})
    _write(results, "scale", {"memory": {"bytes of a person": 561.0}, "flat": {"samples": samples}})
    plots.draw()
    drawn = {one.stem: _texts(one) for one in results.glob("*.svg")}
    assert set(drawn) == {"opens", "cost", "freshness", "memory", "flat"}
    assert {"561 MB", plots.VALKEY, "150 MB"} <= set(drawn["memory"])
    assert {"0 ms", "2.5 ms", "900 ms"} <= set(drawn["freshness"])
