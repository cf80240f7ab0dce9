"""Messages and orders."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import Definition

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "class": "marketing",
    "locale": "et",
    "order": "A.1",
    "sent_at": "2026-11-21T10:30:00+02:00",
    "deadline": "2026-11-21T08:30:00Z",
    "parameters": {"campaign": "spring", "round": 2},
}
ORDER: dict[str, Any] = {
    "status": "shipped",
    "carrier": "Omniva",
    "tracking": "JJ1",
    "expected": "2026-12-01",
    "total": {"amount": "19.90", "currency": "EUR"},
    "attributes": {"gift": True},
}


def _read(kind: type[Definition], document: dict[str, Any]) -> Any:
    return kind.model_validate_json(orjson.dumps(document))


def test_what_is_known_of_a_message_is_its_facts() -> None:
    assert _read(Message, MESSAGE).facts == {
        "class": "marketing",
        "locale": "et",
        "order": "A.1",
        "sent_at": AT,
        "deadline": AT,
        "parameters.campaign": "spring",
        "parameters.round": 2,
    }
    assert _read(Message, {"class": "transactional"}).facts == {"class": "transactional"}


def test_what_is_known_of_an_order_is_its_facts() -> None:
    assert _read(Order, ORDER).facts == {
        "status": "shipped",
        "carrier": "Omniva",
        "tracking": "JJ1",
        "expected": date(2026, 12, 1),
        "total": (Decimal("19.90"), "EUR"),
        "attributes.gift": True,
    }
    assert _read(Order, {"status": "packed"}).facts == {"status": "packed"}


@pytest.mark.parametrize(("kind", "document"), [(Message, MESSAGE), (Order, ORDER)])
def test_it_comes_back_as_stored(kind: type[Definition], document: dict[str, Any]) -> None:
    read = _read(kind, document)
    assert kind.model_validate_json(read.encoded()) == read
    assert orjson.loads(read.encoded()) == document


@pytest.mark.parametrize("name", ["class", "locale", "order", "sent_at", "deadline", "parameters"])
def test_a_bad_field_of_a_message_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        _read(Message, MESSAGE | {name: "no such"})


@pytest.mark.parametrize("name", ["status", "expected", "total", "attributes"])
def test_a_bad_field_of_an_order_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        _read(Order, ORDER | {name: "no such"})
