"""A condition as a function: the tree is walked once, the constants are bound, and the exact
set of facts that the function can read comes with it."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from rules.facts import FactKey, Facts, Value, parse_key, reader
from rules.tree import (
    Comparison,
    Condition,
    Contains,
    Equality,
    FactNode,
    Group,
    Membership,
    Not,
    Presence,
    children,
)
from rules.truth import Truth, conjunction, disjunction, negation

Test = Callable[[Facts, str | None], Truth]

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
}
_NUMBERS = frozenset((int, float))


@dataclass(frozen=True, slots=True)
class Compiled:
    """`test(facts, offer)` answers the condition; `keys` are all the facts that it can read."""

    test: Test
    keys: frozenset[FactKey]


def compile_condition(condition: Condition) -> Compiled:
    return Compiled(_test(condition), frozenset(_keys(condition)))


def _keys(node: Condition) -> set[FactKey]:
    if isinstance(node, FactNode):
        return {parse_key(node.fact)}
    return {key for child in children(node) for key in _keys(child)}


def _test(node: Condition) -> Test:
    match node:
        case Group():
            return _group(node)
        case Not():
            inner = _test(node.of)
            return lambda facts, offer: negation(inner(facts, offer))
        case Equality():
            return _membership(node.fact, (node.value,), wanted=node.op == "equals")
        case Membership():
            return _membership(node.fact, node.values, wanted=node.op == "in")
        case Comparison():
            return _comparison(node)
        case Contains():
            return _contains(node)
        case _:
            return _presence(node)


def _group(node: Group) -> Test:
    tests = tuple(_test(child) for child in node.of)
    combine = conjunction if node.op == "all" else disjunction
    return lambda facts, offer: combine(test(facts, offer) for test in tests)


def _kind(value: Value) -> type:
    """The type by which values are comparable: one number type, and no bool among the numbers."""
    return float if type(value) in _NUMBERS else type(value)


def _membership(fact: str, values: tuple[Value, ...], *, wanted: bool) -> Test:
    read = reader(parse_key(fact))
    members = {(_kind(value), value) for value in values}
    kinds = {kind for kind, _ in members}

    def test(facts: Facts, offer: str | None) -> Truth:
        value = read(facts, offer)
        kind = _kind(value)
        if kind not in kinds:
            return None
        return ((kind, value) in members) is wanted

    return test


def _comparison(node: Comparison) -> Test:
    read = reader(parse_key(node.fact))
    compare = _ORDER[node.op]
    bound = node.value

    def test(facts: Facts, offer: str | None) -> Truth:
        value = read(facts, offer)
        return compare(value, bound) if type(value) in _NUMBERS else None

    return test


def _contains(node: Contains) -> Test:
    read = reader(parse_key(node.fact))
    wanted = node.value

    def test(facts: Facts, offer: str | None) -> Truth:
        value = read(facts, offer)
        return wanted in value if isinstance(value, tuple | frozenset) else None

    return test


def _presence(node: Presence) -> Test:
    read = reader(parse_key(node.fact))
    wanted = node.op == "is_set"
    return lambda facts, offer: (read(facts, offer) is not None) is wanted
