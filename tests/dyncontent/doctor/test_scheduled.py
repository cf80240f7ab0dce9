"""Whether what is scheduled is done, as doctor sees it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from dyncontent.catalog.feed import Feed
from dyncontent.catalog.source import DataSource
from dyncontent.doctor.finding import Finding
from dyncontent.doctor.scheduled import examine_schedule
from dyncontent.feeds.stored import Feeds
from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from dyncontent.worker.worker import Worker
from tests.site import site_settings

pytestmark = pytest.mark.anyio

SOURCE = DataSource.model_validate_json(
    orjson.dumps(
        {"url": "https://a.example/", "values": {"t": {"pointer": "/t", "type": "number"}}}
    )
)


class Examined:
    def __init__(self, store_url: str, prefix: str, folder: Path) -> None:
        self._url, self._prefix, self._folder = store_url, prefix, folder

    async def __call__(self, *, serves: bool = False) -> list[Finding]:
        settings = site_settings(self._folder, self._prefix, worker=serves)
        return await examine_schedule(self._url, settings)


@pytest.fixture
def examined(store_url: str, prefix: str, tmp_path: Path) -> Examined:
    return Examined(store_url, prefix, tmp_path)


async def test_where_nothing_is_scheduled_no_worker_is_missed(examined: Examined) -> None:
    [worker] = await examined()
    assert (worker.check, worker.severity) == ("worker", "ok")
    assert "nothing waits" in worker.found


async def test_a_worker_is_missed_by_sources_and_feeds(examined: Examined, store: Store) -> None:
    await Sources(store).put("weather", SOURCE)
    feed = Feed.model_validate_json(b'{"url": "https://a.example/f", "every": "PT1H"}')
    await Feeds(store).put("shop", feed)
    await Feeds(store).put("by-hand", Feed())
    [worker] = await examined()
    assert worker.severity == "error"
    assert worker.found.startswith("none was seen ever: 1 data source and 1 feed are not")
    assert "dyncontent worker" in worker.advice


async def test_a_worker_that_was_seen_is_well(examined: Examined, store: Store) -> None:
    await Sources(store).put("weather", SOURCE)
    await Worker(store, []).once()
    [worker] = await examined()
    assert (worker.severity, " was seen " in worker.found) == ("ok", True)


async def test_a_worker_that_was_seen_long_ago_is_missed(examined: Examined, store: Store) -> None:
    await Sources(store).put("weather", SOURCE)
    seen = {"at": datetime.now(UTC) - timedelta(hours=1), "by": "a:1"}
    await store.ask(("SET", store.keys.worker, orjson.dumps(seen)))
    [worker] = await examined()
    assert (worker.severity, "none was seen since" in worker.found) == ("error", True)


async def test_a_server_that_works_itself_is_well(examined: Examined, store: Store) -> None:
    await Sources(store).put("weather", SOURCE)
    [worker] = await examined(serves=True)
    assert (worker.severity, "dyncontent serve" in worker.found) == ("ok", True)


async def test_what_fails_is_told(examined: Examined, store: Store) -> None:
    stored = await Sources(store).put("weather", SOURCE)
    since = datetime(2026, 11, 24, 12, tzinfo=UTC)
    await Sources(store).note(
        "weather",
        stored.revision,
        lambda state: state.replace(error="a.example answers 500", failing_since=since),
    )
    _, source = await examined(serves=True)
    assert (source.check, source.severity) == ("source weather", "warning")
    assert source.found == "fails since 2026-11-24 12:00 UTC: a.example answers 500"


async def test_a_store_that_does_not_answer_is_no_finding_here(tmp_path: Path) -> None:
    assert await Examined("unix:///nowhere", "x", tmp_path)() == []
