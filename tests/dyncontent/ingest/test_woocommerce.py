"""Webhooks of WooCommerce, beside the recorded ones of tests/cases/webhooks."""

from typing import Any

import pytest

from dyncontent.errors import ProblemError
from dyncontent.ingest import woocommerce
from dyncontent.ingest.happenings import Changed, Event, Gone, Ordered, Parts
from dyncontent.ingest.read import person_of_address
from dyncontent.ingest.shop import ProductId, Shop

LINE = {"product_id": 1, "variation_id": 11, "sku": "s", "quantity": 2}
ORDER: dict[str, Any] = {
    "id": 7, "status": "processing", "customer_id": 5, "line_items": [LINE],
    "date_created_gmt": "2024-01-01T09:00:00", "date_modified_gmt": "2024-01-01T10:00:00",
}  # fmt: skip


def read(topic: str, body: dict[str, Any], **shop: Any) -> Event:
    told = woocommerce.read(topic, body, "e", Shop(**shop))
    assert isinstance(told, Event)
    return told


def _order(**changes: Any) -> Ordered:
    [ordered] = read("order.updated", ORDER | changes).happenings
    assert isinstance(ordered, Ordered)
    return ordered


@pytest.mark.parametrize(
    ("status", "step", "void"),
    [
        ("pending", "received", True), ("on-hold", "received", False),
        ("processing", "packed", False), ("completed", "shipped", False),
        ("cancelled", "cancelled", True), ("refunded", "cancelled", True),
        ("failed", "cancelled", True), ("wc-delivered", "delivered", False),
    ],
)  # fmt: skip
def test_where_an_order_is(status: str, step: str, void: bool) -> None:
    ordered = _order(status=status)
    assert (ordered.fields, ordered.void) == ({"status": step}, void)


def test_a_status_of_ones_own_says_nothing_of_where_it_is() -> None:
    assert _order(status="wc-awaiting-pickup").fields == {}


def test_a_draft_is_no_order() -> None:
    assert read("order.created", ORDER | {"status": "checkout-draft"}).happenings == ()


def test_whose_an_order_is() -> None:
    assert _order().person == "5"
    guest = _order(customer_id=0, billing={"email": "Guest@example.com"})
    assert guest.person == person_of_address("guest@example.com")
    assert _order(customer_id=0, billing={}).person is None


@pytest.mark.parametrize(("id", "name"), [("product", "1"), ("variant", "11"), ("sku", "s")])
def test_which_id_a_product_has(id: ProductId, name: str) -> None:
    [ordered] = read("order.updated", ORDER, product_id=id).happenings
    assert isinstance(ordered, Ordered)
    assert ordered.lines == {name: 2}


def test_a_product_without_variations_is_its_own_variant() -> None:
    line = LINE | {"variation_id": 0}
    [ordered] = read(
        "order.updated", ORDER | {"line_items": [line]}, product_id="variant"
    ).happenings
    assert isinstance(ordered, Ordered)
    assert ordered.lines == {"1": 2}


PRODUCT: dict[str, Any] = {
    "id": 1, "type": "simple", "name": "Caf&eacute; &ndash; 1", "status": "publish",
    "categories": [{"name": "A &amp; B"}, {"name": "C"}], "price": "9.50", "variations": [],
    "manage_stock": True, "stock_quantity": 3, "stock_status": "instock",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "stock"),
    [
        ({}, 3),
        ({"stock_quantity": -2}, 0),
        ({"manage_stock": False}, None),
        ({"manage_stock": False, "stock_status": "outofstock"}, 0),
        ({"manage_stock": False, "stock_status": "onbackorder"}, 0),
        ({"stock_quantity": None}, None),
    ],
)
def test_how_many_are_left(change: dict[str, Any], stock: int | None) -> None:
    changed, gone = read("product.updated", PRODUCT | change, currency="EUR").happenings
    assert changed == Changed("product", "1", {
        "title": "Café – 1", "category": "A & B", "stock": stock,
        "price": {"amount": "9.50", "currency": "EUR"},
    })  # fmt: skip
    assert gone == Gone("1", gone=False)


def test_a_product_is_divided_among_its_variations() -> None:
    parent = PRODUCT | {"type": "variable", "manage_stock": False, "variations": [11, 12]}
    changed, _, parts = read("product.updated", parent).happenings
    assert isinstance(changed, Changed)
    assert "stock" not in changed.fields
    assert parts == Parts("1", ("woocommerce.11", "woocommerce.12"))
    variation = PRODUCT | {"id": 11, "type": "variation", "parent_id": 1}
    told = read("product.updated", variation).happenings
    assert told == (Parts("1", totals={"woocommerce.11": 3}),)
    assert isinstance(
        read("product.updated", variation, product_id="variant").happenings[0], Changed
    )


def test_a_product_without_a_unit_is_not_known_by_it() -> None:
    told = woocommerce.read("product.updated", PRODUCT, "e", Shop("sku"))
    assert isinstance(told, ProblemError)
    [changed, _] = read("product.updated", PRODUCT | {"sku": "s"}, product_id="sku").happenings
    assert isinstance(changed, Changed)
    assert changed.name == "s"


def test_what_is_not_in_the_shop() -> None:
    assert read("product.updated", PRODUCT | {"status": "private"}).happenings[1] == Gone("1")
    assert read("product.deleted", {"id": 1}).happenings == (Gone("1"),)
    assert read("product.deleted", {"id": 1}, product_id="sku").happenings == ()


def test_other_topics_tell_nothing() -> None:
    assert read("coupon.created", {"id": 1}).happenings == ()


@pytest.mark.parametrize(
    ("body", "path"),
    [({}, "id"), ([], "body"), (ORDER | {"date_modified_gmt": 5}, "date_modified_gmt")],
)
def test_webhooks_that_are_refused(body: Any, path: str) -> None:
    told = woocommerce.read("order.updated", body, "e", Shop())
    assert isinstance(told, ProblemError)
    assert told.fields[0].path == path


def test_an_ill_formed_line_keeps_no_other_from_being_taken() -> None:
    event = read("order.updated", ORDER | {"line_items": [LINE, {"product_id": "a b"}, 5]})
    [ordered] = event.happenings
    assert isinstance(ordered, Ordered)
    assert ordered.lines == {"1": 2}
    assert [field.path for field in event.refused] == ["line_items.1.product_id", "line_items.2"]
