"""What rows say of products, and what becomes of those that are there."""

from typing import Any

import orjson
import pytest

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.product import Product
from dyncontent.feeds.offers import Offer, Refused, Stocked, Unlisted
from tests.dyncontent.feeds.support import offers, read


def _json(*rows: dict[str, Any]) -> bytes:
    return orjson.dumps(rows)


def _product(**fields: Any) -> Product:
    return Product.model_validate_json(orjson.dumps(fields))


def _becomes(row: dict[str, Any], before: Product | None = None, **definition: Any) -> Any:
    [offer] = offers(_json({"id": "a"} | row), **definition)
    return orjson.loads(offer.onto(before).encoded())


def _refused(row: dict[str, Any], **definition: Any) -> tuple[str, str]:
    """The field and what would be right."""
    [refused] = read(_json({"id": "a"} | row), **definition)
    assert isinstance(refused, Refused)
    [field] = refused.problem.fields
    return field.path, field.expected


def test_what_the_feed_does_not_say_stays() -> None:
    before = _product(title="T", stock=3, category="c", alternatives=["b"], attributes={"x": 1})
    after = _becomes({"price": "5 EUR"}, before)
    wanted = orjson.loads(before.encoded()) | {"price": {"amount": "5", "currency": "EUR"}}
    assert after == wanted


def test_what_is_empty_is_removed() -> None:
    before = _product(
        title="T", link="https://shop.example/a", category="c", attributes={"brand": "B", "x": 1}
    )
    after = _becomes({"link": "", "category": "", "brand": ""}, before)
    assert after == {"title": {"any": "T"}, "attributes": {"x": 1}}


def test_what_is_as_it_was_is_the_same_product() -> None:
    row = {"title": "T", "price": "5.0 EUR", "stock": 3, "brand": "B"}
    [offer] = offers(_json({"id": "a"} | row))
    first = offer.onto(None)
    assert offer.onto(first) is first
    [again] = offers(_json({"id": "a"} | row | {"price": "5.00 EUR"}))
    assert again.onto(first) is first


def test_a_title_is_of_one_language_and_leaves_the_others() -> None:
    before = _product(title={"fi": "Rooma", "en": "Rome"})
    assert _becomes({"title": "Roma"}, before, locale="en")["title"] == {
        "fi": "Rooma",
        "en": "Roma",
    }


def test_a_retired_product_comes_back() -> None:
    assert _becomes({"title": "T"}, _product(stock=5, retired=True)) == {
        "title": {"any": "T"},
        "stock": 5,
    }


@pytest.mark.parametrize(
    ("said", "before", "assumed", "after"),
    [
        (Stocked(7, None), 3, None, 7),
        (Stocked(7, True), 3, None, 7),
        (Stocked(7, False), 3, None, 0),
        (Stocked(0, True), 3, None, 0),
        (Stocked(None, False), 3, None, 0),
        (Stocked(None, True), 3, None, 3),
        (Stocked(None, True), 3, 1, 3),
        (Stocked(None, True), 0, None, None),
        (Stocked(None, True), 0, 1, 1),
        (Stocked(None, True), None, None, None),
        (Stocked(None, True), None, 1, 1),
        (Stocked(None, None), 3, 1, None),
    ],
)
def test_absent_is_not_zero(
    said: Stocked, before: int | None, assumed: int | None, after: int | None
) -> None:
    assert said.onto(before, assumed) == after


def test_a_stock_below_zero_is_none_left() -> None:
    assert _becomes({"stock": -2})["stock"] == 0
    assert _becomes({"stock": "5.00"})["stock"] == 5


@pytest.mark.parametrize(
    ("row", "now", "old"),
    [
        ({"price": "10 EUR", "sale_price": "8 EUR"}, "8", "10"),
        ({"price": "10 EUR", "sale_price": ""}, "10", None),
        ({"price": "10 EUR", "sale_price": "0 EUR"}, "10", None),
        ({"price": "10 EUR", "sale_price": "12 EUR"}, "10", None),
        ({"price": "10 EUR", "sale_price": "8 USD"}, "10", None),
        ({"price": "", "sale_price": "8 EUR"}, "8", None),
        ({"price": "10 EUR", "old_price": "12 EUR"}, "10", "12"),
        ({"price": "10 EUR", "old_price": "9 EUR"}, "10", None),
    ],
)
def test_prices_before_and_in_a_sale(row: dict[str, Any], now: str, old: str | None) -> None:
    after = _becomes(row)
    assert after["price"]["amount"] == now
    assert after.get("attributes", {}).get("regular_price", {}).get("amount") == old


