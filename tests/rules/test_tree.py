import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from rules.facts import FactType
from rules.tree import Condition, Group, Not, children, parse_condition, schema
from tests.rules import support
from tests.rules.support import conditions, law

DECLARED = {
    "recipient.attributes.age": FactType.NUMBER,
    "recipient.attributes.born": FactType.DATE,
    "recipient.attributes.vip": FactType.BOOLEAN,
}
SET: dict[str, Any] = {"op": "is_set", "fact": "order.status"}
EUR = {"amount": "19.90", "currency": "EUR"}


CHECKER = Draft202012Validator(schema())


def node(op: str, fact: str, **rest: Any) -> dict[str, Any]:
    return {"op": op, "fact": fact, **rest}


def nested(levels: int) -> dict[str, Any]:
    return SET if levels == 1 else {"op": "not", "of": nested(levels - 1)}


def wide(nodes: int) -> dict[str, Any]:
    sizes = [50] * ((nodes - 1) // 50) + [(nodes - 1) % 50]
    of = [{"op": "any", "of": [SET] * (size - 1)} for size in sizes if size]
    return {"op": "all", "of": of}


@pytest.mark.parametrize(
    "tree",
    [
        SET,
        nested(12),
        wide(200),
        {"op": "any", "of": [SET] * 50},
        node("equals", "recipient.locale", value="a" * 500),
        node("equals", "recipient.attributes.vip", value=True),
        node("not_equals", "order.total", value=EUR),
        node("equals", "order.expected", value="2026-12-24"),
        node("above", "recipient.attributes.age", value=1.5),
        node("between", "offer.price", least=EUR, most=EUR),
        node("between", "message.sent_at", least="2026-01-01T00:00Z", most="2026-01-02T00:00Z"),
        node("in", "recipient.locale", values=["a"] * 500),
        node("contains_any", "recipient.consents", values=["marketing"]),
        node("contains", "recipient.cart", value="rome"),
        node("contains", "recipient.locale", value="en"),
        node("starts_with", "recipient.locale", value="E", ignore_case=True),
        node("before", "order.expected", value="today"),
        node("after", "message.deadline", value="now"),
        node("within_last", "message.sent_at", duration="PT36H"),
        node("within_next", "order.expected", duration="P3D"),
        {"op": "share", "percent": 33.33, "salt": "spring"},
    ],
)
def test_json_is_read_and_written_as_it_was(tree: dict[str, Any]) -> None:
    read = parse_condition(json.dumps(tree), DECLARED)
    assert json.loads(read.model_dump_json(exclude_unset=True)) == tree
    assert parse_condition(read.model_dump_json(), DECLARED) == read


@pytest.mark.parametrize(
    ("tree", "complaint"),
    [
        (node("equals", "recipient.attributes.x", value=1), r"attributes\.x is not declared"),
        (node("equals", "order.status", value="lost"), "one of received, .*, never 'lost'"),
        (node("equals", "order.status", value=1), "is a text, which 1 is not"),
        (node("equals", "offer.stock", value=True), "is a number, which True is not"),
        (node("equals", "offer.stock", value=1, ignore_case=True), "ignore_case goes with a text"),
        (node("equals", "message.sent_at", value="x"), "is an instant"),
        (node("equals", "offer.price", value=1), "is money, .* which 1 is not"),
        (node("equals", "offer.stock", value=EUR), "is a number, which .* is not"),
        (node("equals", "recipient.attributes.vip", value="yes"), "is true or false"),
        (node("equals", "order.expected", value="today"), "is a day, 2026-12-24, which"),
        (node("above", "order.status", value=1), "asks of a number, or of money"),
        (node("between", "order.status", least=1, most=2), "asks of a number"),
        (node("between", "offer.stock", least=2, most=1), "the least, 2, is above the most, 1"),
        (
            node("between", "offer.price", least=EUR, most=EUR | {"currency": "SEK"}),
            "in the same currency",
        ),
        (
            node("between", "message.sent_at", least="2026-01-01T00:00", most="now"),
            "is an instant, .* which",
        ),
        (node("in", "order.total", values=["a"]), "asks of a text, or of a number"),
        (node("in", "recipient.locale", values=["a"] * 501), "at most 500 items"),
        (node("contains_all", "order.status", values=["a"]), "asks of a list of texts"),
        (
            node("contains_any", "recipient.consents", values=["x"]),
            "marketing, .*phone, never",
        ),
        (node("contains", "offer.stock", value="1"), "asks of a text, or of a list"),
        (node("contains", "recipient.cart", value="x", ignore_case=True), "goes with a text"),
        (node("ends_with", "recipient.cart", value="x"), "asks of a text"),
        (node("before", "order.status", value="now"), "asks of an instant"),
        (node("before", "order.expected", value="now"), "compared with a day or today"),
        (node("after", "message.sent_at", value="2026-02-30"), "a time is 2026-12-24T18"),
        (node("after", "message.sent_at", value="soon"), "a time is 2026-12-24T18"),
        (node("above", "now.hour", value=25), "now.hour is from 0 to 24, never 25"),
        (node("between", "now.hour", least=-1, most=8), "now.hour is from 0 to 24, never -1"),
        (node("within_last", "order.status", duration="P1D"), "asks of an instant"),
        (node("within_last", "order.expected", duration="PT1H"), "the duration is in days"),
        (node("within_last", "message.sent_at", duration="1 day"), "as in ISO 8601"),
        ({"op": "share", "percent": 0.125, "salt": "s"}, "at most two decimals"),
        ({"op": "share", "percent": 101, "salt": "s"}, "less than or equal to 100"),
        (node("is_set", "order.colour"), "order has the facts status, .*, not 'colour'"),
        (node("equals", "recipient.locale", value="a" * 501), "at most 500 characters"),
        ({"op": "any", "of": [SET] * 51}, "at most 50 items"),
        (nested(13), "at most 12 levels deep"),
        (wide(201), "at most 200 nodes, this one 201"),
        ({"op": "equal"}, "does not match any of the expected tags"),
    ],
)
def test_what_is_refused_is_told_what_is_right(tree: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        parse_condition(json.dumps(tree), DECLARED)


def test_a_refusal_says_where() -> None:
    tree = {"op": "all", "of": [SET, SET | {"fact": "x"}]}
    with pytest.raises(ValidationError) as refused:
        parse_condition(json.dumps(tree), DECLARED)
    assert refused.value.errors()[0]["loc"] == ("all", "of", 1, "is_set", "fact")


def test_a_stored_condition_is_read_without_the_declarations() -> None:
    stored = node("between", "recipient.attributes.gone", least=1, most=2)
    assert Group.model_validate_json(json.dumps({"op": "all", "of": [stored]})).of
    stored = node("equals", "recipient.attributes.gone", value=1)
    assert Not.model_validate_json(json.dumps({"op": "not", "of": stored})).of is not None


@law
@given(conditions)
def test_a_condition_is_stored_and_read_again(condition: Condition) -> None:
    stored = condition.model_dump_json()
    assert parse_condition(stored, support.DECLARED) == condition


@law
@given(conditions)
def test_the_schema_allows_what_is_read(condition: Condition) -> None:
    CHECKER.validate(condition.model_dump(mode="json", exclude_defaults=True))


@pytest.mark.parametrize(
    "tree",
    [
        {"op": "equal"},
        {"op": "not"},
        {"op": "all", "of": []},
        {"op": "all", "of": [SET] * 51},
        node("is_set", "order.status", value=1),
        node("above", "offer.stock", value="1"),
        node("in", "recipient.locale", values=[]),
        {"op": "share", "percent": 101, "salt": "s"},
        {"op": "share", "percent": 1, "salt": ""},
        node("is_set", "nonsense"),
        node("is_set", "order.colour"),
        node("is_set", "product.stock"),
        node("before", "message.deadline", value="whenever"),
        node("within_next", "message.deadline", duration="3 days"),
        node("within_next", "message.deadline", duration="P"),
        node("above", "offer.price", value={"amount": "-1", "currency": "EUR"}),
        node("above", "offer.price", value={"amount": "1.23456", "currency": "EUR"}),
        node("above", "offer.price", value={"amount": "1e2", "currency": "EUR"}),
        node("above", "offer.price", value={"amount": "19,90", "currency": "EUR"}),
    ],
)
def test_the_schema_refuses_what_is_refused(tree: dict[str, Any]) -> None:
    assert not CHECKER.is_valid(tree)
    with pytest.raises(ValidationError):
        parse_condition(json.dumps(tree), DECLARED)


def test_the_schema_is_the_one_that_is_published() -> None:
    published = Path(__file__).parents[2] / "docs" / "condition.schema.json"
    assert json.loads(published.read_text("utf-8")) == json.loads(json.dumps(schema()))


def test_children_are_what_a_node_combines() -> None:
    leaf = parse_condition(json.dumps(SET), {})
    assert children(leaf) == ()
    assert children(Not(op="not", of=leaf)) == (leaf,)
    assert children(Group(op="any", of=(leaf, leaf))) == (leaf, leaf)


def test_the_schema_names_every_operator() -> None:
    named = set(schema()["discriminator"]["mapping"])
    assert named == {
        "all",
        "any",
        "not",
        "equals",
        "not_equals",
        "above",
        "at_least",
        "below",
        "at_most",
        "between",
        "in",
        "not_in",
        "contains_any",
        "contains_all",
        "contains_none",
        "starts_with",
        "ends_with",
        "contains",
        "is_set",
        "is_not_set",
        "before",
        "after",
        "within_last",
        "within_next",
        "share",
    }
