"""Values as others write them."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from dyncontent.ingest.read import (
    BadError,
    a_locale,
    a_person,
    a_quantity,
    an_id,
    an_instant,
    an_object,
    attribute_name,
    members,
    money,
    refused,
)


@pytest.mark.parametrize(
    ("value", "read"), [("a.b~c", "a.b~c"), (788032119674292922, "788032119674292922")]
)
def test_ids(value: Any, read: str) -> None:
    assert an_id(value, "id") == read


@pytest.mark.parametrize("value", [None, "", "a b", "x" * 129, 1.5, True, {}, "x.attributes"])
def test_what_is_no_id(value: Any) -> None:
    with pytest.raises(BadError) as caught:
        an_id(value, "a.b")
    assert caught.value.field.path == "a.b"


def test_an_address_is_never_an_id() -> None:
    hashed = f"sha256-{hashlib.sha256(b'aino@example.com').hexdigest()}"
    assert a_person(" Aino@Example.com ", "userId") == hashed
    assert a_person("aino", "userId") == "aino"


NOON = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T12:00:00+02:00",
        "2026-11-21T10:00:00",
        " 2026-11-21T10:00:00.000000000Z ",
    ],
)
def test_instants(text: str) -> None:
    assert an_instant(text, "at") == NOON


@pytest.mark.parametrize(
    "value", [None, 5, "", "soon", "2026-13-01T00:00:00Z", "1969-12-31T23:59:59Z",
              "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_what_is_no_instant(value: Any) -> None:
    with pytest.raises(BadError):
        an_instant(value, "at")


@pytest.mark.parametrize(
    ("value", "read"), [(None, 1), ("", 1), (3, 3), ("3", 3), (2.0, 2), (0, 0)]
)
def test_quantities(value: Any, read: int) -> None:
    assert a_quantity(value, "quantity") == read


@pytest.mark.parametrize("value", [-1, 1.5, "many", "12345678", True, [], 10_000_000])
def test_what_is_no_quantity(value: Any) -> None:
    with pytest.raises(BadError):
        a_quantity(value, "quantity")


@pytest.mark.parametrize(
    ("amount", "currency", "read"),
    [
        ("19.90", "EUR", "19.90"),
        (19.9, "eur", "19.9"),
        (30, "USD", "30"),
        ("0.123456", "USD", "0.1235"),
    ],
)
def test_amounts(amount: Any, currency: str, read: str) -> None:
    assert money(amount, currency) == {"amount": read, "currency": currency.upper()}


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(None, "EUR"), ("x", "EUR"), (-1, "EUR"), ("NaN", "EUR"), ("1e400", "EUR"), (True, "EUR"),
     (1, None), (1, "euro"), (1, "")],
)  # fmt: skip
def test_what_is_no_amount(amount: Any, currency: Any) -> None:
    assert money(amount, currency) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [("et", "et"), ("et_EE", "et-EE"), ("EN-us", "en-US"), ("zh-Hans-CN", "zh-CN"),
     ("english", None), ("", None), (None, None), ("e", None)],
)  # fmt: skip
def test_locales(value: Any, read: str | None) -> None:
    assert a_locale(value) == read


@pytest.mark.parametrize(
    ("name", "read"),
    [("planName", "plan_name"), ("Plan Name", "plan_name"), ("plan-name", "plan_name"),
     ("URL2", "url2"), ("__x__", "x"), ("имя", "")],
)  # fmt: skip
def test_names_of_attributes(name: str, read: str) -> None:
    assert attribute_name(name) == read


def test_objects_and_lists() -> None:
    assert an_object(None, "x") == {}
    assert list(members(["a", "b"], "x")) == [("x.0", "a"), ("x.1", "b")]
    assert list(members(None, "x")) == []
    with pytest.raises(BadError):
        an_object([], "x")
    with pytest.raises(BadError):
        list(members({}, "x"))


def test_a_refusal_shows_little_of_what_it_refuses() -> None:
    problem = refused(BadError("a", {"secret": 1}, "x"), BadError("b", ["secret"], "x"),
                      BadError("c", "x" * 999, "x"))  # fmt: skip
    assert [field.value for field in problem.fields] == ["{…}", "[…]", "x" * 200 + "…"]
    assert problem.message == "a is not as it should be"
