"""What events make of a product, and of its variants."""

import pytest

from dyncontent.catalog.product import MOST_STOCK, Product
from dyncontent.ingest import product as product_module
from dyncontent.ingest.happenings import Parts
from dyncontent.ingest.product import PartLedger, ProductState
from dyncontent.ingest.stamps import Stamp


def at(instant: int, event: str = "") -> Stamp:
    return instant, 0, event or f"event-{instant}"


def test_of_two_stocks_at_once_the_lower_holds() -> None:
    product = ProductState(Product(), None)
    product.take({"stock": 3}, at(1, "a"))
    product.take({"stock": 5}, at(1, "b"))
    assert product.document == Product(stock=3)
    product.take({"stock": None}, at(2))
    assert product.document == Product()


def test_a_stock_that_was_there_before_events_stays_until_one_tells_of_it() -> None:
    product = ProductState(Product(stock=3), None)
    product.take({"category": "a"}, at(1))
    assert product.document == Product(stock=3, category="a")
    product.take({"stock": 2}, at(0))
    assert product.document == Product(stock=2, category="a")


def test_what_the_control_plane_said_of_a_stock_holds() -> None:
    product = ProductState(Product(stock=3).written(5, ["stock"]), None)
    product.take({"stock": 9}, at(5))
    product.divide(Parts("p", totals={"a": 7}), at(4))
    assert product.document is not None
    assert product.document.stock == 3
    product.divide(Parts("p", totals={"a": 7}), at(6))
    assert product.document.stock == 7


def test_variants_add_up() -> None:
    product = ProductState(Product(), None)
    product.divide(Parts("p", ("a", "b", "c"), {"a": 2, "b": 3, "c": None}), at(1))
    assert product.document == Product(stock=5)
    product.divide(Parts("p", ("a",)), at(2))
    assert product.document == Product(stock=2)
    product.divide(Parts("p", totals={"a": -4}), at(3))
    assert product.document == Product(stock=0)


def test_where_places_tell_their_levels_these_count() -> None:
    product = ProductState(Product(), None)
    part = PartLedger(number=1)
    part.level("tallinn", 4, at(2))
    part.level("tartu", 1, at(1))
    product.divide(Parts("p", ("a",), {"a": 50}), at(3))
    product.have_part("a", part.levels, part.number)
    assert product.document == Product(stock=5)
    product.have_part("a", {}, 0)
    assert product.document == Product(stock=5)


def test_of_two_levels_at_once_the_lower_holds() -> None:
    part = PartLedger()
    for event, left in (("a", 4), ("c", 2), ("b", 3)):
        part.level("tallinn", left, at(1, event))
    assert part.levels["tallinn"][1] == 2
    part.level("tallinn", 9, at(0))
    assert part.levels["tallinn"][1] == 2


def test_very_many_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product_module, "MOST_PLACES", 2)
    part = PartLedger()
    for instant, place in enumerate("abc"):
        part.level(place, 1, at(instant))
    assert part.levels.keys() == {"b", "c"}


def test_whose_a_variant_is_does_not_rest_on_who_tells_first() -> None:
    one, other = PartLedger(), PartLedger()
    for product in ("p", "q"):
        one.belong(product)
    for product in ("q", "p"):
        other.belong(product)
    assert one.product == other.product


def test_what_is_gone_is_retired_until_it_is_there_again() -> None:
    product = ProductState(Product(stock=3), None)
    product.end(at(2), gone=True)
    product.end(at(1), gone=False)
    assert product.document == Product(stock=3, retired=True)
    product.take({"retired": False}, at(3))
    assert product.document == Product(stock=3)


def test_what_is_gone_before_it_is_known_is_retired_once_it_is() -> None:
    product = ProductState(None, None)
    product.end(at(2), gone=True)
    product.divide(Parts("p", totals={"a": 7}), at(1))
    assert product.document is None
    product.take({"category": "a"}, at(1))
    assert product.document == Product(category="a", stock=7, retired=True)


def test_who_brings_it_back_by_the_control_plane_is_heeded() -> None:
    product = ProductState(Product().written(5, ["retired"]), None)
    product.end(at(4), gone=True)
    assert product.document is not None
    assert not product.document.retired


def test_there_are_never_more_than_a_stock_can_be() -> None:
    product = ProductState(Product(), None)
    product.divide(Parts("p", totals={"a": MOST_STOCK, "b": MOST_STOCK}), at(1))
    assert product.document == Product(stock=MOST_STOCK)
