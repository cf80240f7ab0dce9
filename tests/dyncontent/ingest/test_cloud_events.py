"""Events of types of our own."""

import re
from pathlib import Path
from typing import Any

import pytest

from dyncontent.errors import ProblemError
from dyncontent.ingest import cloud_events
from dyncontent.ingest.happenings import (
    Bought,
    CartChanged,
    CartStated,
    Changed,
    Event,
    Happening,
    Ordered,
    Refunded,
    Returned,
)

NAME = "/till\x001"
PRICE = {"amount": "19.90", "currency": "EUR"}


def event(kind: str, data: Any, **changes: Any) -> dict[str, Any]:
    base = {"specversion": "1.0", "id": "1", "source": "/till", "type": f"dyncontent.{kind}"}
    return base | {"data": data} | changes


@pytest.mark.parametrize(
    ("type", "data", "happenings"),
    [
        ("product.stock", {"product": "p", "stock": 5},
         [Changed("product", "p", {"stock": 5}, create=False)]),
        ("product.price", {"product": "p", "price": None},
         [Changed("product", "p", {"price": None}, create=False)]),
        ("product.changed", {"product": "p", "fields": {"price": PRICE, "attributes": {"a": 1}}},
         [Changed("product", "p", {"price": PRICE, "attributes.a": 1}, create=False)]),
        ("recipient.attributes", {"recipient": "r", "attributes": {"a": 1}},
         [Changed("recipient", "r", {"attributes.a": 1})]),
        ("recipient.changed", {"recipient": "r", "fields": {"locale": "fi"}},
         [Changed("recipient", "r", {"locale": "fi"})]),
        ("recipient.cart", {"recipient": "r", "cart": ["a", {"product": "b", "quantity": 2}]},
         [CartStated("r", {"a": 1, "b": 2})]),
        ("recipient.purchase", {"recipient": "r", "product": "p"},
         [Bought("r", "p"), CartChanged("r", "p", None)]),
        ("recipient.refund", {"recipient": "r", "product": "p"}, [Returned("r", "p")]),
        ("order.placed", {"order": "o", "recipient": "r", "products": ["p"],
                          "fields": {"total": PRICE, "attributes": {"a": 1}}},
         [Ordered("o", "r", {"p": 1}, is_new=True, void=False,
                  fields={"total": PRICE, "status": "received", "attributes.a": 1})]),
        ("order.status", {"order": "o", "status": "shipped"},
         [Ordered("o", void=False, fields={"status": "shipped"})]),
        ("order.status", {"order": "o", "status": "cancelled"},
         [Ordered("o", void=True, fields={"status": "cancelled"})]),
        ("order.changed", {"order": "o", "fields": {"carrier": "Omniva"}},
         [Ordered("o", fields={"carrier": "Omniva"})]),
        ("order.refunded", {"order": "o", "products": ["p"]}, [Refunded("o", NAME, {"p": 1})]),
        ("order.refunded", {"order": "o", "recipient": "r"}, [Refunded("o", NAME, None, "r")]),
        ("message.changed", {"message": "m", "fields": {"parameters": {"code": "x"}}},
         [Changed("message", "m", {"parameters.code": "x"})]),
    ],
)  # fmt: skip
def test_what_an_event_tells(type: str, data: Any, happenings: list[Happening]) -> None:
    told = cloud_events.read(event(type, data, time="2026-01-01T00:00:00Z"))
    assert isinstance(told, Event)
    assert list(told.happenings) == happenings
    assert told.at is not None


@pytest.mark.parametrize(
    ("told", "path"),
    [
        (5, "event"),
        ({}, "specversion"),
        (event("product.stock", {}, specversion="0.3"), "specversion"),
        (event("product.stock", {}, id=""), "id"),
        (event("product.stock", {}, source=None), "source"),
        (event("product.stock", {}, type="product.stock"), "type"),
        (event("product.sold", {}), "type"),
        (event("product.stock", {}, time="soon"), "time"),
        (event("product.stock", None), "data"),
        (event("product.stock", []), "data"),
        (event("product.stock", {"product": "p"}), "data.stock"),
        (event("product.stock", {"stock": 1}), "data.product"),
        (event("product.changed", {"product": "p"}), "data.fields"),
        (event("recipient.attributes", {"recipient": "r"}), "data.attributes"),
        (event("recipient.changed", {"recipient": "r", "fields": {"cart": []}}),
         "data.fields.cart"),
        (event("recipient.changed", {"recipient": "r", "fields": {"consents": {}}}),
         "data.fields.consents"),
        (event("recipient.cart", {"recipient": "r"}), "data.cart"),
        (event("order.status", {"order": "o"}), "data.status"),
        (event("order.changed", {"order": "o", "fields": {}}), "data.fields"),
        (event("order.placed", {"order": "o", "recipient": "r", "products": [5]}),
         "data.products.0"),
    ],
)  # fmt: skip
def test_events_that_are_refused(told: Any, path: str) -> None:
    problem = cloud_events.read(told)
    assert isinstance(problem, ProblemError)
    assert problem.fields[0].path == path


def test_events_of_two_sources_are_two() -> None:
    one, other = (
        cloud_events.read(event("product.stock", {"product": "p", "stock": 1}, source=source))
        for source in ("/a", "/b")
    )
    assert isinstance(one, Event)
    assert isinstance(other, Event)
    assert one.id != other.id


def test_the_attributes_of_an_event_may_stand_in_headers() -> None:
    headers = {"ce-id": "1", "ce-source": "/t%C3%A4ll", "content-type": "application/json"}
    assert cloud_events.envelope(headers, 5) == {"id": "1", "source": "/täll", "data": 5}


def test_every_type_is_documented_and_no_other() -> None:
    docs = Path("docs/events.md").read_text()
    documented = re.findall(r"^\| `dyncontent\.([a-z.]+)` \|", docs, re.MULTILINE)
    assert set(documented) == set(cloud_events.TYPES)
