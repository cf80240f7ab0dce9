"""Conditions and facts for the tests of rules: read from JSON, or drawn by hypothesis."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from rules.facts import Facts, Record, Value, parse_key
from rules.tree import (
    Comparison,
    Condition,
    Contains,
    Equality,
    Group,
    Membership,
    Not,
    Presence,
    RootCondition,
    children,
)
from rules.truth import Truth

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A law takes as long as a busy machine needs."""

TRUTHS: tuple[Truth, ...] = (True, False, None)
truths = st.sampled_from(TRUTHS)

_CONDITION: TypeAdapter[Condition] = TypeAdapter(RootCondition)


def condition(tree: Mapping[str, Any]) -> Condition:
    return _CONDITION.validate_json(json.dumps(tree))


def leaves(node: Condition) -> list[Condition]:
    below = children(node)
    return [leaf for child in below for leaf in leaves(child)] if below else [node]


# A small world, so that conditions and facts often meet.

TEXTS = ("x", "y", "marketing")
NUMBERS = (0, 1, 2, 0.5, 1.0)
LISTS: tuple[Value, ...] = ((), ("marketing",), ("p", "marketing"), frozenset({"q", "x"}))
ANY_VALUES: tuple[Value, ...] = (*TEXTS, *NUMBERS, True, False, *LISTS, {"en": "x"})

IDS = ("p", "q")
ids = st.sampled_from(IDS)
offers = st.none() | ids

_ATTRIBUTES = {
    "recipient.attributes.a": ANY_VALUES,
    "message.parameters.a": ANY_VALUES,
    "order.attributes.a": ANY_VALUES,
}
_PRODUCT: Mapping[str, tuple[Value, ...]] = {
    "stock": NUMBERS,
    "category": TEXTS,
    "attributes.a": ANY_VALUES,
}
GOOD_VALUES: Mapping[str, tuple[Value, ...]] = {
    "recipient.first_name": TEXTS,
    "recipient.consents": LISTS,
    "recipient.purchases": LISTS,
    "message.class": ("marketing", "marketing", "transactional"),
    "order.status": TEXTS,
    **_ATTRIBUTES,
    **{f"product.{id}.{name}": values for id in IDS for name, values in _PRODUCT.items()},
    **{f"offer.{name}": values for name, values in _PRODUCT.items()},
}
keys = st.sampled_from([parse_key(name) for name in GOOD_VALUES])


def _names(good: tuple[Value, ...]) -> st.SearchStrategy[str]:
    """The facts that are of this type, and the attributes, which are of any."""
    return st.sampled_from([name for name, of in GOOD_VALUES.items() if of in (good, ANY_VALUES)])


def _equalities(good: tuple[Value, ...], values: tuple[Value, ...]) -> st.SearchStrategy[Condition]:
    value = st.sampled_from(values)
    return st.builds(
        Equality, fact=_names(good), op=st.sampled_from(["equals", "not_equals"]), value=value
    ) | st.builds(
        Membership,
        fact=_names(good),
        op=st.sampled_from(["in", "not_in"]),
        values=st.lists(value, min_size=1, max_size=3).map(tuple),
    )


valued_leaves: st.SearchStrategy[Condition] = st.one_of(
    _equalities(TEXTS, TEXTS),
    _equalities(NUMBERS, NUMBERS),
    _equalities(ANY_VALUES, (*TEXTS, *NUMBERS, True, False)),
    st.builds(
        Comparison,
        fact=_names(NUMBERS),
        op=st.sampled_from(["above", "at_least", "below", "at_most"]),
        value=st.sampled_from(NUMBERS),
    ),
    st.builds(Contains, fact=_names(LISTS), op=st.just("contains"), value=st.sampled_from(TEXTS)),
)
presences: st.SearchStrategy[Condition] = st.builds(
    Presence, fact=st.sampled_from(list(GOOD_VALUES)), op=st.sampled_from(["is_set", "is_not_set"])
)


def _trees(of: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    def grow(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        members = st.lists(inner, min_size=1, max_size=3).map(tuple)
        groups = st.builds(Group, op=st.sampled_from(["all", "any"]), of=members)
        return groups | st.builds(Not, op=st.just("not"), of=inner)

    return st.recursive(of, grow, max_leaves=8)


valued_conditions = _trees(valued_leaves)
"""Without is_set and is_not_set, which alone can tell that a fact is absent."""
conditions = _trees(valued_leaves | presences)


def _mostly_known(good: dict[str, st.SearchStrategy[Value]]) -> st.SearchStrategy[Record]:
    return st.fixed_dictionaries(good) | st.fixed_dictionaries({}, optional=good)


def _records(source: str) -> st.SearchStrategy[Record]:
    """Facts of the source, most of them of the right type."""
    return _mostly_known(
        {
            name.removeprefix(source): st.sampled_from(values * 9 + ANY_VALUES)
            for name, values in GOOD_VALUES.items()
            if name.startswith(source)
        }
    )


some_facts = st.builds(
    Facts,
    recipient=_records("recipient."),
    message=_records("message."),
    order=_records("order."),
    products=_mostly_known({id: _records(f"product.{id}.") for id in IDS}),
    similar=st.dictionaries(ids, st.lists(ids, unique=True)),
)
