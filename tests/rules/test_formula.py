"""Searching for facts under which conditions hold."""

from collections.abc import Mapping
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import FactKey, OrderStatus, parse_key
from rules.formula import Case, Combined, Formula, Search, Variable, World, known, needed, variables
from rules.nodes import Known
from rules.offer import Offer
from rules.truth import Truth, conjunction, disjunction, negation
from tests.rules.support import DECLARED, condition, law

SIMILAR = Offer(similar_to="x")


def possible(
    wanted: Any,
    unwanted: Any = None,
    offered: Offer | None = SIMILAR,
    given: Mapping[Variable, int] | None = None,
) -> bool:
    """Whether facts are found under which one condition holds and the other does not."""
    world = World(DECLARED)
    nodes = [condition(tree) for tree in (wanted, unwanted) if tree is not None]
    for node in nodes:
        world.note(node, offered)
    holds, *spoils = [world.formula(node, offered) for node in nodes]
    spoiled = spoils[0] if spoils else False
    return Search(10_000, 10_000).possible(holds, spoiled, given or {})


def both(*of: Any) -> dict[str, Any]:
    return {"op": "all", "of": list(of)}


def either(*of: Any) -> dict[str, Any]:
    return {"op": "any", "of": list(of)}


def no(of: Any) -> dict[str, Any]:
    return {"op": "not", "of": of}


def leaf(op: str, fact: str, **more: Any) -> dict[str, Any]:
    return {"op": op, "fact": fact, **more}


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def sek(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "SEK"}


NUMBER, TEXT = "recipient.attributes.number", "recipient.attributes.text"
STOCK, CART, SENT = "product.p.stock", "recipient.cart", "message.sent_at"


