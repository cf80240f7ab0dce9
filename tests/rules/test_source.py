from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from rules.facts import FactKey, Facts, FactType, Money, parse_key
from rules.source import Source

STOCK = parse_key("offer.stock")


def test_constants_and_what_is_bound_take_their_places() -> None:
    source = Source({})
    one, two, three = object(), object(), object()
    names = source.bind(one), source.constant(two), source.bind(three), source.constant("#0")
    found = source.careful(f"return {names[2]}, {names[3]}, {names[1]}, {names[0]}")
    assert found(Facts(), None) == (three, "#0", two, one)


def test_the_body_runs_in_order() -> None:
    source = Source({})
    test = source.careful("if offer is None:", " return 1", "return 2")
    assert (test(Facts(), None), test(Facts(), "p")) == (1, 2)


def test_what_is_not_found_out_quickly_is_left_to_another() -> None:
    source = Source({})
    stock = source.read(STOCK)
    careful = source.careful(f"return 'careful', {stock}")
    test = source.quick(f"if {stock} > 1: return 'quick'", otherwise=careful)
    seen = [test(Facts(products={"p": {"stock": stock}}), "p") for stock in (2, 1, "two")]
    assert seen == ["quick", ("careful", 1), ("careful", "two")]
    assert test(Facts(), "p") == ("careful", None)


@pytest.mark.parametrize("name", ["recipient.attributes.a", "product.p.stock", "shown.v"])
def test_what_is_absent_is_none(name: str) -> None:
    source = Source({})
    value = source.read(parse_key(name))
    assert source.careful(f"return {value}")(Facts(), None) is None


def test_a_fact_is_read_once_into_a_local() -> None:
    source = Source({})
    assert source.read(STOCK) == source.read(STOCK)
    assert source.read(STOCK) != source.read(parse_key("offer.price"))


def test_the_offer_is_the_product_that_a_call_names() -> None:
    source = Source({})
    facts = Facts(products={"p": {"stock": 1}, "q": {"stock": 2}})
    test = source.careful(f"return {source.read(STOCK)}")
    assert [test(facts, offer) for offer in ("p", "q", "r", None)] == [1, 2, None, None]


def test_an_offer_that_is_always_the_same_is_that_product() -> None:
    source = Source({}, "p")
    assert source.read(STOCK) == source.read(FactKey("product", "stock", "p"))
    assert (
        source.careful(f"return {source.read(STOCK)}")(Facts(products={"p": {"stock": 1}}), "q")
        == 1
    )


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        (FactType.DATE, "2026-12-24", date(2026, 12, 24)),
        (FactType.INSTANT, "2026-12-24T18:00Z", datetime(2026, 12, 24, 18, tzinfo=UTC)),
        (FactType.MONEY, {"amount": "1.50", "currency": "EUR"}, Money(Decimal("1.5"), "EUR")),
        (FactType.DATE, "soon", None),
        (FactType.DATE, None, None),
        (FactType.TEXT, "2026-12-24", "2026-12-24"),
        (None, "2026-12-24", "2026-12-24"),
    ],
)
def test_an_attribute_is_read_as_the_type_that_it_is_declared_with(
    kind: FactType | None, stored: Any, value: Any
) -> None:
    key = parse_key("recipient.attributes.a")
    source = Source({"recipient.attributes.a": kind} if kind else {})
    typed, plain = source.typed(key), source.read(key)
    assert source.typed(key) == typed
    facts = Facts(recipient={"attributes.a": stored})
    assert source.careful(f"return {typed}, {plain}")(facts, None) == (value, stored)


def test_a_fact_of_the_registry_is_of_its_type_already() -> None:
    source = Source({})
    key = parse_key("order.expected")
    assert source.typed(key) == source.read(key)


def test_nothing_can_be_called_but_what_is_bound() -> None:
    source = Source({})
    with pytest.raises(NameError):
        source.careful("return open")(Facts(), None)
