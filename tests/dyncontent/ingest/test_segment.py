"""Segment's calls. The properties of events are those of the samples in Segment's specification of
e-commerce events, version 2 (github.com/segmentio/segment-docs, src/connections/spec)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.errors import ProblemError
from dyncontent.ingest.happenings import (
    Bought,
    CartChanged,
    CartStated,
    Changed,
    Event,
    Happening,
    Listed,
    Ordered,
    Refunded,
    Returned,
    Withdrawn,
)
from dyncontent.ingest.segment import Reader

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = "2026-11-25T11:00:00.000Z"
MONOPOLY, UNO = "507f1f77bcf86cd799439011", "505bd76785ebb509fc183733"
ORDER = "50314b8e9bcf000000000000"
SAMPLES: dict[str, Any] = orjson.loads(Path("tests/cases/segment.json").read_bytes())["events"]


def read(call: dict[str, Any], kind: str | None = None, sent: str | None = None) -> Event:
    told = Reader(NOW, sent, frozenset(("phone", "address_city"))).read(call, kind)
    assert isinstance(told, Event)
    return told


def track(event: str, **properties: Any) -> tuple[Happening, ...]:
    call = {"userId": "aino", "event": event, "properties": properties, "messageId": "m"}
    return read(call, "track").happenings


def sample(event: str) -> tuple[Happening, ...]:
    return track(event, **SAMPLES[event])


def test_samples_of_the_specification() -> None:
    lines = {MONOPOLY: 1, UNO: 2}
    total = {"total": {"amount": "27.5", "currency": "USD"}}
    cancelled = {"status": "cancelled"}
    assert {name: sample(name) for name in SAMPLES} == {
        "Products Searched": (),
        "Product List Viewed": (),
        "Product List Filtered": (),
        "Promotion Viewed": (),
        "Product Clicked": (),
        "Product Viewed": (Listed("aino", "attributes.viewed", MONOPOLY),),
        "Product Added": (CartChanged("aino", MONOPOLY, 1),),
        "Product Removed": (CartChanged("aino", MONOPOLY, -1),),
        "Cart Viewed": (CartStated("aino", {MONOPOLY: 1, UNO: 1}),),
        "Checkout Started": (CartStated("aino", lines),),
        "Checkout Step Viewed": (),
        "Payment Info Entered": (),
        "Order Updated": (Ordered(ORDER, "aino", lines, void=False, fields=total),),
        "Order Completed": (
            Ordered(
                ORDER, "aino", lines, is_new=True, void=False,
                fields={"status": "received"} | total,
            ),
        ),
        "Order Refunded": (Refunded(ORDER, "m", lines, "aino"),),
        "Order Cancelled": (Ordered(ORDER, "aino", void=True, fields=cancelled),),
        "Coupon Entered": (),
        "Coupon Applied": (Listed("aino", "attributes.coupons", "may_deals_2016"),),
        "Coupon Denied": (),
        "Coupon Removed": (Listed("aino", "attributes.coupons", "may_deals_2016", False),),
        "Product Added to Wishlist": (Listed("aino", "watched", MONOPOLY),),
        "Product Removed from Wishlist": (Listed("aino", "watched", MONOPOLY, False),),
        "Wishlist Product Added to Cart": (
            CartChanged("aino", MONOPOLY, 1),
            Listed("aino", "watched", MONOPOLY, False),
        ),
        "Product Shared": (),
        "Product Reviewed": (Listed("aino", "attributes.reviewed", MONOPOLY),),
        "Email Opened": (),
        "Unsubscribed": (Withdrawn("aino"),),
    }  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [("Added Product", "Product Added"),
                                          ("completed order", "Order Completed"),
                                          ("Viewed Product", "Product Viewed")])  # fmt: skip
def test_events_have_their_old_names_too(old: str, new: str) -> None:
    assert track(old, **SAMPLES[new]) == sample(new)


def test_an_order_without_an_id_is_a_purchase_of_each() -> None:
    assert track("Order Completed", products=[{"sku": "a"}, {"id": "b", "quantity": 2}]) == (
        Bought("aino", "a"), CartChanged("aino", "a", None),
        Bought("aino", "b"), CartChanged("aino", "b", None),
    )  # fmt: skip
    assert track("Order Refunded", products=[{"sku": "a"}]) == (Returned("aino", "a"),)


def test_a_refund_of_no_product_is_of_all() -> None:
    assert track("Order Refunded", order_id="o") == (Refunded("o", "m", None, "aino"),)


def test_a_removal_without_a_quantity_is_of_all() -> None:
    assert track("Product Removed", sku="a") == (CartChanged("aino", "a", None),)


def test_lines_of_the_same_product_are_one() -> None:
    products = [
        {"product_id": "a", "quantity": 2},
        {"product_id": "a"},
        {"product_id": "b", "quantity": 0},
    ]
    assert track("Cart Viewed", products=products) == (CartStated("aino", {"a": 3}),)
    assert track("Cart Viewed") == ()


def test_an_ill_formed_line_keeps_no_other_from_being_taken() -> None:
    call = {
        "userId": "aino", "event": "Cart Viewed",
        "properties": {"products": [{"product_id": "a"}, {"name": "no id"}, 7,
                                    {"product_id": "b", "quantity": "many"}]},
    }  # fmt: skip
    event = read(call, "track")
    assert event.happenings == (CartStated("aino", {"a": 1}),)
    assert [field.path for field in event.refused] == [
        "properties.products.1.product_id",
        "properties.products.2",
        "properties.products.3.quantity",
    ]


def test_traits_become_fields_and_attributes() -> None:
    traits = {
        "firstName": "Aino", "last_name": "Kask", "email": "a@b.example", "phone": "+372",
        "address": {"city": "Tartu", "street": "Lai 1"}, "company": {"name": "X", "deep": {"a": 1}},
        "plan": None, "budget": {"amount": "5.00", "currency": "EUR"}, "1st": 1, "Tags": ["a"],
    }  # fmt: skip
    event = read({"userId": "aino", "traits": traits}, "identify")
    [changed] = event.happenings
    assert changed == Changed("recipient", "aino", {
        "first_name": "Aino", "last_name": "Kask", "attributes.phone": "+372",
        "attributes.address_city": "Tartu", "attributes.company_name": "X",
        "attributes.plan": None, "attributes.budget": {"amount": "5.00", "currency": "EUR"},
        "attributes.tags": ["a"],
    })  # fmt: skip
    assert [field.path for field in event.refused] == ["traits.1st"]


@pytest.mark.parametrize(
    ("traits", "context", "fields"),
    [
        ({}, {"locale": "en-US", "timezone": "Europe/Riga"},
         {"locale": "en-US", "time_zone": "Europe/Riga"}),
        ({"locale": "et_EE", "timezone": "Europe/Tallinn"},
         {"locale": "en-US", "timezone": "Europe/Riga"},
         {"locale": "et-EE", "time_zone": "Europe/Tallinn"}),
        ({"locale": "of no language"}, {}, {"locale": "of no language"}),
        ({}, {"locale": "of no language", "timezone": 3}, None),
    ],
)  # fmt: skip
def test_language_and_time_zone(traits: Any, context: Any, fields: Any) -> None:
    call = {"userId": "aino", "traits": traits, "context": context}
    happenings = read(call, "identify").happenings
    assert happenings == (() if fields is None else (Changed("recipient", "aino", fields),))


def test_a_group() -> None:
    call = {"userId": "aino", "groupId": "g1", "traits": {"plan": "gold"}}
    fields = {"attributes.group": "g1", "attributes.group_plan": "gold"}
    assert read(call, "group").happenings == (Changed("recipient", "aino", fields),)


@pytest.mark.parametrize("kind", ["page", "screen", "alias"])
def test_calls_that_tell_nothing(kind: str) -> None:
    assert read({"userId": "aino", "name": "Home"}, kind).happenings == ()


def test_of_nobody_nothing_is_told() -> None:
    call = {"anonymousId": "x", "event": "Product Added", "properties": {"product_id": "a"}}
    assert read(call, "track").happenings == ()


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ({"userId": "aino"}, "type"),
        ({"type": "buy", "userId": "aino"}, "type"),
        ({"type": "track", "event": "x"}, "userId"),
        ({"type": "track", "event": "x", "userId": "a b"}, "userId"),
        ({"type": "track", "userId": "aino"}, "event"),
        ({"type": "track", "userId": "aino", "event": "Product Added"}, "properties.product_id"),
        ({"type": "track", "userId": "aino", "event": "x", "timestamp": 5}, "timestamp"),
        ({"type": "track", "userId": "aino", "event": "Order Cancelled"}, "properties.order_id"),
        ({"type": "track", "userId": "aino", "event": "Order Refunded"}, "properties.order_id"),
        ({"type": "group", "userId": "aino"}, "groupId"),
        ({"type": "identify", "userId": "aino", "traits": []}, "traits"),
        ([], "call"),
    ],
)
def test_calls_that_are_refused(call: Any, path: str) -> None:
    told = Reader(NOW).read(call)
    assert isinstance(told, ProblemError)
    assert told.fields[0].path == path


@pytest.mark.parametrize(
    ("call", "sent", "at", "shaky"),
    [
        ({"timestamp": AT}, None, "11:00", False),
        ({"timestamp": AT}, "2026-11-25T12:04:00Z", "11:00", False),
        ({"timestamp": "2026-11-25T13:00:00Z"}, "2026-11-25T14:00:00Z", "11:00", True),
        ({"originalTimestamp": "2026-11-25T13:00:00Z", "sentAt": "2026-11-25T14:00:00Z"},
         None, "11:00", True),
        ({"timestamp": AT}, "2026-11-25T01:00:00Z", "11:00", False),
    ],
)  # fmt: skip
def test_a_clock_that_is_ahead_is_set_right(
    call: Any, sent: str | None, at: str, shaky: bool
) -> None:
    event = read({"userId": "aino"} | call, "page", sent)
    assert event.at is not None
    assert (event.at.strftime("%H:%M"), event.shaky) == (at, shaky)


def test_events_are_known_by_their_ids() -> None:
    call = {"userId": "aino", "timestamp": AT}
    assert read(call | {"messageId": "m"}, "page").id == "m"
    one, again = read(call | {"sentAt": AT}, "page"), read(call | {"context": {}}, "page")
    assert one.id == again.id != read(call | {"name": "x"}, "page").id
    undated = {"userId": "aino"}
    assert read(undated, "page").id != read(undated, "page").id
