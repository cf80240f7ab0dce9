"""Figures in files."""

from pathlib import Path

import pytest
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families

from dyncontent.processes.figures import SharedMetrics, forget_present


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made here changes how figures are kept, in the whole process."""
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)


def _samples(metrics: SharedMetrics) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }


def _count(metrics: SharedMetrics) -> None:
    metrics.opens.labels("DEFAULT", "X", "human").inc()
    metrics.seconds.observe(0.15)
    metrics.drawings_waiting.inc()


def test_figures_of_all_are_added_up(tmp_path: Path) -> None:
    one = SharedMetrics(tmp_path, 0)
    _count(one)
    other = SharedMetrics(tmp_path, 1)
    _count(other)
    _count(other)
    for metrics in (one, other):
        samples = _samples(metrics)
        assert samples["dyncontent_opens_total", "DEFAULT,X,human"] == 3
        assert samples["dyncontent_open_seconds_count", ""] == 3
        assert samples["dyncontent_open_seconds_bucket", "0.1"] == 0
        assert samples["dyncontent_open_seconds_bucket", "0.15"] == 3
        assert samples["dyncontent_drawings_waiting", ""] == 3
        assert samples["dyncontent_processes", ""] == 2


def test_who_comes_in_the_place_of_another_counts_on(tmp_path: Path) -> None:
    witness = SharedMetrics(tmp_path, 0)
    _count(SharedMetrics(tmp_path, 1))
    forget_present(tmp_path, 1)
    samples = _samples(witness)
    assert samples["dyncontent_opens_total", "DEFAULT,X,human"] == 1
    assert samples["dyncontent_drawings_waiting", ""] == 0
    assert samples["dyncontent_processes", ""] == 1
    _count(SharedMetrics(tmp_path, 1))
    samples = _samples(witness)
    assert samples["dyncontent_opens_total", "DEFAULT,X,human"] == 2
    assert samples["dyncontent_drawings_waiting", ""] == 1
    assert samples["dyncontent_processes", ""] == 2


def test_what_the_store_tells_is_told_once_and_forgotten(tmp_path: Path) -> None:
    one, other = SharedMetrics(tmp_path, 0), SharedMetrics(tmp_path, 1)
    for metrics in (one, other):
        metrics.source_age.labels("weather").set(7)
    assert _samples(one)["dyncontent_source_age_seconds", "weather"] == 7
    one.source_age.clear()
    assert ("dyncontent_source_age_seconds", "weather") not in _samples(one)


def test_a_family_stands_once(tmp_path: Path) -> None:
    lines = SharedMetrics(tmp_path, 0).exposition().decode().splitlines()
    families = [line for line in lines if line.startswith("# TYPE")]
    assert len(families) == len(set(families)) > 5
