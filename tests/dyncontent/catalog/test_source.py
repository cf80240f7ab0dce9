"""Definitions of data sources, and what is kept of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from dyncontent.catalog.source import (
    REACH,
    DataSource,
    KeptFacts,
    KeptValue,
    SourceState,
    StoredSource,
    length,
    merged,
)
from dyncontent.outgoing.reach import Reach
from rules.facts import NOTHING, STALE, FactType, Money

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "url": "https://weather.example/now?city=tallinn",
    "values": {"temperature": {"pointer": "/current/t", "type": "number"}},
}


def source(**changes: Any) -> DataSource:
    return DataSource.model_validate_json(
        orjson.dumps({**GOOD, **changes}), context={REACH: Reach()}
    )


def test_a_definition_has_sensible_defaults() -> None:
    assert (source().every, source().too_old, source().timeout) == ("PT15M", "P1D", "PT10S")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "http://weather.example/"}, "by http://"),
        ({"url": "https://weather.example:22/"}, "port 22"),
        ({"url": "https://user:pass@weather.example/"}, "no name and password"),
        ({"url": "https://weather.example/#now"}, "without #"),
        ({"url": "https://[::1/"}, "a web address"),
        ({"url": "https:///path"}, "a web address with a host"),
        ({"url": "ftp://weather.example/"}, "pattern"),
        ({"url": "https://weather.example/ä"}, "pattern"),
        ({"every": "PT9S"}, "from PT10S to P31D"),
        ({"every": "P32D", "too_old": "P60D"}, "from PT10S to P31D"),
        ({"every": "P1M"}, "has weeks, days"),
        ({"every": "hourly"}, "ISO 8601"),
        ({"timeout": "PT2M"}, "from PT1S to PT1M"),
        ({"every": "P1D", "too_old": "P1D"}, "too_old is longer than every"),
        ({"headers": {"Host": "internal"}}, "set by the server itself"),
        ({"headers": {"X-Key": "a\nb"}}, "one line of ASCII"),
        ({"headers": {"X Key": "a"}}, "pattern"),
        ({"headers": {"X-Key": "a", "x-key": "b"}}, "two headers have the same name"),
        ({"headers": {"X-Key": ""}}, "at least 1"),
        ({"values": {}}, "at least 1"),
        ({"values": {"Temperature": {"pointer": "/t", "type": "number"}}}, "pattern"),
        ({"values": {"t": {"pointer": "t", "type": "number"}}}, "pattern"),
        ({"values": {"t": {"pointer": "/t", "type": "localised"}}}, "Input should be"),
        ({"values": {"t": {"pointer": "/t", "type": "text", "currency": "EUR"}}}, "only money"),
        ({"password": "x"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        source(**changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PT90S", timedelta(seconds=90)), ("P1DT1H", timedelta(hours=25)), ("P1W", timedelta(7))],
)
def test_a_day_has_24_hours(text: str, expected: timedelta) -> None:
    assert length(text) == expected


# Secrets


def test_secrets_are_not_told() -> None:
    told = source(headers={"X-Key": "hunter2"}, query={"appid": "hunter2"}).told
    assert "hunter2" not in told.model_dump_json()
    assert (told.headers, told.query) == ({"X-Key": None}, {"appid": None})
    assert told.unknown_secrets == ["X-Key", "appid"]


def test_a_secret_that_is_not_sent_again_stays() -> None:
    before = source(headers={"X-Key": "one", "X-Old": "x"}, query={"appid": "two"})
    after = source(headers={"X-Key": None, "X-New": "y"}, query={"appid": None}, title="New")
    complete = after.following(before)
    assert complete.headers == {"X-Key": "one", "X-New": "y"}
    assert complete.query == {"appid": "two"}
    assert complete.title == "New"
    assert complete.unknown_secrets == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://weather.example:80/",
        "https://weather.example.evil.example/",
        "http://weather.example/",
    ],
)
def test_a_secret_never_goes_to_another_origin(url: str) -> None:
    before = source(headers={"X-Key": "hunter2"}, query={"appid": "hunter2"})
    raw = orjson.dumps({**GOOD, "url": url, "headers": {"X-Key": None}, "query": {"appid": None}})
    after = DataSource.model_validate_json(raw)
    assert after.following(before).unknown_secrets == ["X-Key", "appid"]


def test_another_path_of_the_origin_keeps_the_secrets() -> None:
    after = source(url="https://WEATHER.example/v2", headers={"X-Key": None})
    assert after.following(source(headers={"X-Key": "k"})).headers == {"X-Key": "k"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/now", "https://a.example/now?appid=a%26b"),
        ("https://a.example/now?q=1", "https://a.example/now?q=1&appid=a%26b"),
    ],
)
def test_the_query_is_added_to_the_address(url: str, expected: str) -> None:
    assert source(url=url, query={"appid": "a&b"}).address == expected
    assert source(url=url).address == url


# Values


def test_the_types_of_values_are_declared() -> None:
    assert source().declared("weather") == {"source.weather.temperature": FactType.NUMBER}


def _kept(value: Any, type: FactType, age: float, name: str = "temperature") -> KeptValue:
    at = round((NOW.timestamp() - age) * 1000)
    return KeptValue(value=value, type=type, at=at, mark=source().mark("temperature"))


def _state(**values: KeptValue) -> SourceState:
    return SourceState(revision="r", too_old=3600, values=values)


def test_values_become_facts() -> None:
    state = _state(
        text=_kept("rain", FactType.TEXT, 0),
        number=_kept(-3.5, FactType.NUMBER, 0),
        boolean=_kept(False, FactType.BOOLEAN, 0),
        money=_kept({"amount": "1.90", "currency": "EUR"}, FactType.MONEY, 0),
        date=_kept("2026-12-24", FactType.DATE, 0),
        instant=_kept("2026-12-24T18:00:00+02:00", FactType.INSTANT, 0),
        texts=_kept(["a", "b"], FactType.TEXTS, 0),
    )
    raw = state.model_dump_json(exclude_defaults=True).encode()
    assert KeptFacts.decode("s", raw).at(NOW) == {
        "s.text": "rain",
        "s.number": -3.5,
        "s.boolean": False,
        "s.money": Money(Decimal("1.90"), "EUR"),
        "s.date": date(2026, 12, 24),
        "s.instant": datetime(2026, 12, 24, 16, tzinfo=UTC),
        "s.texts": ("a", "b"),
    }


@pytest.mark.parametrize(
    ("age", "fact"), [(0, 5), (3600, 5), (3600.002, STALE), (10**6, STALE), (-60, 5)]
)
def test_a_value_is_stale_by_the_moment_of_the_open(age: float, fact: Any) -> None:
    facts = KeptFacts("s", _state(t=_kept(5, FactType.NUMBER, age)))
    assert facts.at(NOW) == {"s.t": fact}
    assert facts.at(NOW - timedelta(seconds=age)) == {"s.t": 5}


def test_each_value_has_its_own_age() -> None:
    facts = KeptFacts(
        "s",
        _state(old=_kept(1, FactType.NUMBER, 4000), new=_kept(2, FactType.NUMBER, 10)),
    )
    assert facts.at(NOW) == {"s.old": STALE, "s.new": 2}


def test_without_values_there_are_no_facts() -> None:
    assert KeptFacts("s", _state()).at(NOW) == {}


def test_facts_of_several_sources_are_merged() -> None:
    assert merged([]) is NOTHING
    assert merged([{"a.x": 1}]) == {"a.x": 1}
    assert merged([{"a.x": 1}, {"b.x": 2}]) == {"a.x": 1, "b.x": 2}


def test_after_another_definition_what_comes_from_where_it_came_from_is_kept() -> None:
    old = source(
        values={
            "same": {"pointer": "/a", "type": "number"},
            "moved": {"pointer": "/b", "type": "number"},
            "retyped": {"pointer": "/c", "type": "number"},
            "gone": {"pointer": "/d", "type": "number"},
        }
    )
    new = source(
        values={
            "same": {"pointer": "/a", "type": "number"},
            "moved": {"pointer": "/bb", "type": "number"},
            "retyped": {"pointer": "/c", "type": "text"},
            "new": {"pointer": "/e", "type": "number"},
        },
        too_old="P2D",
    )
    before = SourceState(
        revision="1",
        too_old=1,
        etag='"e"',
        fetched_at=NOW,
        next_at=NOW,
        error="no",
        failures=3,
        fetched=9,
        failed=4,
        values={
            name: KeptValue(value=1, type=FactType.NUMBER, at=1, mark=old.mark(name))
            for name in old.values
        },
    )
    after = SourceState.of(StoredSource(revision="2", source=new), before)
    assert after.values.keys() == {"same"}
    assert (after.revision, after.too_old) == ("2", 2 * 86400)
    assert (after.etag, after.error, after.failures, after.next_at) == ("", "", 0, None)
    assert (after.fetched, after.failed) == (9, 4)


def test_values_of_another_address_are_other_values() -> None:
    assert source().mark("temperature") != source(url="https://b.example/").mark("temperature")
