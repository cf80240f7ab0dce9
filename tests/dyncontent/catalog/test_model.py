"""What all definitions have in common."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from dyncontent.catalog.message import Message
from dyncontent.catalog.model import (
    Attributes,
    BlockId,
    Id,
    block_id_matches,
    id_matches,
    known,
)
from dyncontent.catalog.recipient import Recipient
from rules.tree import Amount
from tests.strategies import amounts, block_ids, ids


@given(ids)
def test_an_id_stands_in_a_url_as_it_is(name: str) -> None:
    assert id_matches(name)
    assert TypeAdapter(Id).validate_python(name) == name


@given(block_ids)
def test_a_block_id_is_an_id_without_dots_and_tildes(name: str) -> None:
    assert block_id_matches(name)
    assert id_matches(name)
    assert TypeAdapter(BlockId).validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a/b", "a?b", "a%20", "a&b", "a:b", "a\n", "\na", "ä", "a\u0660", ".a", "-a", "~a",
     "_a", "a@b.example", "a" * 129],
)  # fmt: skip
def test_anything_else_is_no_id(name: str) -> None:
    assert not id_matches(name)
    assert not block_id_matches(name)
    for kind in (Id, BlockId):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(name)


@given(amounts)
def test_an_amount_comes_back_to_the_cent(amount: Decimal) -> None:
    money = Amount(amount=amount, currency="EUR")
    again = Amount.model_validate_json(money.model_dump_json())
    assert again == money
    assert again.fact == (amount, "EUR")


@pytest.mark.parametrize(
    "money",
    [
        {"amount": "-1", "currency": "EUR"},
        {"amount": "NaN", "currency": "EUR"},
        {"amount": "Infinity", "currency": "EUR"},
        {"amount": "1.00001", "currency": "EUR"},
        {"amount": "1", "currency": "eur"},
        {"amount": "1", "currency": "EURO"},
        {"amount": "1", "currency": "EUR", "cents": 1},
        {"amount": "1"},
    ],
)
def test_what_is_no_money_is_refused(money: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Amount.model_validate_json(orjson.dumps(money))


@pytest.mark.parametrize(
    "attributes",
    [{"a": True}, {"a": 1}, {"a": 1.5}, {"a": "x"}, {"a": {"fi": "x", "any": "y"}}, {"a_1": 1.0}],
)
def test_an_attribute_keeps_its_type(attributes: dict[str, Any]) -> None:
    [value] = TypeAdapter(Attributes).validate_json(orjson.dumps(attributes)).values()
    [given_value] = attributes.values()
    assert (type(value), value) == (type(given_value), given_value)


@pytest.mark.parametrize(
    "attributes",
    [{"A": 1}, {"1a": 1}, {"a-b": 1}, {"a.b": 1}, {"": 1}, {"a": None}, {"a": {"english": "x"}},
     {"a": "x" * 501}, {f"a{number}": 1 for number in range(201)}],
)  # fmt: skip
def test_what_is_no_attribute_is_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Attributes).validate_json(orjson.dumps(attributes))


def test_what_is_stored_is_what_a_client_wrote() -> None:
    message = Message.model_validate({"class": "marketing", "order": "A.1"})
    assert orjson.loads(message.encoded()) == {"class": "marketing", "order": "A.1"}


def test_a_replaced_field_is_checked_and_the_rest_stays() -> None:
    before = Recipient(first_name="A", last_name="B")
    assert before.facts["first_name"] == "A"  # what was computed is no field
    after = before.replace(first_name="C")
    assert after == Recipient(first_name="C", last_name="B")
    assert after.facts["first_name"] == "C"
    assert before.first_name == "A"
    with pytest.raises(ValidationError, match="first_name"):
        before.replace(first_name=7)


def test_what_is_not_known_is_absent_and_zero_is_not_that() -> None:
    facts = known({"stock": 0, "title": None, "link": ""}, {"a": False}, "attributes")
    assert facts == {"stock": 0, "link": "", "attributes.a": False}
