"""Data sources through the control plane, and their facts at an open."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from tests import samples
from tests.answering import Answering, Conversation, answering
from tests.samples import BLUE, GREEN, GREY
from tests.site import Site, running_site, site_settings

pytestmark = pytest.mark.anyio

VALUES = {
    "temperature": {"pointer": "/t", "type": "number"},
    "summary": {"pointer": "/s", "type": "text"},
}


class Weather:
    def __init__(self) -> None:
        self.answer: dict[str, Any] = {"t": 25, "s": "sun"}
        self.server = Answering()

    async def handle(self, asked: Conversation) -> None:
        body = orjson.dumps(self.answer)
        await asked.answer("200 OK", body, content_type="application/json")

    def source(self, **changes: Any) -> dict[str, Any]:
        return {"url": self.server.url("/now"), "values": VALUES, **changes}


@pytest.fixture
async def weather() -> AsyncIterator[Weather]:
    weather = Weather()
    async with answering(weather.handle) as weather.server:
        yield weather


@pytest.fixture
async def site(
    tmp_path: Path, prefix: str, store_url: str, weather: Weather
) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path, prefix, outgoing_allow=(weather.server.place,))
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running_site(settings, store_url))
        await site.fill()
        yield site


async def _problem(site: Site, method: str, path: str, body: Any = None, **more: str) -> Any:
    response = await site.api(method, path, body, **more)
    assert not response.is_success
    return response.json()


async def test_a_source_is_defined_and_told_without_its_secrets(
    site: Site, weather: Weather
) -> None:
    source = weather.source(headers={"X-Key": "hunter2"}, query={"appid": "hunter2"})
    for response in (
        await site.api("PUT", "sources/weather", source),
        await site.api("GET", "sources/weather"),
    ):
        assert response.status_code == 200
        assert "hunter2" not in response.text
        assert response.headers["etag"]
        told = response.json()
        assert told["source"] == source | {"headers": {"X-Key": None}, "query": {"appid": None}}
        assert told["state"] == {
            "fetched_at": None,
            "next_at": None,
            "error": None,
            "failing_since": None,
            "failures": 0,
            "values": {},
            "refused": [],
        }


async def test_what_was_told_can_be_saved_again(site: Site, weather: Weather) -> None:
    await site.do("PUT", "sources/weather", weather.source(headers={"X-Key": "hunter2"}))
    told = await site.do("GET", "sources/weather")
    await site.do("PUT", "sources/weather", told["source"] | {"title": "Weather"})
    await site.do("POST", "sources/weather/fetch")
    assert weather.server.asked[0].headers["x-key"] == "hunter2"


async def test_a_preview_shows_what_would_be_kept(site: Site, weather: Weather) -> None:
    weather.answer = {"t": 25, "s": 7}
    await site.do("PUT", "sources/weather", weather.source())
    assert await site.do("POST", "sources/weather/preview") == {
        "id": "weather",
        "outcome": "fetched",
        "error": None,
        "values": {"temperature": 25},
        "absent": [],
        "refused": [
            {
                "name": "summary",
                "pointer": "/s",
                "found": 7,
                "expected": "a text of at most 500 characters",
            }
        ],
    }
    assert (await site.do("GET", "sources/weather"))["state"]["values"] == {}


async def test_what_is_fetched_is_told_with_its_age(site: Site, weather: Weather) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    report = await site.do("POST", "sources/weather/fetch")
    assert (report["outcome"], report["values"]) == (
        "fetched",
        {"temperature": 25, "summary": "sun"},
    )
    state = (await site.do("GET", "sources/weather"))["state"]
    value = state["values"]["temperature"]
    assert (value["value"], value["type"], value["stale"]) == (25, "number", False)
    assert abs(datetime.fromisoformat(value["at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert datetime.fromisoformat(state["next_at"]) > datetime.fromisoformat(state["fetched_at"])


async def test_a_source_that_fails_says_why_and_since_when(site: Site, weather: Weather) -> None:
    source = weather.source(url="https://127.0.0.1/")
    await site.do("PUT", "sources/weather", source)
    report = await site.do("POST", "sources/weather/fetch")
    assert report["outcome"] == "failed"
    assert report["error"].startswith("127.0.0.1 is a loopback address, which is closed")
    state = (await site.do("GET", "sources/weather"))["state"]
    assert (state["error"], state["failures"]) == (report["error"], 1)
    assert state["failing_since"]


async def test_sources_are_listed_in_pages(site: Site, weather: Weather) -> None:
    for name in ("a", "b", "c"):
        await site.do("PUT", f"sources/{name}", weather.source(title=name.upper()))
    first = await site.do("GET", "sources?limit=2")
    assert [one["id"] for one in first["sources"]] == ["a", "b"]
    assert first["sources"][0] == {
        "id": "a",
        "title": "A",
        "url": weather.server.url("/now"),
        "fetched_at": None,
        "error": None,
    }
    last = await site.do("GET", f"sources?limit=2&cursor={first['next_cursor']}")
    assert ([one["id"] for one in last["sources"]], last["next_cursor"]) == (["c"], None)


async def test_a_source_is_forgotten(site: Site, weather: Weather) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    assert (await site.api("DELETE", "sources/weather")).status_code == 204
    for method, path in (
        ("GET", "sources/weather"),
        ("DELETE", "sources/weather"),
        ("POST", "sources/weather/preview"),
        ("POST", "sources/weather/fetch"),
    ):
        assert (await _problem(site, method, path))["status"] == 404


async def test_two_editors_do_not_overwrite_each_other(site: Site, weather: Weather) -> None:
    source = weather.source()
    first = (await site.api("PUT", "sources/weather", source)).headers["etag"]
    assert (await site.api("PUT", "sources/weather", source, if_match=first)).is_success
    for method, body in (("PUT", source), ("DELETE", None)):
        problem = await _problem(site, method, "sources/weather", body, if_match=first)
        assert problem["status"] == 412
    problem = await _problem(site, "PUT", "sources/weather", source, if_none_match="*")
    assert problem["status"] == 412


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({"url": "https://intranet.example:8443/"}, "url", "port 8443"),
        ({"url": "http://intranet.example/"}, "url", "by http://"),
        ({"values": {}}, "values", "at least 1 member"),
        ({"every": "PT1S"}, "every", "from PT10S"),
    ],
)
async def test_a_definition_that_is_wrong_is_refused_with_its_place(
    site: Site, weather: Weather, changes: dict[str, Any], path: str, expected: str
) -> None:
    problem = await _problem(site, "PUT", "sources/weather", weather.source(**changes))
    [field] = problem["fields"]
    assert (problem["status"], field["path"]) == (422, path)
    assert expected in field["expected"]


@pytest.mark.parametrize("name", ["New-York", "a.b", "1st", "a" * 65])
async def test_an_id_that_no_source_has_is_refused(site: Site, weather: Weather, name: str) -> None:
    problem = await _problem(site, "PUT", f"sources/{name}", weather.source())
    assert (problem["status"], problem["fields"][0]["path"]) == (422, "id")


# Facts

WARM = {"op": "above", "fact": "source.weather.temperature", "value": 20}


def _block() -> dict[str, Any]:
    """Green where it is warm; blue with the summary, where that is known; else grey."""
    return samples.block(
        samples.variant("warm", GREEN, f"https://{samples.HOST}/", condition=WARM),
        samples.variant(
            "told",
            BLUE,
            f"https://{samples.HOST}/",
            samples.text("{{ source.weather.summary }}"),
        ),
    )


async def _reason(site: Site) -> tuple[str, str]:
    preview = await site.do(
        "POST",
        "previews",
        {"block": samples.BLOCK, "recipient": samples.RECIPIENT, "message": samples.MESSAGE},
    )
    return preview["decision"]["reason"], preview["decision"]["detail"]


async def _grow_old(store: Store, seconds: float) -> None:
    """As if the values had been fetched so long ago."""
    sources = Sources(store)
    stored = await sources.get("weather")

    await sources.note(
        "weather",
        stored.revision,
        lambda state: state.replace(
            values={
                name: kept.replace(at=kept.at - round(seconds * 1000))
                for name, kept in state.values.items()
            }
        ),
    )


async def test_a_fact_that_no_source_declares_is_refused(site: Site) -> None:
    problem = await _problem(site, "PUT", f"blocks/{samples.BLOCK}", _block())
    [field] = problem["fields"]
    assert field["path"] == "variants.0.condition"
    assert "source.weather.temperature is not declared" in field["expected"]


async def test_a_block_shows_what_a_source_says(site: Site, weather: Weather, store: Store) -> None:
    await site.do("PUT", "sources/weather", weather.source(too_old="PT1H"))
    saved = await site.do("PUT", f"blocks/{samples.BLOCK}", _block())
    assert {one["problem"] for one in saved["warnings"]} >= {"FACT_NOT_PROVIDED"}
    await site.publish(_block())
    assert await site.colour() == GREY
    assert await _reason(site) == ("DEFAULT", "FACT_MISSING")

    await site.do("POST", "sources/weather/fetch")
    assert await site.colour() == GREEN
    saved = await site.do("PUT", f"blocks/{samples.BLOCK}", _block())
    assert "FACT_NOT_PROVIDED" not in {one["problem"] for one in saved["warnings"]}

    weather.answer = {"t": 15, "s": "rain"}
    await site.do("POST", "sources/weather/fetch")
    assert await site.colour() == BLUE

    await _grow_old(store, 3700)
    assert await site.colour() == GREY
    assert await _reason(site) == ("STALE", "FACT_STALE")
    assert "FACT_STALE" in await site.counted()

    await site.do("POST", "sources/weather/fetch")
    assert await site.colour() == BLUE
    await site.api("DELETE", "sources/weather")
    assert await site.colour() == GREY


async def test_a_text_with_a_default_is_shown_while_its_value_is_stale(
    site: Site, weather: Weather, store: Store
) -> None:
    await site.do("PUT", "sources/weather", weather.source(too_old="PT1H"))
    await site.do("POST", "sources/weather/fetch")
    text = samples.text("{{ source.weather.summary | default('?') }}")
    block = samples.block(
        samples.variant("told", BLUE, f"https://{samples.HOST}/", text)
        | {"alt": "{{ source.weather.summary | default('fine') }}"}
    )
    await site.publish(block)
    asked = {"block": samples.BLOCK, "recipient": samples.RECIPIENT, "message": samples.MESSAGE}
    assert (await site.do("POST", "previews", asked))["alt"] == "sun"
    await _grow_old(store, 3700)
    assert (await site.do("POST", "previews", asked))["alt"] == "fine"


async def test_values_of_a_source_can_be_supposed(site: Site, weather: Weather) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    await site.publish(_block())
    asked = {"block": samples.BLOCK, "recipient": samples.RECIPIENT, "message": samples.MESSAGE}
    for facts, variant in (
        ({"source.weather.temperature": 30}, "warm"),
        ({"source.weather.temperature": 10, "source.weather.summary": "rain"}, "told"),
        ({"source.weather.temperature": None}, None),
    ):
        preview = await site.do("POST", "previews", asked | {"facts": facts})
        assert preview["decision"]["variant"] == variant
    for name, value, expected in (
        ("source.weather.temperature", "30", "a number"),
        ("source.weather.rain", 1, "a value that a data source has"),
        ("source.weather", 1, "source has the facts ID.NAME"),
    ):
        problem = await _problem(site, "POST", "previews", asked | {"facts": {name: value}})
        [field] = problem["fields"]
        assert (problem["status"], field["path"]) == (422, f"facts.{name}")
        assert expected in field["expected"]


async def test_an_open_of_the_past_is_explained_by_the_values_of_then(
    site: Site, weather: Weather
) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    await site.do("POST", "sources/weather/fetch")
    await site.publish(_block())
    assert await site.colour() == GREEN
    weather.answer = {"t": 1, "s": "snow"}
    await site.do("POST", "sources/weather/fetch")
    [listed] = (await site.do("GET", f"recipients/{samples.RECIPIENT}/receipts"))["receipts"]
    told = await site.do("GET", f"receipts/{listed['id']}")
    assert told["variant"] == "warm"
    assert b'"source.weather.temperature":25' in orjson.dumps(told["facts"])


async def test_an_open_asks_nobody_and_reads_its_copy(
    site: Site, weather: Weather, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    await site.do("POST", "sources/weather/fetch")
    await site.publish(_block())
    assert await site.colour() == GREEN
    asked = len(weather.server.asked)
    read: list[Any] = []
    ask = Store.ask

    def noting(self: Store, *commands: Any) -> Any:
        read.extend(part for command in commands for part in command)
        return ask(self, *commands)

    url = (await site.links())["image"]
    monkeypatch.setattr(Store, "ask", noting)
    assert (await site.client.get(url)).status_code == 200
    assert len(weather.server.asked) == asked
    assert store.keys.recipient(samples.RECIPIENT) in read
    assert store.keys.source_state("weather") not in read


async def test_the_types_of_the_day_of_publishing_stay(
    site: Site, weather: Weather, store: Store
) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    await site.do("POST", "sources/weather/fetch")
    await site.publish(_block())
    assert await site.colour() == GREEN
    values = {"temperature": {"pointer": "/s", "type": "text"}}
    await site.do("PUT", "sources/weather", weather.source(values=values))
    await site.do("POST", "sources/weather/fetch")
    assert await site.colour() == GREY
    assert await _reason(site) == ("DEFAULT", "FACT_MISSING")


async def test_figures_tell_how_old_a_source_is(site: Site, weather: Weather) -> None:
    await site.do("PUT", "sources/weather", weather.source())
    await site.do("POST", "sources/weather/fetch")
    figures = (await site.client.get("/metrics")).text
    assert 'dyncontent_source_age_seconds{source="weather"}' in figures
    assert 'dyncontent_source_failures{source="weather"} 0.0' in figures
    await site.api("DELETE", "sources/weather")
    assert 'source="weather"' not in (await site.client.get("/metrics")).text


async def test_a_definition_in_the_store_keeps_its_secrets(
    site: Site, weather: Weather, store: Store
) -> None:
    await site.do("PUT", "sources/weather", weather.source(headers={"X-Key": "hunter2"}))
    stored = await Sources(store).get("weather")
    assert b"hunter2" in stored.encoded()
