"""A source is asked, and what it answers is kept with its age."""

import asyncio
from typing import Any

import pytest

from dyncontent.outgoing.client import Outgoing
from dyncontent.outgoing.reach import Reach
from dyncontent.sources.fetching import LEAST_PAUSE_SECONDS, Fetcher, Report
from dyncontent.sources.stored import OvertakenError
from dyncontent.store.store import Store
from tests.answering import Conversation, answering
from tests.dyncontent.sources.conftest import Forecast, Weather

pytestmark = pytest.mark.anyio


async def test_what_is_fetched_is_kept(forecast: Forecast) -> None:
    report = await forecast.fetcher.fetch("weather")
    assert report == Report("fetched", {"temperature": -3, "summary": "snow"})
    assert await forecast.values() == report.values
    assert await forecast.ages() == {"temperature": 0, "summary": 0}
    state = await forecast.state()
    assert state.fetched_at == forecast.now
    assert (state.fetched, state.failed, state.error) == (1, 0, "")


async def test_a_preview_writes_nothing(forecast: Forecast) -> None:
    before = await forecast.state()
    report = await forecast.fetcher.preview("weather")
    assert report.values == {"temperature": -3, "summary": "snow"}
    assert await forecast.state() == before


async def test_a_preview_tells_what_went_wrong(forecast: Forecast) -> None:
    forecast.weather.status = "401 Unauthorized"
    report = await forecast.fetcher.preview("weather")
    assert (report.outcome, report.error) == ("failed", "127.0.0.1 answers 401 Unauthorized")
    assert (await forecast.state()).error == ""


async def test_secrets_are_sent(forecast: Forecast) -> None:
    await forecast.define(headers={"X-Key": "hunter2"}, query={"appid": "hunter3"})
    await forecast.fetcher.fetch("weather")
    [asked] = forecast.weather.server.asked
    assert asked.target == "/now?appid=hunter3"
    assert asked.headers["x-key"] == "hunter2"


async def test_without_its_secret_a_source_is_not_asked(forecast: Forecast) -> None:
    await forecast.define(headers={"X-Key": None})
    report = await forecast.fetcher.fetch("weather")
    assert report.error == "X-Key has no value yet: save the source with it"
    assert (await forecast.state()).error == report.error
    assert forecast.weather.server.asked == []


async def test_what_has_not_changed_gets_young_again(forecast: Forecast) -> None:
    await forecast.fetcher.fetch("weather")
    forecast.wait(hours=1)
    assert await forecast.ages() == {"temperature": 3600, "summary": 3600}
    assert (await forecast.fetcher.fetch("weather")).outcome == "unchanged"
    assert await forecast.ages() == {"temperature": 0, "summary": 0}
    assert (await forecast.state()).fetched_at == forecast.now


async def test_what_changes_is_replaced(forecast: Forecast) -> None:
    await forecast.fetcher.fetch("weather")
    forecast.weather.answer = {"t": 5, "s": "rain"}
    assert (await forecast.fetcher.fetch("weather")).outcome == "fetched"
    assert await forecast.values() == {"temperature": 5, "summary": "rain"}


async def test_what_is_refused_stays_and_gets_older_while_the_rest_is_new(
    forecast: Forecast,
) -> None:
    await forecast.fetcher.fetch("weather")
    forecast.wait(minutes=10)
    forecast.weather.answer = {"t": 1, "s": "x" * 501}
    report = await forecast.fetcher.fetch("weather")
    assert [one.name for one in report.refused] == ["summary"]
    assert await forecast.values() == {"temperature": 1, "summary": "snow"}
    assert await forecast.ages() == {"temperature": 0, "summary": 600}
    assert [one.name for one in (await forecast.state()).refused] == ["summary"]
    forecast.wait(minutes=10)
    assert (await forecast.fetcher.fetch("weather")).outcome == "unchanged"
    assert await forecast.ages() == {"temperature": 0, "summary": 1200}