@pytest.mark.parametrize(
    ("period", "on_sale"),
    [
        ({"sale_price_effective_date": "2026-10-31T23:00+00:00/2026-11-02T00:00-0800"}, True),
        ({"sale_price_effective_date": "2026-11-01T00:00+02:00/2026-11-01T00:00+00:00"}, False),
        ({"sale_price_effective_date": "2026-11-02/2026-11-03"}, False),
        ({"date_sale_price_starts": "2026-11-01"}, True),
        ({"date_sale_price_starts": "2026-11-01T00:00:01"}, False),
        ({"date_sale_price_ends": "2026-11-01"}, True),
        ({"date_sale_price_ends": "2026-10-31"}, False),
    ],
)
def test_a_sale_is_on_in_its_time(period: dict[str, str], on_sale: bool) -> None:
    after = _becomes({"price": "10 EUR", "sale_price": "8 EUR"} | period)
    assert after["price"]["amount"] == ("8" if on_sale else "10")


def test_links_have_their_prefix() -> None:
    prefix = "https://shop.example/p/"
    for link in ("/a", "a", "https://shop.example/p/a"):
        assert _becomes({"link": link}, link_prefix=prefix)["link"] == f"{prefix}a"


def test_texts_are_cut_and_addresses_are_not() -> None:
    long = {"brand": "x" * 600, "image_link": "https://shop.example/" + "x" * 600}
    attributes = _becomes(long)["attributes"]
    assert attributes == {"brand": "x" * 499 + "…"}


def test_lists() -> None:
    after = _becomes({"alternatives": "b, c|a,b", "images": ["https://x.example/1", "2"]})
    assert after["alternatives"] == ["b", "c"]
    assert after["attributes"] == {"image_link": "https://x.example/1"}


def test_attributes_are_of_their_declared_types() -> None:
    declared = {"n": "number", "f": "number", "b": "boolean", "m": "money", "t": "texts"}
    declared |= {"l": "localised", "d": "date", "i": "instant", "u": "text"}
    types = AttributeTypes.model_validate_json(orjson.dumps({"product": declared}))
    row = {"id": "a", "n": "5.0", "f": "1,5", "b": "yes", "m": "5 EUR", "t": "x,y", "l": "L"}
    row |= {"d": "2026-12-24", "i": "2026-12-24T10:00Z", "u": "U"}
    [offer] = read(_json(row), types, attributes={name: name for name in declared})
    assert isinstance(offer, Offer)
    after = orjson.loads(offer.onto(None).encoded())["attributes"]
    assert after == {
        "n": 5,
        "f": 1.5,
        "b": True,
        "m": {"amount": "5", "currency": "EUR"},
        "t": ["x", "y"],
        "l": {"any": "L"},
        "d": "2026-12-24",
        "i": "2026-12-24T10:00Z",
        "u": "U",
    }
    for name, value in {"n": "x", "b": "maybe", "m": "5", "d": "24.12.2026"}.items():
        [refused] = read(_json(row | {name: value}), types, attributes={name: name})
        assert isinstance(refused, Refused)
        assert refused.problem.fields[0].path == f"attributes.{name}"


def test_a_price_before_the_sale_is_not_kept_as_another_type() -> None:
    types = AttributeTypes.model_validate_json(b'{"product": {"regular_price": "number"}}')
    [offer] = read(_json({"id": "a", "price": "9 EUR", "sale_price": "8 EUR"}), types)
    assert isinstance(offer, Offer)
    assert "regular_price" not in offer.attributes


@pytest.mark.parametrize(
    ("row", "path", "expected"),
    [
        ({"price": "5"}, "price", "its currency"),
        ({"stock": "many"}, "stock", "a number"),
        ({"stock": "1.5"}, "stock", "a whole number"),
        ({"stock": "9999999999"}, "stock", "a whole number"),
        ({"availability": "soon"}, "availability", "in_stock"),
        ({"link": "/a"}, "link", "link_prefix"),
        ({"link": "https://evil.example/"}, "link", "allowed hosts"),
        ({"link": "javascript:alert(1)"}, "link", "https://"),
        ({"title": "x" * 2001}, "title.any", "at most 2000"),
        ({"title": "Kuld\ufffd"}, "title", "encoding"),
        ({"alternatives": "b c"}, "alternatives", "an id"),
        ({"price": "5 EUR", "sale_price": "4 EUR", "special_to_date": "?"}, "sale_to", "instant"),
        (
            {"price": "5 EUR", "sale_price": "4 EUR", "sale_price_effective_date": "today"},
            "sale_period",
            "two instants",
        ),
    ],
)
def test_what_is_wrong_is_said(row: dict[str, Any], path: str, expected: str) -> None:
    found = _refused(row)
    assert found[0] == path
    assert expected in found[1]


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 129, "a.attributes"])
def test_an_id_that_cannot_stand_in_a_url_is_refused(name: str) -> None:
    [refused] = read(_json({"id": name}))
    assert isinstance(refused, Refused)
    assert refused.id is None


def test_what_is_not_published_is_not_in_the_shop() -> None:
    assert read(_json({"id": "a", "published": False})) == [Unlisted(1, "a")]
