"""What an answer holds."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.source import KeptValue, SourceValue
from dyncontent.sources.extract import NotJsonError, extract, look_up
from rules.facts import FactType
from rules.values import is_of

KINDS = ("text", "number", "money", "boolean", "instant", "date", "texts")


def value(pointer: str, type: str, currency: str | None = None) -> SourceValue:
    return SourceValue(pointer=pointer, type=type, currency=currency)  # type: ignore[arg-type]


def _read(found: Any, type: str, currency: str | None = None) -> Any:
    kept = extract(orjson.dumps({"a": found}), {"x": value("/a", type, currency)})
    assert kept.refused == ()
    return kept.values["x"]


@pytest.mark.parametrize(
    ("type", "found", "currency", "kept"),
    [
        ("text", "", None, ""),
        ("text", "x" * 500, None, "x" * 500),
        ("number", 0, None, 0),
        ("number", -3.5, None, -3.5),
        ("boolean", False, None, False),
        ("date", "2026-12-24", None, "2026-12-24"),
        ("instant", "2026-12-24T18:00+02:00", None, "2026-12-24T18:00+02:00"),
        ("instant", 1798131600, None, "2026-12-24T17:00:00+00:00"),
        ("texts", [], None, []),
        ("texts", ["a", "b"], None, ["a", "b"]),
        ("money", {"amount": "1.90", "currency": "SEK"}, None, None),
        ("money", 1.9, "EUR", {"amount": "1.9", "currency": "EUR"}),
        ("money", 2, "EUR", {"amount": "2", "currency": "EUR"}),
        ("money", "0.0001", "EUR", {"amount": "0.0001", "currency": "EUR"}),
    ],
)
def test_a_value_of_its_type_is_kept(
    type: str, found: Any, currency: str | None, kept: Any
) -> None:
    assert _read(found, type, currency) == (found if kept is None else kept)


@pytest.mark.parametrize(
    ("type", "found", "expected"),
    [
        ("text", 1, "a text of at most 500"),
        ("text", "x" * 501, "a text of at most 500"),
        ("text", ["a"], "a text of at most 500"),
        ("number", "1", "a number"),
        ("number", True, "a number"),
        ("number", 2**63, "a number"),
        ("number", [], "a number"),
        ("boolean", 1, "true or false"),
        ("boolean", "true", "true or false"),
        ("date", "24.12.2026", "a day such as"),
        ("date", 20261224, "a day such as"),
        ("instant", "2026-12-24T18:00", "an instant such as"),
        ("instant", 1e300, "an instant such as"),
        ("instant", True, "an instant such as"),
        ("texts", "a", "at most 200 texts"),
        ("texts", ["a", 1], "at most 200 texts"),
        ("texts", ["a"] * 201, "at most 200 texts"),
        ("money", 1.9, "or name the currency"),
        ("money", {"amount": "-1", "currency": "EUR"}, "or name the currency"),
        ("money", {"amount": "1"}, "or name the currency"),
    ],
)
def test_a_value_of_another_type_is_refused_and_told(type: str, found: Any, expected: str) -> None:
    body = orjson.dumps({"a": found, "b": 7})
    kept = extract(body, {"x": value("/a", type), "y": value("/b", "number")})
    [refused] = kept.refused
    assert (refused.name, refused.pointer) == ("x", "/a")
    assert expected in refused.expected
    assert len(str(refused.found)) <= 201
    assert kept.values == {"y": 7}


@pytest.mark.parametrize("found", [-1, "1,90", 0.12345, 10**16, True, {}, "1e3", float(10**22)])
def test_an_amount_that_is_none_is_refused(found: Any) -> None:
    kept = extract(orjson.dumps([found]), {"x": value("/0", "money", "EUR")})
    assert "not negative" in kept.refused[0].expected


def test_null_is_no_value_and_nothing_at_all_is_told() -> None:
    wanted = {"null": value("/a", "text"), "missing": value("/b", "text")}
    kept = extract(b'{"a": null}', wanted)
    assert kept.absent == {"null"}
    [refused] = kept.refused
    assert (refused.name, refused.found) == ("missing", None)
    assert "the answer has nothing there" in refused.expected


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_told(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        extract(body, {"x": value("", "text")})


DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, "~1": 9, " ": 7}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/ ", 7),
    ],
)
def test_pointers_are_read_as_rfc_6901_says(pointer: str, expected: Any) -> None:
    assert look_up(DOCUMENT, pointer) == expected


@pytest.mark.parametrize(
    "pointer", ["/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/x", "/x", "/foo/0/a", "/foo/٠"]
)
def test_what_a_pointer_does_not_find_is_not_there(pointer: str) -> None:
    nothing = look_up({}, "/nothing")
    assert look_up(DOCUMENT, pointer) is nothing


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(json, st.sampled_from(KINDS), st.booleans())
def test_what_is_kept_is_a_fact_of_its_type(found: Any, type: str, has_currency: bool) -> None:
    try:
        body = orjson.dumps(found)
    except TypeError:  # an integer that orjson cannot write
        return
    currency = "EUR" if type == "money" and has_currency else None
    kept = extract(body, {"x": value("", type, currency)})
    assert len(kept.values) + len(kept.absent) + len(kept.refused) == 1
    for one in kept.values.values():
        stored = KeptValue(value=one, type=FactType(type), at=0, mark="")
        again = KeptValue.model_validate_json(stored.model_dump_json())
        assert is_of(FactType(type), again.fact)
