"""Webhooks of Shopify, beside the recorded ones of tests/cases/webhooks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dyncontent.errors import ProblemError
from dyncontent.ingest import shopify
from dyncontent.ingest.happenings import (
    Changed,
    Event,
    Gone,
    Happening,
    Level,
    Ordered,
    Parts,
    Refunded,
)
from dyncontent.ingest.read import person_of_address
from dyncontent.ingest.shop import ProductId, Shop

AT = "2024-01-01T10:00:00Z"
LINE = {"product_id": 1, "variant_id": 11, "sku": "s", "quantity": 2}
ORDER: dict[str, Any] = {"id": 7, "customer": {"id": 5}, "line_items": [LINE], "updated_at": AT}


def read(topic: str, body: dict[str, Any], triggered: str | None = None, **shop: Any) -> Event:
    told = shopify.read(topic, body, "e", triggered, Shop(**shop))
    assert isinstance(told, Event)
    return told


def _one(topic: str, body: dict[str, Any], kind: type[Any] = Ordered, **shop: Any) -> Any:
    [found] = [one for one in read(topic, body, **shop).happenings if isinstance(one, kind)]
    return found


@pytest.mark.parametrize(
    ("triggered", "at"),
    [
        (None, "10:00:00.000"),
        ("2024-01-01T10:00:01.877041743Z", "10:00:01.877"),
        ("2024-01-01T10:02:00Z", "10:00:00.000"),
        ("2024-01-01T09:59:59Z", "10:00:00.000"),
    ],
)
def test_the_signed_instant_counts_and_what_makes_it_more_exact(
    triggered: str | None, at: str
) -> None:
    found = read("orders/updated", ORDER, triggered).at
    assert found is not None
    assert found.strftime("%H:%M:%S.%f")[:-3] == at


def test_what_has_no_instant_has_that_of_its_trigger() -> None:
    assert read("products/delete", {"id": 1}, AT).at == datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert read("products/delete", {"id": 1}).at is None


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({}, "received"),
        ({"fulfillment_status": "partial"}, "packed"),
        ({"fulfillment_status": "fulfilled"}, "shipped"),
        ({"fulfillment_status": "fulfilled", "fulfillments": [
            {"shipment_status": "delivered"}, {"shipment_status": "in_transit"}]}, "shipped"),
        ({"fulfillment_status": "fulfilled", "fulfillments": [
            {"shipment_status": "delivered"}, {"status": "cancelled"}]}, "delivered"),
        ({"fulfillment_status": "fulfilled", "cancelled_at": AT}, "cancelled"),
    ],
)  # fmt: skip
def test_where_an_order_is(order: dict[str, Any], status: str) -> None:
    assert _one("orders/updated", ORDER | order).fields == {"status": status}


@pytest.mark.parametrize(
    ("order", "void"),
    [({"financial_status": "paid"}, False), ({"financial_status": "pending"}, False),
     ({"financial_status": "voided"}, True), ({"financial_status": "refunded"}, True),
     ({"financial_status": "partially_refunded"}, False), ({"cancelled_at": AT}, True)],
)  # fmt: skip
def test_what_counts_as_bought(order: dict[str, Any], void: bool) -> None:
    assert _one("orders/create", ORDER | order).void is void


@pytest.mark.parametrize(
    ("order", "person"),
    [
        ({}, "5"),
        ({"customer": None, "email": "Guest@Example.com"}, person_of_address("guest@example.com")),
        ({"customer": {}, "contact_email": "g@e.example"}, person_of_address("g@e.example")),
        ({"customer": None}, None),
    ],
)
def test_whose_an_order_is(order: dict[str, Any], person: str | None) -> None:
    assert _one("orders/create", ORDER | order).person == person


@pytest.mark.parametrize(("id", "name"), [("product", "1"), ("variant", "11"), ("sku", "s")])
def test_which_id_a_product_has(id: ProductId, name: str) -> None:
    assert _one("orders/create", ORDER, product_id=id).lines == {name: 2}


def test_what_is_no_product_is_left_out() -> None:
    lines = [{"title": "Tip", "quantity": 1}, {"product_id": 1, "quantity": "x"}, LINE]
    event = read("orders/create", ORDER | {"line_items": lines}, product_id="sku")
    [ordered] = event.happenings
    assert isinstance(ordered, Ordered)
    assert ordered.lines == {"s": 2}
    assert [field.path for field in event.refused] == ["line_items.1.sku"]


def test_refunds_stand_in_orders_too_and_are_the_same() -> None:
    back = {"id": 3, "refund_line_items": [{"quantity": 1, "line_item": LINE}]}
    told = _one("orders/updated", ORDER | {"refunds": [back, {"id": 4}]}, Refunded)
    assert told == Refunded("7", "shopify.3", {"1": 1}, "5")
    alone = _one("refunds/create", back | {"order_id": 7}, Refunded)
    assert alone == Refunded("7", "shopify.3", {"1": 1})


VARIANTS = [
    {"id": 11, "title": "S", "sku": "s", "price": "20.00", "inventory_item_id": 111,
     "inventory_management": "shopify", "inventory_quantity": 2},
    {"id": 12, "title": "M", "sku": "m", "price": "9.50", "inventory_item_id": None,
     "inventory_management": "shopify", "inventory_quantity": None},
    {"id": 13, "title": "Default Title", "sku": "", "price": "10.00",
     "inventory_management": None, "inventory_quantity": 0},
]  # fmt: skip
PRODUCT: dict[str, Any] = {
    "id": 1, "title": "Shirt", "product_type": "", "handle": "shirt", "status": "active",
    "published_at": AT, "variants": VARIANTS,
}  # fmt: skip


def _eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_a_product_with_all_its_variants() -> None:
    told = read("products/update", PRODUCT, currency="EUR", url="https://shop.example/").happenings
    assert told == (
        Changed("product", "1", {
            "title": "Shirt", "link": "https://shop.example/products/shirt",
            "price": {"amount": "9.50", "currency": "EUR"},
        }),
        Gone("1", gone=False),
        Parts("1", ("shopify.111", "shopify.variant.12"), {"shopify.111": 2}),
    )  # fmt: skip


def test_each_variant_as_a_product() -> None:
    told = read("products/update", PRODUCT, product_id="variant", currency="EUR").happenings
    assert [one for one in told if isinstance(one, Changed)] == [
        Changed("product", "11", {"title": "Shirt, S", "price": _eur("20.00")}),
        Changed("product", "12", {"title": "Shirt, M", "price": _eur("9.50")}),
        Changed("product", "13", {"title": "Shirt", "price": _eur("10.00")}),
    ]  # fmt: skip
    event = read("products/update", PRODUCT, product_id="sku")
    assert [one.name for one in event.happenings if isinstance(one, Changed)] == ["s", "m"]
    assert [field.path for field in event.refused] == ["variants.2.sku"]


@pytest.mark.parametrize(
    "change", [{"status": "draft"}, {"status": "archived"}, {"published_at": None}]
)
def test_what_is_not_in_the_shop(change: dict[str, Any]) -> None:
    assert _one("products/update", PRODUCT | change, Gone) == Gone("1")


def test_of_a_deleted_product_its_variants_are_not_known() -> None:
    assert read("products/delete", {"id": 1}).happenings == (Gone("1"),)
    assert read("products/delete", {"id": 1}, product_id="variant").happenings == ()


@pytest.mark.parametrize(("available", "left"), [(5, 5), (-2, -2), (None, 0)])
def test_levels(available: int | None, left: int) -> None:
    body = {"inventory_item_id": 111, "location_id": 9, "available": available}
    expected: tuple[Happening, ...] = (Level("shopify.111", "9", left),)
    assert read("inventory_levels/update", body).happenings == expected


@pytest.mark.parametrize(
    ("topic", "body", "path"),
    [
        ("orders/create", {}, "id"),
        ("orders/create", ORDER | {"line_items": {}}, "line_items"),
        ("refunds/create", {"order_id": 7}, "refunds.id"),
        ("inventory_levels/update", {"inventory_item_id": 1, "location_id": 1, "available": "x"},
         "available"),
        ("orders/create", [], "body"),
        ("orders/create", ORDER | {"updated_at": "soon"}, "updated_at"),
    ],
)  # fmt: skip
def test_webhooks_that_are_refused(topic: str, body: Any, path: str) -> None:
    told = shopify.read(topic, body, "e", None, Shop())
    assert isinstance(told, ProblemError)
    assert told.fields[0].path == path


def test_other_topics_tell_nothing() -> None:
    assert read("carts/update", {"id": 1}).happenings == ()
