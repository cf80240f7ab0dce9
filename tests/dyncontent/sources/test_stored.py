"""Data sources in the store."""

import pytest

from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.precondition import Precondition, PreconditionError
from dyncontent.catalog.source import SourceState, StoredSource
from dyncontent.catalog.sources import declared_by_sources
from dyncontent.sources.stored import OvertakenError, Sources
from dyncontent.store.store import Store
from rules.facts import FactType
from tests.dyncontent.sources.conftest import Forecast

pytestmark = pytest.mark.anyio


async def test_a_source_is_found_and_listed_in_order(forecast: Forecast) -> None:
    for name in ("b", "a"):
        await forecast.sources.put(name, forecast.weather.source(title=name))
    assert list(await forecast.sources.all()) == ["a", "b", "weather"]
    assert (await forecast.sources.get("a")).source.title == "a"


async def test_the_types_of_all_sources_are_declared(forecast: Forecast, store: Store) -> None:
    assert await declared_by_sources(store) == {
        "source.weather.temperature": FactType.NUMBER,
        "source.weather.summary": FactType.TEXT,
    }


async def test_a_source_that_is_not_there_is_said(store: Store) -> None:
    sources = Sources(store)
    assert await sources.all() == {}
    assert await declared_by_sources(store) == {}
    for asked in (sources.get("none"), sources.delete("none")):
        with pytest.raises(NotFoundError, match="There is no source none"):
            await asked


async def test_two_editors_do_not_overwrite_each_other(forecast: Forecast) -> None:
    before = await forecast.sources.get("weather")
    unless = Precondition(match=(before.etag,))
    after = await forecast.sources.put("weather", before.source, unless)
    assert after.etag != before.etag
    with pytest.raises(PreconditionError):
        await forecast.sources.put("weather", before.source, unless)
    with pytest.raises(PreconditionError):
        await forecast.sources.delete("weather", unless)
    await forecast.sources.delete("weather", Precondition(match=(after.etag,)))
    assert await forecast.sources.all() == {}


async def test_a_deleted_source_leaves_nothing(forecast: Forecast, store: Store) -> None:
    await forecast.fetcher.fetch("weather")
    revision = (await forecast.sources.get("weather")).revision
    await forecast.sources.delete("weather")
    keys = (store.keys.source("weather"), store.keys.source_state("weather"))
    [count] = await store.ask(("EXISTS", *keys))
    assert count == 0
    with pytest.raises(OvertakenError):
        await forecast.sources.note("weather", revision, lambda state: state)


async def test_a_definition_whose_writer_died_is_begun_by_the_next(
    forecast: Forecast, store: Store
) -> None:
    await forecast.fetcher.fetch("weather")
    stored = StoredSource(revision="new", source=forecast.weather.source(title="New"))
    await store.ask(("SET", store.keys.source("weather"), stored.encoded()))
    assert await forecast.sources.due(forecast.now) == ["weather"]
    state = await forecast.state()
    assert (state.revision, state.etag) == ("new", "")
    assert await forecast.values() == {"temperature": -3, "summary": "snow"}


async def test_only_what_facts_depend_on_is_told_to_other_processes(
    forecast: Forecast, store: Store
) -> None:
    async def told() -> int:
        [count] = await store.ask(("XLEN", store.keys.changes))
        return int(count)

    begun = await told()
    await forecast.fetcher.fetch("weather")
    assert await told() == begun + 1
    forecast.weather.status = "500 Broken"
    await forecast.fetcher.fetch("weather")
    assert await told() == begun + 1
    forecast.weather.status = "200 OK"
    forecast.wait(seconds=5)
    assert (await forecast.fetcher.fetch("weather")).outcome == "unchanged"
    assert await told() == begun + 2


async def test_a_state_is_encoded_and_read_again(forecast: Forecast) -> None:
    forecast.weather.answer = {"t": "cold", "s": "snow"}
    await forecast.fetcher.fetch("weather")
    state = await forecast.state()
    assert state.refused
    assert SourceState.model_validate_json(state.encoded()) == state