def share(percent: float, salt: str = "s") -> dict[str, Any]:
    return {"op": "share", "percent": percent, "salt": salt}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (leaf("above", NUMBER, value=3), True),
        (both(leaf("above", NUMBER, value=3), leaf("below", NUMBER, value=4)), True),
        (both(leaf("above", STOCK, value=3), leaf("below", STOCK, value=4)), False),
        (both(leaf("above", NUMBER, value=3), leaf("below", NUMBER, value=3)), False),
        (both(leaf("above", NUMBER, value=3), leaf("at_most", NUMBER, value=2)), False),
        (both(leaf("at_least", NUMBER, value=3), leaf("at_most", NUMBER, value=3)), True),
        (leaf("below", STOCK, value=0), False),
        (leaf("below", NUMBER, value=0), True),
        (leaf("at_most", STOCK, value=0), True),
        (leaf("equals", STOCK, value=0.5), False),
        (leaf("equals", NUMBER, value=0.5), True),
        (both(leaf("in", NUMBER, values=[1, 2]), leaf("not_in", NUMBER, values=[2, 3])), True),
        (both(leaf("in", NUMBER, values=[1, 2]), leaf("not_in", NUMBER, values=[1, 2])), False),
        (
            both(
                leaf("between", NUMBER, least=1, most=2), leaf("between", NUMBER, least=3, most=4)
            ),
            False,
        ),
        (
            both(
                leaf("above", "order.total", value=eur("5")),
                leaf("below", "order.total", value=eur("5.01")),
            ),
            True,
        ),
        (
            both(
                leaf("above", "order.total", value=eur("5")),
                leaf("below", "order.total", value=eur("5")),
            ),
            False,
        ),
        (
            both(
                leaf("above", "order.total", value=eur("5")),
                leaf("below", "order.total", value=sek("5")),
            ),
            False,
        ),
        (leaf("below", "order.total", value=eur("0")), False),
        (both(leaf("equals", TEXT, value="x"), leaf("equals", TEXT, value="y")), False),
        (both(leaf("not_equals", TEXT, value="x"), leaf("not_equals", TEXT, value="y")), True),
        (
            both(
                leaf("equals", TEXT, value="x"),
                leaf("not_equals", TEXT, value="X", ignore_case=True),
            ),
            False,
        ),
        (
            both(
                leaf("equals", TEXT, value="X", ignore_case=True),
                leaf("not_equals", TEXT, value="X"),
            ),
            True,
        ),
        (both(leaf("equals", TEXT, value="xy"), leaf("starts_with", TEXT, value="y")), False),
        (both(leaf("equals", TEXT, value="xy"), leaf("starts_with", TEXT, value="x")), True),
        (both(leaf("not_equals", TEXT, value="xy"), leaf("starts_with", TEXT, value="x")), True),
        (
            both(*(leaf("not_equals", "order.status", value=one) for one in get_args(OrderStatus))),
            False,
        ),
        (both(leaf("contains", CART, value="p"), leaf("contains_none", CART, values=["p"])), False),
        (
            both(
                leaf("contains_any", CART, values=["p", "q"]), no(leaf("contains", CART, value="p"))
            ),
            True,
        ),
        (
            both(
                leaf("contains_all", CART, values=["p", "q"]), no(leaf("contains", CART, value="p"))
            ),
            False,
        ),
        (
            both(
                leaf("equals", "product.p.bought", value=True),
                no(leaf("contains", "recipient.purchases", value="p")),
            ),
            False,
        ),
        (
            both(
                leaf("equals", "product.p.bought", value=True),
                no(leaf("contains", "recipient.purchases", value="q")),
            ),
            True,
        ),
        (
            both(
                leaf("equals", "product.p.repeated", value=True),
                leaf("not_equals", "product.p.repeated", value=True),
            ),
            False,
        ),
        (
            both(
                leaf("before", SENT, value="2026-01-01T00:00Z"),
                leaf("after", SENT, value="2026-01-01T00:00Z"),
            ),
            False,
        ),
        (
            both(
                leaf("after", SENT, value="2026-01-01T00:00Z"),
                leaf("before", SENT, value="2026-01-01T00:01Z"),
            ),
            True,
        ),
        (
            both(
                leaf("before", "order.expected", value="2026-01-02"),
                leaf("after", "order.expected", value="2026-01-01"),
            ),
            False,
        ),
        (
            both(
                leaf("before", "order.expected", value="2026-01-03"),
                leaf("after", "order.expected", value="2026-01-01"),
            ),
            True,
        ),
        (both(leaf("before", SENT, value="now"), leaf("after", SENT, value="now")), True),
        (both(leaf("before", SENT, value="now"), no(leaf("before", SENT, value="now"))), False),
        (
            both(
                leaf("within_last", SENT, duration="P1D"),
                no(leaf("within_last", SENT, duration="P1D")),
            ),
            False,
        ),
        (leaf("after", SENT, value="2026-03-29"), True),
        (leaf("before", SENT, value="2026-03-29T08:00"), True),
        (
            both(leaf("after", SENT, value="2026-03-29"), leaf("before", SENT, value="2026-03-30")),
            False,
        ),
        (
            both(
                leaf("after", SENT, value="2026-03-29T08:00"),
                leaf("before", SENT, value="2026-03-30"),
            ),
            True,
        ),
        (both(leaf("above", "now.hour", value=8), leaf("below", "now.hour", value=8.5)), True),
        (leaf("below", "now.hour", value=0), False),
        (leaf("below", "shown.a", value=1), True),
        (leaf("below", "shown.a", value=0), False),
        (leaf("below", "offer.price", value=eur("0.99")), True),
        (no(leaf("at_least", "order.total", value=eur("0.50"))), True),
        (leaf("below", "now.hour", value=0.5), True),
        (
            both(
                leaf("equals", "order.expected", value="2026-12-24"),
                leaf("after", "order.expected", value="2026-12-24"),
            ),
            False,
        ),
        (
            both(
                leaf("between", "order.expected", least="2026-12-24", most="2026-12-26"),
                leaf("after", "order.expected", value="2026-12-25"),
            ),
            True,
        ),
        (
            both(
                leaf("equals", "order.total", value=eur("5")),
                leaf("equals", "order.total", value=sek("5")),
            ),
            False,
        ),
        (
            both(
                leaf("between", "order.total", least=eur("1"), most=eur("5")),
                leaf("above", "order.total", value=eur("4.99")),
            ),
            True,
        ),
        (leaf("at_least", "now.hour", value=24), False),
        (leaf("above", NUMBER, value=1e17), True),
        (leaf("before", "order.expected", value="0001-01-01"), False),
        (leaf("after", "order.expected", value="9999-12-31"), False),
        (
            both(
                leaf("equals", TEXT, value="ab", ignore_case=True),
                leaf("not_in", TEXT, values=["ab", "AB"]),
            ),
            True,
        ),
        (both(leaf("is_not_set", "recipient.time_zone"), leaf("above", "now.hour", value=8)), True),
        (
            both(
                leaf("after", "now.instant", value="2026-12-24T06:00Z"),
                leaf("before", "now.instant", value="2026-12-24"),
            ),
            True,
        ),
        (both(leaf("is_set", TEXT), leaf("is_not_set", TEXT)), False),
        (both(leaf("is_not_set", TEXT), leaf("equals", TEXT, value="x")), False),
        (both(leaf("is_set", TEXT), leaf("equals", TEXT, value="x")), True),
        (both(leaf("is_not_set", TEXT), no(leaf("equals", TEXT, value="x"))), False),
        (share(0), False),
        (share(100), True),
        (no(share(100)), False),
        (both(share(40), no(share(50))), False),
        (both(share(50), no(share(40))), True),
        (both(share(40), no(share(50, "t"))), True),
        (either(leaf("above", STOCK, value=3), leaf("below", STOCK, value=0)), True),
        (no(either(leaf("above", STOCK, value=3), leaf("at_most", STOCK, value=3))), False),
    ],
)
def test_whether_a_condition_can_hold(tree: Any, expected: bool) -> None:
    assert possible(tree) is expected


def test_whether_one_can_hold_without_another() -> None:
    few, none = leaf("below", STOCK, value=3), leaf("at_most", STOCK, value=0)
    assert possible(few, none)
    assert not possible(none, few)


