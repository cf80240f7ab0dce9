"""The leaves of a condition, and the facts that each asks of."""

from typing import Any

import pytest
from hypothesis import given

from rules.compile import compile_condition
from rules.nodes import keys, leaf_keys, leaves
from rules.tree import Condition, Group, Not
from tests.rules.support import DECLARED, condition, conditions, law


@law
@given(conditions)
def test_leaves_are_what_is_not_a_group(node: Condition) -> None:
    found = list(leaves(node))
    assert found
    assert not any(isinstance(leaf, Group | Not) for leaf in found)


@law
@given(conditions)
def test_the_keys_are_those_of_the_leaves(node: Condition) -> None:
    alone = [compile_condition(leaf, DECLARED).keys for leaf in leaves(node)]
    assert frozenset().union(*alone) == keys(node, DECLARED)
    assert compile_condition(node, DECLARED).keys == keys(node, DECLARED)


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ({"op": "share", "percent": 5, "salt": "s"}, ["recipient.id"]),
        ({"op": "equals", "fact": "offer.bought", "value": True}, ["offer.bought"]),
        ({"op": "is_set", "fact": "now.hour"}, ["now.hour"]),
        ({"op": "before", "fact": "message.sent_at", "value": "now"}, ["now.instant"]),
        (
            {"op": "before", "fact": "message.sent_at", "value": "today"},
            ["now.instant", "now.date"],
        ),
        ({"op": "before", "fact": "message.sent_at", "value": "2026-01-01"}, ["now.date"]),
        ({"op": "before", "fact": "message.sent_at", "value": "2026-01-01T08:00"}, ["now.date"]),
        ({"op": "before", "fact": "message.sent_at", "value": "2026-01-01T08:00Z"}, []),
        ({"op": "after", "fact": "order.expected", "value": "2026-01-01"}, []),
        ({"op": "after", "fact": "order.expected", "value": "today"}, ["now.instant", "now.date"]),
        (
            {"op": "within_last", "fact": "order.expected", "duration": "P1D"},
            ["now.instant", "now.date"],
        ),
        ({"op": "within_last", "fact": "message.sent_at", "duration": "PT1H"}, ["now.instant"]),
        (
            {"op": "within_last", "fact": "message.sent_at", "duration": "P1D"},
            ["now.instant", "now.date"],
        ),
    ],
)
def test_the_moment_is_asked_for_where_it_counts(leaf: dict[str, Any], expected: list[str]) -> None:
    node = condition(leaf)
    asked = [str(key) for key in leaf_keys(node, DECLARED)]  # type: ignore[arg-type]
    first = [leaf["fact"]] if leaf.get("fact") not in (None, *expected) else []
    assert asked == [*first, *expected]
