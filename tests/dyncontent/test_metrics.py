"""Figures for Prometheus."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from dyncontent.metrics import Metrics
from dyncontent.settings import Settings

pytestmark = pytest.mark.anyio


def _samples(metrics: Metrics) -> dict[tuple[str, frozenset[str]], float]:
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("kind", ["opens", "clicks"])
def test_each_outcome_is_counted_by_itself(kind: str) -> None:
    metrics = Metrics()
    counter = getattr(metrics, kind)
    for labels in (("DEFAULT", "X", "human"), ("DEFAULT", "X", "proxy"), ("DEFAULT", "X", "proxy")):
        counter.labels(*labels).inc()
    counted = {
        labels: value
        for (name, labels), value in _samples(metrics).items()
        if name == f"dyncontent_{kind}_total"
    }
    assert counted == {
        frozenset(("DEFAULT", "X", "human")): 1,
        frozenset(("DEFAULT", "X", "proxy")): 2,
    }


def test_the_budget_is_a_bound_of_the_histogram() -> None:
    metrics = Metrics()
    budget = Settings.model_fields["budget_ms"].default / 1000
    metrics.seconds.observe_all([budget, budget + 0.001])
    samples = _samples(metrics)
    assert samples["dyncontent_open_seconds_bucket", frozenset((str(budget),))] == 1
    assert samples["dyncontent_open_seconds_count", frozenset()] == 2


@given(st.lists(st.floats(0, 10, width=32), max_size=50))
def test_many_at_once_are_observed_as_each_by_itself(seconds: list[float]) -> None:
    together, apart = Metrics(), Metrics()
    together.seconds.observe_all(seconds)
    for one in seconds:
        apart.seconds.observe(one)
    assert _samples(together) == pytest.approx(_samples(apart))


async def test_an_open_is_told_when_it_is_asked_for_and_else_a_moment_later() -> None:
    metrics = Metrics()
    labels = ("DEFAULT", "X", "human")
    for _ in range(3):
        metrics.opened(*labels, 0.01)
    opens = ("dyncontent_opens_total", frozenset(labels))
    assert _samples(metrics)[opens] == 3
    metrics.opened(*labels, 0.01)
    counter = metrics.opens.labels(*labels)
    async with asyncio.timeout(5):
        while max(sample.value for one in counter.collect() for sample in one.samples) < 4:
            await asyncio.sleep(0.01)
    assert _samples(metrics)["dyncontent_open_seconds_count", frozenset()] == 4


def test_two_servers_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.drawn.inc()
    drawn = ("dyncontent_drawn_total", frozenset[str]())
    assert (_samples(one)[drawn], _samples(other)[drawn]) == (1, 0)


def test_every_figure_is_explained() -> None:
    metrics = Metrics()
    families = [*text_string_to_metric_families(metrics.exposition().decode())]
    assert {family.name for family in families if family.documentation} >= {
        "dyncontent_opens",
        "dyncontent_clicks",
        "dyncontent_open_seconds",
        "dyncontent_drawn",
        "dyncontent_drawing_seconds",
        "dyncontent_drawings_waiting",
        "dyncontent_drawings_shed",
        "dyncontent_refused",
        "dyncontent_feed_runs",
    }