def test_an_offer_that_is_always_the_same_is_that_product() -> None:
    tree = both(leaf("above", "offer.stock", value=0), leaf("at_most", STOCK, value=0))
    assert not possible(tree, offered=Offer(product="p"))
    assert possible(tree, offered=Offer(product="q"))
    assert possible(tree, offered=Offer(similar_to="p"))


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (leaf("above", "offer.stock", value=0), False),
        (no(leaf("above", "offer.stock", value=0)), False),
        (leaf("is_set", "offer.bought"), False),
        (leaf("is_not_set", "offer.bought"), True),
    ],
)
def test_without_an_offer_its_facts_are_absent(tree: Any, expected: bool) -> None:
    assert possible(tree, offered=None) is expected


def test_a_share_is_of_people_who_are_known() -> None:
    tree = no(both(share(0), leaf("equals", TEXT, value="x")))
    absent = {known(parse_key("recipient.id")): 0, known(parse_key(TEXT)): 0}
    assert possible(tree)
    assert not possible(tree, given=absent)


def test_whether_it_can_hold_while_a_fact_is_not_known() -> None:
    tree = either(leaf("equals", TEXT, value="x"), leaf("equals", "order.status", value="packed"))
    absent = {known(parse_key(TEXT)): 0}
    assert possible(tree, given=absent)
    assert not possible(tree, given={**absent, known(parse_key("order.status")): 0})


def test_what_rests_on_a_fact_is_known_with_it() -> None:
    absent = {known(parse_key("recipient.purchases")): 0}
    assert not possible(leaf("equals", "product.p.bought", value=False), given=absent)


def test_what_is_shown_must_be_known() -> None:
    world = World({})
    node = Known((FactKey("order", "carrier"), FactKey("offer", "price")))
    world.note(node, Offer(product="p"))
    formula = world.formula(node, Offer(product="p"))
    assert Search(100, 100).possible(formula)
    absent = {known(FactKey("product", "price", "p")): 0}
    assert not Search(100, 100).possible(formula, given=absent)


# The search alone

SIZES = (2, 3, 2)
cases: st.SearchStrategy[Formula] = st.integers(0, len(SIZES) - 1).flatmap(
    lambda number: st.tuples(*[st.sampled_from((True, False, None))] * SIZES[number]).map(
        lambda of: Case((number,), of)
    )
)
formulas: st.SearchStrategy[Formula] = st.recursive(
    cases | st.sampled_from((True, False, None)),
    lambda inner: (
        st.builds(
            lambda op, of: Combined(op, tuple(of)),
            st.sampled_from(("all", "any")),
            st.lists(inner, min_size=1, max_size=3),
        )
        | inner.map(lambda one: Combined("not", (one,)))
    ),
    max_leaves=8,
)


def value(formula: Formula, world: tuple[int, ...]) -> Truth:
    match formula:
        case Case(variable=(int(number),), of=of):
            return value(of[world[number]], world)
        case Combined(op="not", of=(one,)):
            return negation(value(one, world))
        case Combined(op=op, of=of):
            combine = conjunction if op == "all" else disjunction
            return combine([value(one, world) for one in of])
    return formula  # type: ignore[return-value]


@law
@given(formulas, formulas)
def test_a_search_finds_what_trying_everything_finds(wanted: Formula, unwanted: Formula) -> None:
    worlds = list(product(*map(range, SIZES)))
    found = any(
        value(wanted, world) is True and value(unwanted, world) is not True for world in worlds
    )
    assert Search(100_000, 100_000).possible(wanted, unwanted) is found


@law
@given(formulas, st.integers(0, 2), st.integers(0, 1))
def test_what_is_given_is_kept_to(wanted: Formula, number: int, given_value: int) -> None:
    worlds = [world for world in product(*map(range, SIZES)) if world[number] == given_value]
    found = any(value(wanted, world) is True for world in worlds)
    assert Search(100_000, 100_000).possible(wanted, given={(number,): given_value}) is found


NEVER = Combined("all", tuple(Case((number,), (number % 2 == 0, False)) for number in range(20)))


def test_a_search_that_takes_too_long_does_not_deny() -> None:
    assert not Search(10_000, 10_000).possible(NEVER)
    assert Search(10, 10_000).possible(NEVER)


def test_all_searches_together_are_bounded() -> None:
    search = Search(10_000, 10_000)
    answers = [search.possible(NEVER) for _ in range(1000)]
    assert answers[0] is False
    assert answers[-1] is True
    assert answers == sorted(answers)


def test_what_a_search_leaves_over_is_there_for_the_next() -> None:
    search = Search(1000, 1000)
    assert [search.possible(False) for _ in range(400)] == [False] * 400


def test_what_a_formula_needs_is_among_what_it_may_depend_on() -> None:
    one, other = Case(("a",), (False, True)), Case(("b",), (None, True))
    either = Combined("any", (one, other))
    assert needed(Combined("all", (one, other, True))) == {("a",), ("b",)}
    assert needed(either) == needed(Case(("a",), (True, False))) == frozenset()
    assert needed(Combined("all", (one, either))) == {("a",)}
    assert variables(Combined("not", (either,))) == {("a",), ("b",)}
    assert variables(Case(("c",), (one, None))) == {("a",), ("c",)}
