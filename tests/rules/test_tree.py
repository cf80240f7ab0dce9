import json
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from rules.tree import (
    DEEPEST,
    MOST_NODES,
    Comparison,
    Condition,
    Contains,
    Equality,
    Group,
    Membership,
    Not,
    Presence,
    children,
)
from tests.rules.support import condition, conditions, law

SET: dict[str, Any] = {"op": "is_set", "fact": "order.status"}
LEAF = Presence(op="is_set", fact="order.status")


def nested(levels: int) -> dict[str, Any]:
    tree = SET
    for _ in range(levels - 1):
        tree = {"op": "not", "of": tree}
    return tree


def wide(nodes: int) -> dict[str, Any]:
    """One group of groups of leaves."""
    groups, rest = divmod(nodes - 1, 50)
    sizes = [50] * groups + ([rest] if rest else [])
    return {"op": "all", "of": [{"op": "any", "of": [SET] * (size - 1)} for size in sizes]}


@pytest.mark.parametrize(
    ("tree", "node"),
    [
        (SET, LEAF),
        (SET | {"op": "is_not_set"}, Presence(op="is_not_set", fact="order.status")),
        ({"op": "not", "of": SET}, Not(op="not", of=LEAF)),
        ({"op": "all", "of": [SET]}, Group(op="all", of=(LEAF,))),
        ({"op": "any", "of": [SET, SET]}, Group(op="any", of=(LEAF, LEAF))),
        (
            {"op": "equals", "fact": "recipient.locale", "value": "fi"},
            Equality(op="equals", fact="recipient.locale", value="fi"),
        ),
        (
            {"op": "not_equals", "fact": "message.parameters.x", "value": True},
            Equality(op="not_equals", fact="message.parameters.x", value=True),
        ),
        (
            {"op": "in", "fact": "offer.attributes.x", "values": ["a", 1, 0.5, False]},
            Membership(op="in", fact="offer.attributes.x", values=("a", 1, 0.5, False)),
        ),
        (
            {"op": "not_in", "fact": "product.rome.stock", "values": [0, 1]},
            Membership(op="not_in", fact="product.rome.stock", values=(0, 1)),
        ),
        *(
            (
                {"op": op, "fact": "offer.stock", "value": 1.5},
                Comparison(op=op, fact="offer.stock", value=1.5),
            )
            for op in ("above", "at_least", "below", "at_most")
        ),
        (
            {"op": "contains", "fact": "recipient.consents", "value": "marketing"},
            Contains(op="contains", fact="recipient.consents", value="marketing"),
        ),
        (
            {"op": "contains", "fact": "recipient.attributes.x", "value": "ski"},
            Contains(op="contains", fact="recipient.attributes.x", value="ski"),
        ),
    ],
)
def test_json_is_read_into_its_node(tree: dict[str, Any], node: Condition) -> None:
    assert condition(tree) == node


@pytest.mark.parametrize("value", [1, 1.0, True, "1"])
def test_a_constant_keeps_its_type(value: object) -> None:
    node = condition({"op": "equals", "fact": "recipient.attributes.x", "value": value})
    assert isinstance(node, Equality)
    assert type(node.value) is type(value)


