"""Fields of documents, one by one."""

from typing import Any

import pytest

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT
from dyncontent.catalog.links import HOSTS, AllowedHosts
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.product import Product
from dyncontent.ingest.fields import check, take
from dyncontent.ingest.stamps import Ledger, Stamp
from rules.facts import FactType

TYPES = AttributeTypes(
    recipient={"points": FactType.NUMBER, "born": FactType.DATE, "budget": FactType.MONEY}
)
CONTEXT = {HOSTS: AllowedHosts.of(("shop.example",))}


def test_each_is_checked_by_itself() -> None:
    fields: dict[str, Any] = {
        "first_name": "Aino", "last_name": 5, "time_zone": "Nowhere", "age": 3,
        "attributes.plan": "vip", "attributes.points": "12", "attributes.born": "2000-02-30",
        "attributes.Bad": 1, "attributes.budget": {"amount": "5", "currency": "EUR"},
        "attributes.deep": {"a": {"b": 1}}, "locale": None, "attributes.gone": None,
    }  # fmt: skip
    good, bad = check(RECIPIENT, fields, TYPES, CONTEXT)
    assert good.keys() == {"first_name", "attributes.plan", "attributes.budget", "locale",
                           "attributes.gone"}  # fmt: skip
    assert {field.path for field in bad} >= {
        "last_name", "time_zone", "age", "attributes.points", "attributes.born"
    }  # fmt: skip
    assert next(field for field in bad if field.path == "attributes.points").expected == (
        "number, as it was declared"
    )


def test_links_lead_to_allowed_hosts_alone() -> None:
    good, bad = check(PRODUCT, {"link": "https://evil.example/"}, TYPES, CONTEXT)
    assert (good, bad[0].path) == ({}, "link")
    good, bad = check(PRODUCT, {"link": "https://shop.example/"}, TYPES, CONTEXT)
    assert (good, bad) == ({"link": "https://shop.example/"}, ())


def test_what_a_document_needs_cannot_be_removed() -> None:
    for kind, field in ((ORDER, "status"), (MESSAGE, "class")):
        good, bad = check(kind, {field: None}, TYPES, CONTEXT)
        assert (good, bad[0].path) == ({}, field)
    good, bad = check(ORDER, {"carrier": "Omniva", "status": "lost"}, TYPES, CONTEXT)
    assert (good, bad[0].path) == ({"carrier": "Omniva"}, "status")


def test_news_are_taken_and_nothing_else() -> None:
    ledger = Ledger()
    early: Stamp = (1, 0, "a")
    late: Stamp = (2, 0, "a")
    first = take(PRODUCT, None, ledger, {"category": "a", "attributes.size": 1}, lambda *_: late)
    assert first == Product(category="a", attributes={"size": 1})
    assert take(PRODUCT, first, ledger, {"category": "b"}, lambda *_: early) is first
    second = take(PRODUCT, first, ledger, {"attributes.size": None}, lambda *_: (3, 0, "a"))
    assert second == Product(category="a")
    assert ledger.fields == {"category": late, "attributes.size": (3, 0, "a")}


def test_fields_whose_names_are_words_of_the_language() -> None:
    ledger, stamp = Ledger(), (1, 0, "a")
    message = take(MESSAGE, None, ledger, {"class": "marketing"}, lambda *_: stamp)
    assert message == Message.model_validate({"class": "marketing"})
    changed = take(MESSAGE, message, ledger, {"parameters.code": "x"}, lambda *_: stamp)
    assert changed is not None
    assert changed.parameters == {"code": "x"}
    assert take(ORDER, Order(status="packed"), ledger, {}, lambda *_: stamp) == Order(
        status="packed"
    )


@pytest.mark.parametrize("value", [float(1), True, "x" * 501])
def test_a_declared_type_is_heeded(value: Any) -> None:
    good, _ = check(RECIPIENT, {"attributes.points": value}, TYPES, CONTEXT)
    assert good == ({"attributes.points": 1.0} if value == 1.0 and value is not True else {})
