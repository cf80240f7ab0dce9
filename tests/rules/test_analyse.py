"""What a block's author is warned of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from rules.analyse import Problem, Warned, analyse, needed_facts
from rules.compile import compile_condition
from rules.decide import compile_rules, decide
from rules.facts import FactKey, Facts, FactType, Money, Record, Value, parse_key
from rules.offer import Offer
from rules.schedule import Schedule
from rules.tree import Condition, Group, Not
from rules.variant import Cap, Rules, Variant
from tests.rules.interpreter import typed
from tests.rules.support import DECLARED, blocks, condition, law, opened, with_others


def leaf(op: str, fact: str, **more: Any) -> dict[str, Any]:
    return {"op": op, "fact": fact, **more}


def when(id: str, tree: Mapping[str, Any] | None, offer: Offer | None = None) -> Variant:
    return Variant(id, offer, None if tree is None else condition(tree))


def warned(*variants: Variant, absent: tuple[str, ...] = (), **settings: Any) -> list[Warned]:
    rules = Rules(variants, declared=DECLARED, **settings)
    return list(analyse(rules, lambda key: str(key) not in absent))


def problems(*variants: Variant, **settings: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(one.problem, one.place) for one in warned(*variants, **settings)]


STOCK = "product.x.stock"
FEW = leaf("below", STOCK, value=4)
MANY = leaf("at_least", STOCK, value=4)
FINNISH = leaf("equals", "recipient.locale", value="fi")
OTHERS = leaf("not_equals", "recipient.locale", value="fi")
PLAN = leaf("equals", "recipient.attributes.text", value="gold")


# Conditions that come to the same


def test_a_block_with_nothing_to_warn_of() -> None:
    assert problems(when("a", FEW), when("b", MANY, Offer(product="x")), when("c", None)) == []


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"op": "all", "of": [FEW, MANY]}, ()),
        ({"op": "any", "of": [FINNISH, {"op": "all", "of": [FEW, MANY]}]}, ("of", 1)),
        ({"op": "not", "of": {"op": "any", "of": [FEW, MANY]}}, ()),
        ({"op": "all", "of": [FINNISH, leaf("below", STOCK, value=0)]}, ()),
        ({"op": "any", "of": [FINNISH, leaf("below", STOCK, value=0)]}, ("of", 1)),
    ],
)
def test_a_condition_that_can_never_hold(tree: dict[str, Any], place: tuple[Any, ...]) -> None:
    assert problems(when("a", tree)) == [
        (Problem.CONTRADICTION, ("variants", 0, "condition", *place))
    ]


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"op": "any", "of": [FEW, MANY]}, ()),
        ({"op": "any", "of": [FINNISH, leaf("at_least", STOCK, value=0)]}, ()),
        ({"op": "all", "of": [FINNISH, {"op": "any", "of": [FEW, MANY]}]}, ("of", 1)),
        ({"op": "not", "of": {"op": "any", "of": [FINNISH, leaf("below", STOCK, value=0)]}}, None),
    ],
)
def test_a_condition_that_always_holds(tree: dict[str, Any], place: tuple[Any, ...] | None) -> None:
    found = problems(when("a", tree))
    expected = [(Problem.ALWAYS_TRUE, ("variants", 0, "condition", *(place or ())))]
    if place is None:
        expected = [(Problem.CONTRADICTION, ("variants", 0, "condition", "of", "of", 1))]
    assert found == expected


def test_a_schedule_may_end_with_the_calendar() -> None:
    for_ever = Schedule.model_validate({"from": "0001-01-01", "until": "9999-12-31"})
    assert problems(replace(when("a", None), schedule=for_ever)) == []


@pytest.mark.parametrize("kind", [one for one in FactType if one is not FactType.INSTANT])
def test_an_attribute_that_got_another_type_is_never_as_it_was_asked(kind: FactType) -> None:
    name = "recipient.attributes.instant"
    asked = when("a", leaf("before", name, value="2026-12-24T00:00Z"))
    found = [*analyse(Rules((asked,), declared={**DECLARED, name: kind}), lambda _: True)]
    expected = [] if kind is FactType.DATE else [Problem.CONTRADICTION]
    assert [one.problem for one in found] in (expected, [Problem.CONTRADICTION])


def test_very_much_that_is_asked_of_one_fact_is_not_looked_into() -> None:
    """Every value apart: a block within the limits would keep the server for half a minute."""
    name = "recipient.attributes.number"
    variants = [
        when(f"v{place}", leaf("in", name, values=[place * 500 + one for one in range(500)]))
        for place in range(50)
    ]
    assert problems(*variants) == []
    few = when("a", leaf("in", name, values=[1])), when("b", leaf("equals", name, value=1))
    assert problems(*few) == [(Problem.UNREACHABLE, ("variants", 1))]


def test_only_the_outermost_part_is_warned_of() -> None:
    inner = {"op": "all", "of": [FEW, MANY]}
    assert problems(when("a", {"op": "all", "of": [inner, inner]})) == [
        (Problem.CONTRADICTION, ("variants", 0, "condition"))
    ]


def test_a_warning_is_told_in_words() -> None:
    [contradiction] = warned(when("a", {"op": "all", "of": [FEW, MANY]}))
    [always] = warned(when("a", {"op": "any", "of": [FEW, MANY]}))
    assert contradiction.message == "this can never be true"
    assert always.message == "this is true whenever its facts are known"


# Variants that cannot be shown


@pytest.mark.parametrize(
    "variant",
    [
        when("a", leaf("contains", "recipient.purchases", value="x"), Offer(product="x")),
        when("a", leaf("equals", "product.x.bought", value=True), Offer(product="x")),
        when("a", leaf("at_most", "offer.stock", value=0), Offer(product="x")),
        when("a", leaf("at_most", "offer.stock", value=0), Offer(similar_to="x")),
        replace(when("a", leaf("at_least", "shown.a", value=2)), cap=Cap(times=2, over="P1D")),
        replace(
            when("a", None),
            schedule=Schedule.model_validate({"from": "2026-06-01", "until": "2026-05-01"}),
        ),
        replace(
            when("a", leaf("equals", "now.weekday", value="monday")),
            schedule=Schedule(weekdays=("sunday",)),
        ),
        replace(
            when("a", leaf("is_not_set", "order.carrier")),
            values=frozenset({parse_key("order.carrier")}),
        ),
    ],
)
def test_a_variant_whose_guards_speak_against_its_condition(variant: Variant) -> None:
    [found] = warned(variant)
    assert (found.problem, found.place) == (Problem.NEVER_ELIGIBLE, ("variants", 0))
    assert found.message == "a can never be shown: what is asked of it contradicts itself"


@pytest.mark.parametrize(
    "variant",
    [
        when("a", leaf("equals", "product.y.bought", value=True), Offer(product="x")),
        when("a", leaf("at_most", "product.x.stock", value=0), Offer(similar_to="x")),
        when("a", leaf("at_most", "offer.stock", value=0), Offer(product="x", in_stock=False)),
        when("a", leaf("above", "offer.stock", value=5), Offer(personal="cart")),
        replace(
            when("a", None),
            schedule=Schedule.model_validate({"from": "2026-05-01", "until": "2026-06-01"}),
        ),
    ],
)
def test_a_variant_whose_guards_go_with_its_condition(variant: Variant) -> None:
    assert problems(variant) == []


# Variants that are never reached


@pytest.mark.parametrize(
    ("variants", "unreached"),
    [
        ((when("a", None), when("b", None)), {1: "a"}),
        ((when("a", FEW), when("b", None)), {}),
        ((when("a", None), when("b", FEW), when("c", MANY)), {1: "a", 2: "a"}),
        (
            (when("a", FINNISH), when("b", OTHERS), when("c", leaf("is_set", "recipient.locale"))),
            {2: "one of those before it"},
        ),
        ((when("a", FINNISH), when("b", OTHERS), when("c", None)), {}),
        (
            (when("a", None, Offer(product="x")), when("b", FINNISH, Offer(product="x"))),
            {1: "a"},
        ),
        ((when("a", None, Offer(product="x")), when("b", None, Offer(product="y"))), {}),
        ((when("a", None, Offer(similar_to="x")), when("b", None, Offer(similar_to="x"))), {}),
        ((when("a", leaf("below", STOCK, value=9)), when("b", FEW)), {1: "a"}),
        ((when("a", FEW), when("b", leaf("below", STOCK, value=9))), {}),
    ],
)
def test_a_variant_in_whose_place_another_is_always_shown(
    variants: tuple[Variant, ...], unreached: dict[int, str]
) -> None:
    assert warned(*variants) == [
        Warned(
            Problem.UNREACHABLE,
            ("variants", number),
            f"{variants[number].id} is never reached: wherever it holds, {before} is shown",
        )
        for number, before in unreached.items()
    ]


def test_by_lot_every_variant_is_reached() -> None:
    assert problems(when("a", None), when("b", None), choice="split") == []


# Facts that nobody provides


def test_a_fact_that_nobody_provides() -> None:
    [one, every] = warned(when("a", PLAN), absent=("recipient.attributes.text",))
    assert one == (
        Problem.FACT_NOT_PROVIDED,
        ("variants", 0),
        "a cannot be shown yet: nobody has provided recipient.attributes.text",
    )
    assert every == (
        Problem.NO_VARIANT_POSSIBLE,
        ("variants",),
        "nothing but the fallback can be shown yet: every variant lacks a fact",
    )


@pytest.mark.parametrize(
    ("variants", "expected"),
    [
        ((when("a", PLAN), when("b", None)), [Problem.FACT_NOT_PROVIDED]),
        ((when("a", {"op": "any", "of": [PLAN, FINNISH]}),), []),
        ((when("a", leaf("is_not_set", "recipient.attributes.text")),), []),
        ((when("a", {"op": "all", "of": [FEW, MANY]}),), [Problem.CONTRADICTION]),
    ],
)
def test_what_can_be_shown_without_the_fact_is_not_warned_of(
    variants: tuple[Variant, ...], expected: list[Problem]
) -> None:
    found = warned(*variants, absent=("recipient.attributes.text",))
    assert [one.problem for one in found] == expected


@pytest.mark.parametrize(
    ("variant", "absent"),
    [
        (when("a", None, Offer(product="x")), "product.x.stock"),
        (when("a", None, Offer(product="x")), "recipient.purchases"),
        (replace(when("a", None), schedule=Schedule(weekdays=("monday",))), "recipient.time_zone"),
        (
            replace(when("a", None), values=frozenset({parse_key("order.carrier")})),
            "order.carrier",
        ),
        (replace(when("a", None), cap=Cap(times=1, over="P1D")), "shown.a"),
    ],
)
def test_the_guards_need_facts_too(variant: Variant, absent: str) -> None:
    found = warned(variant, absent=(absent,))
    assert [one.problem for one in found] == [
        Problem.FACT_NOT_PROVIDED,
        Problem.NO_VARIANT_POSSIBLE,
    ]
    assert absent in found[0].message


def test_the_facts_that_someone_must_provide() -> None:
    rules = Rules((when("a", PLAN, Offer(product="x")),), declared=DECLARED)
    assert needed_facts(rules) == {
        FactKey("recipient", "attributes.text"),
        FactKey("product", "stock", "x"),
        FactKey("recipient", "purchases"),
    }
    assert needed_facts(Rules(())) == frozenset()


# Laws


@law
@given(blocks, opened)
def test_a_warning_is_never_wrong(rules: Rules, facts: Facts) -> None:
    facts = possible(facts)
    for one in analyse(rules, lambda _: True):
        place = one.place
        variant = rules.variants[int(place[1])]
        alone = compile_rules(replace(rules, variants=(variant,), hold_out=0))
        match one.problem:
            case Problem.CONTRADICTION:
                assert True not in truths(rules, variant, place, facts)
            case Problem.ALWAYS_TRUE:
                assert False not in truths(rules, variant, place, facts)
            case Problem.NEVER_ELIGIBLE:
                assert decide(alone, facts).variant is None
            case Problem.UNREACHABLE:
                whole = compile_rules(replace(rules, hold_out=0))
                assert decide(whole, facts).variant != variant.id
            case other:
                raise AssertionError(other)


@law
@given(blocks, opened)
def test_what_lacks_a_fact_is_not_shown_without_it(rules: Rules, facts: Facts) -> None:
    facts = with_others(possible(facts), order={})
    for one in analyse(rules, lambda key: key.source != "order"):
        if one.problem == Problem.FACT_NOT_PROVIDED:
            variant = rules.variants[int(one.place[1])]
            alone = compile_rules(replace(rules, variants=(variant,), hold_out=0))
            assert decide(alone, facts).variant is None


def truths(
    rules: Rules, variant: Variant, place: tuple[Any, ...], facts: Facts
) -> list[bool | None]:
    """What the part of a variant's condition at a place comes to, with each offer."""
    assert variant.condition is not None
    test = compile_condition(at(variant.condition, place[3:]), rules.declared).test
    offers: list[str | None] = [None]
    if variant.offer is not None:
        offers = ["p", "q"] if variant.offer.product is None else [variant.offer.product]
    return [test(facts, offer) for offer in offers]


def at(node: Condition, steps: tuple[Any, ...]) -> Condition:
    match node:
        case Group() if steps:
            return at(node.of[steps[1]], steps[2:])
        case Not() if steps:
            return at(node.of, steps[1:])
    return node


def possible(facts: Facts) -> Facts:
    """The same without what is not fresh, of another type, or can never be by the registry."""

    def kept(source: str, record: Record) -> dict[str, Any]:
        return {name: value for name, value in record.items() if can_be(source, name, value)}

    return with_others(
        facts,
        **{
            source: kept(source, getattr(facts, source))
            for source in ("recipient", "message", "order", "source")
        },
        products={id: kept("offer", record) for id, record in facts.products.items()},
    )


def can_be(source: str, name: str, value: Value) -> bool:
    key = parse_key(f"{source}.{name}")
    known, kind = key.registered, key.type(DECLARED)
    if kind is FactType.LOCALISED:
        return isinstance(value, dict)
    found = typed(value, kind, stored_as_json=known is None)
    if found is None:
        return False
    if known is None:
        return True
    number = found.amount if isinstance(found, Money) else found
    if known.least is not None and number < known.least:
        return False
    if known.choices and found not in known.choices:
        return False
    return not known.whole or number == int(number)