@law
@given(conditions)
def test_a_stored_condition_is_read_as_it_was(node: Condition) -> None:
    stored = json.loads(node.model_dump_json())
    assert condition(stored) == node


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"op": "equal"}, "does not match any of the expected tags"),
        ({"op": None}, "does not match any of the expected tags"),
        ({"fact": "order.colour"}, "order has the facts status, .*, not 'colour'"),
        ({"fact": f"recipient.attributes.{'a' * 210}"}, "at most 220 characters"),
        ({"fact": 1}, "should be a valid string"),
        ({"because": "it rains"}, "Extra inputs are not permitted"),
        ({"value": None}, "should be a valid"),
        ({"value": ["packed"]}, "should be a valid"),
        ({"value": "a" * 501}, "at most 500 characters"),
        ({"value": 1}, r"order\.status is a text, which 1 is not"),
        ({"value": True}, r"order\.status is a text, which True is not"),
        ({"fact": "offer.stock"}, r"offer\.stock is a number, which 'packed' is not"),
        ({"fact": "offer.stock", "value": True}, r"offer\.stock is a number, which True is not"),
        ({"fact": "offer.stock", "value": float("nan")}, "should be a finite number"),
        ({"fact": "offer.stock", "value": float("inf")}, "should be a finite number"),
        ({"fact": "offer.price"}, r"equals compares .*, but offer\.price is of the type money"),
        ({"fact": "order.expected"}, r"order\.expected is of the type date"),
        ({"fact": "message.deadline"}, r"message\.deadline is of the type instant"),
        ({"fact": "recipient.consents"}, r"recipient\.consents is of the type list of text"),
        ({"op": "not_equals", "fact": "order.total"}, "not_equals compares text, number"),
        ({"op": "above"}, r"should be a valid (integer|number)"),
        ({"op": "above", "value": 1}, r"above compares number, attribute, but order\.status is"),
        ({"op": "at_most", "fact": "offer.stock", "value": True}, "should be a valid"),
        ({"op": "below", "fact": "offer.stock", "value": float("inf")}, "finite number"),
        ({"op": "contains"}, r"contains compares list of text, attribute, but order\.status is"),
        ({"op": "contains", "fact": "recipient.consents", "value": 1}, "should be a valid string"),
        ({"op": "is_set"}, "Extra inputs are not permitted"),
        ({"op": "in"}, "values.*\n.*Field required"),
    ],
)
def test_a_node_that_is_not_right_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        condition({"op": "equals", "fact": "order.status", "value": "packed"} | changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"values": []}, "at least 1 item"),
        ({"values": ["packed"] * 501}, "at most 500 items"),
        ({"values": ["packed", 1]}, r"order\.status is a text, which 1 is not"),
        ({"values": [["packed"]]}, "should be a valid"),
        ({"values": "packed"}, "should be a valid array"),
        ({"fact": "order.total"}, "in compares .*, but order.total is of the type money"),
    ],
)
def test_values_that_are_not_right_are_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        condition({"op": "in", "fact": "order.status", "values": ["packed"]} | changes)


@pytest.mark.parametrize(
    ("tree", "complaint"),
    [
        ({"op": "all", "of": []}, "at least 1 item"),
        ({"op": "any", "of": [SET] * 51}, "at most 50 items"),
        ({"op": "all", "of": SET}, "should be a valid array"),
        ({"op": "not", "of": [SET]}, "should be (a valid|an) (dictionary|object)"),
        ({"op": "all"}, "Field required"),
        ({"op": "all", "of": [SET, {"op": "not", "of": SET | {"fact": "x"}}]}, "not 'x'"),
        (nested(DEEPEST + 1), "at most 12 levels deep"),
        (nested(150), "at most 12 levels deep"),
        (wide(MOST_NODES + 1), "at most 200 nodes, this one 201"),
    ],
)
def test_a_group_that_is_not_right_is_refused(tree: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        condition(tree)


@pytest.mark.parametrize(
    "tree",
    [
        nested(DEEPEST),
        wide(MOST_NODES),
        {"op": "any", "of": [SET] * 50},
        {"op": "in", "fact": "order.status", "values": ["a" * 500] * 500},
        {"op": "is_set", "fact": f"recipient.attributes.{'a' * 64}"},
    ],
)
def test_what_is_just_within_the_limits_is_accepted(tree: dict[str, Any]) -> None:
    assert json.loads(condition(tree).model_dump_json()) == tree


def test_a_condition_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        LEAF.op = "is_not_set"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (LEAF, ()),
        (Not(op="not", of=LEAF), (LEAF,)),
        (Group(op="any", of=(LEAF, Not(op="not", of=LEAF))), (LEAF, Not(op="not", of=LEAF))),
    ],
)
def test_children_are_what_a_node_combines(
    node: Condition, expected: tuple[Condition, ...]
) -> None:
    assert children(node) == expected