async def test_what_is_null_is_gone(forecast: Forecast) -> None:
    await forecast.fetcher.fetch("weather")
    forecast.weather.answer = {"t": None, "s": "rain"}
    report = await forecast.fetcher.fetch("weather")
    assert report.absent == ("temperature",)
    assert await forecast.values() == {"summary": "rain"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "503 Busy"}, "127.0.0.1 answers 503 Service Unavailable"),
        ({"answer": b"<html>"}, "the answer is no JSON: "),
        (
            {"headers": {"content_type": "text/html"}, "answer": {"t": 9}},
            "127.0.0.1 sends text/html, not",
        ),
        ({"answer": b'"' + bytes(1024 * 1024) + b'"'}, "sends more than 1048576 bytes"),
    ],
)
async def test_a_request_that_comes_to_nothing_leaves_the_values_to_get_older(
    forecast: Forecast, changes: dict[str, Any], told: str
) -> None:
    await forecast.fetcher.fetch("weather")
    forecast.wait(hours=2)
    began = forecast.now
    vars(forecast.weather).update(changes)
    for failures in (1, 2):
        assert (await forecast.fetcher.fetch("weather")).outcome == "failed"
        state = await forecast.state()
        assert told in state.error
        assert (state.failures, state.failing_since) == (failures, began)
        forecast.wait(minutes=1)
    assert await forecast.values() == {"temperature": -3, "summary": "snow"}
    assert (await forecast.ages())["temperature"] == 7320
    vars(forecast.weather).update(vars(Weather()) | {"server": forecast.weather.server})
    await forecast.fetcher.fetch("weather")
    state = await forecast.state()
    assert (state.error, state.failures, state.failing_since) == ("", 0, None)
    assert (state.fetched, state.failed) == (4, 2)


async def _pause(forecast: Forecast) -> float:
    """Seconds until the source is asked again."""
    await forecast.fetcher.fetch("weather")
    due = (await forecast.state()).next_at
    assert due is not None
    return (due - forecast.now).total_seconds()


async def test_a_source_is_asked_again_a_little_before_its_interval_is_over(
    forecast: Forecast,
) -> None:
    pauses = [await _pause(forecast) for _ in range(10)]
    assert all(0.9 * 900 <= pause <= 900 for pause in pauses)
    assert len(set(pauses)) > 1


async def test_pauses_get_longer_while_a_source_fails(forecast: Forecast) -> None:
    forecast.weather.status = "500 Broken"
    pauses = [await _pause(forecast) for _ in range(8)]
    wanted = [30, 60, 120, 240, 480, *[LEAST_PAUSE_SECONDS] * 3]
    for pause, least in zip(pauses, wanted, strict=True):
        assert least <= pause <= least * 1.1 + 0.001


async def test_who_wants_to_be_left_alone_is(forecast: Forecast) -> None:
    forecast.weather.status = "429 Slowly"
    forecast.weather.headers = {"retry_after": "3600"}
    assert 3600 <= await _pause(forecast) <= 3961
    forecast.weather.headers = {"retry_after": "999999999"}
    assert await _pause(forecast) <= 24 * 3600 * 1.1 + 1


async def test_on_its_schedule_a_source_is_asked_when_it_is_due(forecast: Forecast) -> None:
    asked = forecast.weather.server.asked
    await forecast.fetcher.fetch_if_due("weather")
    await forecast.fetcher.fetch_if_due("weather")
    assert len(asked) == 1
    assert await forecast.sources.due(forecast.now) == []
    forecast.wait(minutes=15)
    assert await forecast.sources.due(forecast.now) == ["weather"]
    await forecast.fetcher.fetch_if_due("weather")
    assert len(asked) == 2


async def test_a_source_that_fails_is_logged_once(
    forecast: Forecast, caplog: pytest.LogCaptureFixture
) -> None:
    forecast.weather.status = "500 Broken"
    for _ in range(3):
        await forecast.fetcher.fetch_if_due("weather")
        forecast.wait(hours=1)
    assert [record.getMessage() for record in caplog.records if "weather" in record.message] == [
        "the source weather is not fetched: 127.0.0.1 answers 500 Internal Server Error"
    ]


async def test_an_answer_to_an_older_definition_is_dropped(forecast: Forecast) -> None:
    comes, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly(asked: Conversation) -> None:
        comes.set()
        await goes_on.wait()
        await forecast.weather.handle(asked)

    async with answering(slowly) as server:
        fetcher = Fetcher(forecast.sources, Outgoing(Reach.of([server.place])))
        await forecast.define(url=server.url())
        fetching = asyncio.create_task(fetcher.fetch("weather"))
        await comes.wait()
        await forecast.define(url=server.url("/other"))
        goes_on.set()
        with pytest.raises(OvertakenError):
            await fetching
    assert await forecast.values() == {}


async def test_what_is_provided_is_known_to_those_who_check_blocks(
    forecast: Forecast, store: Store
) -> None:
    await forecast.fetcher.fetch("weather")
    [names] = await store.ask(("SMEMBERS", store.keys.provided))
    assert names == {b"source.weather.temperature", b"source.weather.summary"}
