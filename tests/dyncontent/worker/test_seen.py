"""How the schedule goes, as the store tells it."""

from datetime import UTC, datetime, timedelta

import pytest

from dyncontent.metrics import Metrics
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from dyncontent.worker.seen import observe, scheduled
from dyncontent.worker.worker import Worker

pytestmark = pytest.mark.anyio


async def test_at_first_nothing_was_seen(store: Store) -> None:
    found = await scheduled(store)
    assert (found.worker_at, found.worker, found.sources) == (None, None, {})


async def test_a_worker_that_was_seen_is_told(store: Store) -> None:
    await Worker(store, []).once()
    found = await scheduled(store)
    assert found.worker_at is not None
    metrics = Metrics()
    await observe(store, metrics, found.worker_at + timedelta(seconds=7))
    line = f'dyncontent_worker_age_seconds{{worker="{found.worker}"}} 7.0'
    assert line in metrics.exposition().decode()


async def test_without_the_store_there_are_no_figures() -> None:
    store = Store(connect("unix:///nowhere"), Keys("x"))
    metrics = Metrics()
    metrics.worker_age.labels("old").set(1)
    await observe(store, metrics, datetime.now(UTC))
    assert "worker=" not in metrics.exposition().decode()
    await store.aclose()
