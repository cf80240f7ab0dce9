from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.compile import Compiled, compile_condition
from rules.decide import (
    Decision,
    Detail,
    Guard,
    Offer,
    Reason,
    Skipped,
    Variant,
    decide,
    offer_holds,
)
from rules.facts import Facts, parse_key, reader
from rules.truth import Truth
from tests.rules.support import condition, conditions, ids, keys, law, some_facts

KNOWN: Mapping[str, dict[str, Any]] = {
    "recipient": {"first_name": "Aino", "consents": ("marketing",), "purchases": frozenset()},
    "message": {"class": "marketing"},
    "order": {"status": "packed"},
    "products": {"rome": {"stock": 3}, "oslo": {"stock": 2}, "riga": {"stock": 1}},
    "similar": {"rome": ("oslo", "riga")},
}
"""Facts for which each of the variants below is shown."""

ROME = Variant("rome", marketing=True, offer=Offer("rome"))
LIKE_ROME = Variant("like-rome", marketing=True, offer=Offer("rome", similar=True))
NEWS = Variant("news", marketing=True)
PARCEL = Variant("parcel", marketing=False)


def changed(source: str, **changes: Any) -> Facts:
    """The facts above with some of a source's changed; None for what is absent."""
    kept = {name: value for name, value in (KNOWN[source] | changes).items() if value is not None}
    return Facts(**{**KNOWN, source: kept})


OPEN = Facts(**KNOWN)
SOLD_OUT = changed("products", rome={"stock": 0})
BOUGHT = changed("recipient", purchases=("rome",))


def compiled(op: str, fact: str, **value: Any) -> Compiled:
    return compile_condition(condition({"op": op, "fact": fact, **value}))


def when(variant: Variant, op: str, fact: str, **value: Any) -> Variant:
    return replace(variant, condition=compiled(op, fact, **value))


def showing(variant: Variant, *names: str) -> Variant:
    return replace(variant, values=frozenset(map(parse_key, names)))


def shown(variant: str, offer: str | None, *trace: Skipped, swap: bool = False) -> Decision:
    return Decision(variant, offer, Reason.TARGETING_MATCH, Detail.VARIANT_HOLDS, swap, trace)


def fallback(detail: Detail, *trace: Skipped, swap: bool = False) -> Decision:
    return Decision(None, None, Reason.DEFAULT, detail, swap, trace)


@pytest.mark.parametrize(
    ("variant", "offer"),
    [
        (ROME, "rome"),
        (LIKE_ROME, "oslo"),
        (NEWS, None),
        (PARCEL, None),
        (when(PARCEL, "equals", "order.status", value="packed"), None),
        (when(ROME, "equals", "offer.stock", value=3), "rome"),
        (showing(ROME, "recipient.first_name", "offer.stock", "product.oslo.stock"), "rome"),
    ],
)
def test_a_variant_of_which_all_is_true_is_shown(variant: Variant, offer: str | None) -> None:
    assert decide([variant], OPEN) == shown(variant.id, offer)


@pytest.mark.parametrize("type", [tuple, frozenset])
def test_a_consent_stands_in_either_type_of_list(type: type[Any]) -> None:
    assert decide([NEWS], changed("recipient", consents=type(["marketing"]))) == shown("news", None)


def test_the_first_that_holds_is_shown() -> None:
    assert decide([NEWS, ROME, PARCEL], OPEN) == shown("news", None)
    assert decide([ROME, NEWS, PARCEL], OPEN) == shown("rome", "rome")


def test_without_variants_the_fallback_is_shown() -> None:
    assert decide([], OPEN) == fallback(Detail.NO_VARIANT_HOLDS)


@pytest.mark.parametrize("variant", [NEWS, ROME, LIKE_ROME], ids=lambda variant: variant.id)
@pytest.mark.parametrize(
    ("facts", "guard", "truth", "detail"),
    [
        (changed("message", **{"class": "transactional"}), "class", False, Detail.MESSAGE_CLASS),
        (changed("message", **{"class": None}), "class", None, Detail.FACT_MISSING),
        (changed("recipient", consents=()), "consent", False, Detail.CONSENT_MISSING),
        (changed("recipient", consents=("tracking",)), "consent", False, Detail.CONSENT_MISSING),
        (changed("recipient", consents=None), "consent", None, Detail.FACT_MISSING),
        (changed("recipient", consents="marketing"), "consent", None, Detail.FACT_MISSING),
        (changed("recipient", consents={"marketing": False}), "consent", None, Detail.FACT_MISSING),
        (Facts(), "class", None, Detail.FACT_MISSING),
    ],
)
def test_marketing_needs_its_class_and_consent(
    variant: Variant, facts: Facts, guard: str, truth: Truth, detail: Detail
) -> None:
    missing = {"class": "message.class", "consent": "recipient.consents"}[guard]
    skipped = Skipped(variant.id, Guard(guard), truth, None, (missing,) if truth is None else ())
    assert decide([variant], facts) == fallback(detail, skipped)
    unmarked = decide([replace(variant, marketing=False)], facts)
    assert skipped.guard not in {one.guard for one in unmarked.trace}


@pytest.mark.parametrize(
    "facts",
    [changed("message", **{"class": "transactional"}), changed("recipient", consents=()), Facts()],
)
def test_what_is_not_marketing_needs_neither(facts: Facts) -> None:
    assert decide([PARCEL], facts) == shown("parcel", None)


OFFERS = [
    (OPEN, None, True),
    (changed("products", rome={"stock": 0}), Guard.IN_STOCK, False),
    (changed("products", rome={"stock": -1}), Guard.IN_STOCK, False),
    (changed("products", rome={}), Guard.IN_STOCK, None),
    (changed("products", rome=None), Guard.IN_STOCK, None),
    (changed("products", rome={"stock": "3"}), Guard.IN_STOCK, None),
    (changed("products", rome={"stock": 2.5}), Guard.IN_STOCK, None),
    (changed("products", rome={"stock": True}), Guard.IN_STOCK, None),
    (changed("recipient", purchases=("oslo",)), None, True),
    (changed("recipient", purchases=("oslo", "rome")), Guard.NOT_BOUGHT, False),
    (changed("recipient", purchases=frozenset({"rome"})), Guard.NOT_BOUGHT, False),
    (changed("recipient", purchases=None), Guard.NOT_BOUGHT, None),
    (changed("recipient", purchases="oslo"), Guard.NOT_BOUGHT, None),
    (changed("recipient", purchases=7), Guard.NOT_BOUGHT, None),
]
offers = pytest.mark.parametrize(("facts", "guard", "truth"), OFFERS)


@offers
def test_an_offer_must_be_in_stock_and_not_bought(
    facts: Facts, guard: Guard | None, truth: Truth
) -> None:
    expected = shown("rome", "rome")
    if guard is not None:
        ended = truth is False
        detail = Detail.NO_VARIANT_HOLDS if ended else Detail.FACT_MISSING
        facts_of = {
            Guard.IN_STOCK: "product.rome.stock",
            Guard.NOT_BOUGHT: "recipient.purchases",
        }
        missing = (facts_of[guard],) if truth is None else ()
        skipped = Skipped("rome", guard, truth, "rome", missing)
        expected = fallback(detail, skipped, swap=ended)
    assert decide([ROME], facts) == expected
    assert offer_holds(Offer("rome"), "rome", facts) is truth


@offers
def test_a_guard_that_is_switched_off_does_not_fail(
    facts: Facts, guard: Guard | None, truth: Truth
) -> None:
    off = Offer("rome", in_stock=False, not_bought=False)
    alone = {
        Guard.IN_STOCK: replace(off, in_stock=True),
        Guard.NOT_BOUGHT: replace(off, not_bought=True),
    }
    assert decide([replace(ROME, offer=off)], facts) == shown("rome", "rome")
    assert offer_holds(off, "rome", facts) is True
    for on, offer in alone.items():
        assert offer_holds(offer, "rome", facts) is (truth if on is guard else True)
        assert (decide([replace(ROME, offer=offer)], facts).variant is None) is (on is guard)


def test_a_guard_that_fails_goes_before_one_that_is_not_known() -> None:
    bought = Facts(recipient={"purchases": ("rome",)})
    assert offer_holds(Offer("rome"), "rome", bought) is False
    assert offer_holds(Offer("rome"), "oslo", bought) is None


def test_a_similar_offer_is_held_to_the_product_that_is_offered() -> None:
    similar = Offer("rome", similar=True)
    assert offer_holds(similar, "oslo", SOLD_OUT) is True
    assert offer_holds(similar, "rome", SOLD_OUT) is False
    assert offer_holds(similar, "rome", BOUGHT) is False


OSLO_SOLD_OUT = Skipped("like-rome", Guard.IN_STOCK, False, "oslo")
OSLO_UNKNOWN = Skipped("like-rome", Guard.IN_STOCK, None, "oslo", ("product.oslo.stock",))
OSLO_BOUGHT = Skipped("like-rome", Guard.NOT_BOUGHT, False, "oslo")
RIGA_BOUGHT = Skipped("like-rome", Guard.NOT_BOUGHT, False, "riga")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (SOLD_OUT, shown("like-rome", "oslo")),
        (
            changed("products", oslo={"stock": 0}),
            shown("like-rome", "riga", OSLO_SOLD_OUT, swap=True),
        ),
        (
            changed("recipient", purchases=("oslo",)),
            shown("like-rome", "riga", OSLO_BOUGHT, swap=True),
        ),
        (changed("products", oslo=None), shown("like-rome", "riga", OSLO_UNKNOWN)),
        (
            changed("recipient", purchases=("riga", "oslo")),
            fallback(Detail.NO_VARIANT_HOLDS, OSLO_BOUGHT, RIGA_BOUGHT, swap=True),
        ),
        (changed("similar", rome=("riga", "oslo")), shown("like-rome", "riga")),
        (
            changed("similar", rome=()),
            fallback(
                Detail.NO_VARIANT_HOLDS,
                Skipped("like-rome", Guard.CANDIDATES, truth=False),
                swap=True,
            ),
        ),
        (
            changed("similar", rome=None),
            fallback(Detail.FACT_MISSING, Skipped("like-rome", Guard.CANDIDATES, truth=None)),
        ),
    ],
)
def test_the_first_similar_product_that_passes_is_offered(facts: Facts, expected: Decision) -> None:
    assert decide([LIKE_ROME], facts) == expected


def test_the_condition_and_the_values_choose_among_similar_products() -> None:
    scarce = when(LIKE_ROME, "at_most", "offer.stock", value=1)
    oslo = Skipped("like-rome", Guard.CONDITION, False, "oslo")
    assert decide([scarce], OPEN) == shown("like-rome", "riga", oslo)

    titled = showing(LIKE_ROME, "offer.title")
    facts = changed("products", riga={"stock": 1, "title": "Riga"})
    oslo = Skipped("like-rome", Guard.VALUES, None, "oslo", ("offer.title",))
    assert decide([titled], facts) == shown("like-rome", "riga", oslo)


def either(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"op": "any", "of": branches}


LEO = {"op": "equals", "fact": "recipient.first_name", "value": "Leo"}
TRACKED = {"op": "equals", "fact": "order.tracking", "value": "x"}
CARRIED = {"op": "equals", "fact": "order.carrier", "value": "x"}
CHEAP = {"op": "below", "fact": "offer.attributes.rank", "value": 3}


@pytest.mark.parametrize(
    ("tree", "truth", "missing"),
    [
        (LEO, False, ()),
        ({"op": "all", "of": [LEO, TRACKED]}, False, ()),
        (TRACKED, None, ("order.tracking",)),
        (either(LEO, TRACKED, CARRIED), None, ("order.carrier", "order.tracking")),
        (either(CHEAP, TRACKED), None, ("offer.attributes.rank", "order.tracking")),
        ({"op": "contains", "fact": "order.attributes.note", "value": "x"}, None, ()),
    ],
)
def test_a_condition_that_does_not_hold_tells_what_is_missing(
    tree: dict[str, Any], truth: Truth, missing: tuple[str, ...]
) -> None:
    """Where it is UNKNOWN, and not because of a value of the wrong type."""
    variant = replace(ROME, condition=compile_condition(condition(tree)))
    detail = Detail.NO_VARIANT_HOLDS if truth is False else Detail.FACT_MISSING
    skipped = Skipped("rome", Guard.CONDITION, truth, "rome", missing)
    facts = changed("order", **{"attributes.note": "a text"})
    assert decide([variant], facts) == fallback(detail, skipped)


def test_a_condition_on_the_offer_is_unknown_where_there_is_none() -> None:
    skipped = Skipped("news", Guard.CONDITION, None, None, ("offer.stock",))
    variant = when(NEWS, "above", "offer.stock", value=0)
    assert decide([variant], OPEN) == fallback(Detail.FACT_MISSING, skipped)


def test_values_that_are_missing_are_told_in_alphabetical_order() -> None:
    variant = showing(ROME, "recipient.last_name", "offer.title", "offer.stock", "order.carrier")
    missing = ("offer.title", "order.carrier", "recipient.last_name")
    skipped = Skipped("rome", Guard.VALUES, None, "rome", missing)
    assert decide([variant], OPEN) == fallback(Detail.FACT_MISSING, skipped)


@pytest.mark.parametrize("value", [0, False, "", ()])
def test_a_value_that_is_empty_is_known(value: object) -> None:
    variant = showing(PARCEL, "order.attributes.x")
    assert decide([variant], changed("order", **{"attributes.x": value})) == shown("parcel", None)


@pytest.mark.parametrize(
    ("facts", "guard"),
    [
        (Facts(), Guard.CLASS),
        (replace(OPEN, recipient={}, products={}, similar={}), Guard.CONSENT),
        (replace(OPEN, recipient={"consents": ("marketing",)}, products={}), Guard.IN_STOCK),
        (replace(OPEN, recipient={"consents": ("marketing",)}), Guard.NOT_BOUGHT),
        (OPEN, Guard.CONDITION),
        (changed("order", tracking="x"), Guard.VALUES),
    ],
)
def test_only_the_first_guard_that_fails_is_traced(facts: Facts, guard: Guard) -> None:
    variant = when(showing(ROME, "offer.title"), "is_set", "order.tracking")
    assert [skipped.guard for skipped in decide([variant], facts).trace] == [guard]


def test_the_trace_tells_of_every_variant_before_the_one_that_is_shown() -> None:
    for_leo = when(NEWS, "equals", "recipient.first_name", value="Leo")
    titled = replace(showing(PARCEL, "order.carrier"), id="titled")
    assert decide([ROME, for_leo, titled, PARCEL, LIKE_ROME], SOLD_OUT) == shown(
        "parcel",
        None,
        Skipped("rome", Guard.IN_STOCK, False, "rome"),
        Skipped("news", Guard.CONDITION, False),
        Skipped("titled", Guard.VALUES, None, None, ("order.carrier",)),
        swap=True,
    )


@pytest.mark.parametrize(
    ("variant", "facts", "swap"),
    [
        (ROME, SOLD_OUT, True),
        (ROME, BOUGHT, True),
        (LIKE_ROME, changed("similar", rome=()), True),
        (ROME, changed("products", rome={}), False),
        (ROME, changed("recipient", purchases=None), False),
        (ROME, changed("recipient", consents=()), False),
        (ROME, changed("message", **{"class": "transactional"}), False),
        (when(ROME, "equals", "order.status", value="shipped"), OPEN, False),
        (showing(ROME, "order.carrier"), OPEN, False),
    ],
)
def test_it_is_a_swap_where_an_earlier_offer_has_ended(
    variant: Variant, facts: Facts, swap: bool
) -> None:
    instead = decide([variant, PARCEL], facts)
    assert (instead.variant, instead.swap) == ("parcel", swap)
    assert decide([PARCEL, variant], facts).swap is False
    assert decide([variant], facts).swap is swap


NOT_PACKED = when(PARCEL, "not_equals", "order.status", value="packed")
CARRIER = showing(PARCEL, "order.carrier")


@pytest.mark.parametrize(
    ("variants", "facts", "detail"),
    [
        ([ROME, NOT_PACKED], SOLD_OUT, Detail.NO_VARIANT_HOLDS),
        ([NOT_PACKED, NEWS], changed("recipient", consents=()), Detail.CONSENT_MISSING),
        ([NEWS, CARRIER], changed("recipient", consents=()), Detail.FACT_MISSING),
        (
            [NOT_PACKED, NEWS],
            changed("message", **{"class": "transactional"}),
            Detail.MESSAGE_CLASS,
        ),
        ([CARRIER, NEWS], changed("message", **{"class": "transactional"}), Detail.FACT_MISSING),
        ([NOT_PACKED, CARRIER], OPEN, Detail.FACT_MISSING),
    ],
)
def test_the_fallback_rests_on_what_is_missing_then_class_then_consent(
    variants: list[Variant], facts: Facts, detail: Detail
) -> None:
    decision = decide(variants, facts)
    assert (decision.variant, decision.reason, decision.detail) == (None, Reason.DEFAULT, detail)


# Laws

_variants = st.builds(
    Variant,
    id=st.just(""),
    marketing=st.booleans(),
    offer=st.none()
    | st.builds(
        Offer, ids, similar=st.booleans(), in_stock=st.booleans(), not_bought=st.booleans()
    ),
    condition=st.none() | conditions.map(compile_condition),
    values=st.frozensets(keys, max_size=2),
)
some_variants = st.lists(_variants, max_size=5).map(
    lambda variants: [replace(variant, id=f"v{n}") for n, variant in enumerate(variants)]
)


def failing(variants: list[Variant], known: Facts) -> list[Variant]:
    return [variant for variant in variants if decide([variant], known).variant is None]


@law
@given(some_variants, some_facts)
def test_everything_is_true_of_what_is_shown(variants: list[Variant], known: Facts) -> None:
    decision = decide(variants, known)
    assert (decision.variant is None) is (decision.reason is Reason.DEFAULT)
    for variant in variants:
        if variant.id != decision.variant:
            continue
        offer = decision.offer
        assert (offer is None) is (variant.offer is None)
        if variant.marketing:
            assert known.message["class"] == "marketing"
            assert "marketing" in known.recipient["consents"]
        if variant.offer is not None and offer is not None:
            anchor = variant.offer.product
            assert offer in (known.similar[anchor] if variant.offer.similar else (anchor,))
            assert not variant.offer.in_stock or known.products[offer]["stock"] > 0
            assert not variant.offer.not_bought or offer not in known.recipient["purchases"]
        assert variant.condition is None or variant.condition.test(known, offer) is True
        assert all(reader(key)(known, offer) is not None for key in variant.values)


@law
@given(some_variants, some_facts)
def test_each_variant_is_judged_alone(variants: list[Variant], known: Facts) -> None:
    """The first that would be shown alone is shown, and the trace is that of those before it."""
    decision = decide(variants, known)
    alone = [decide([variant], known) for variant in variants]
    number = next((n for n, one in enumerate(alone) if one.variant is not None), len(alone))
    chosen = alone[number] if number < len(alone) else decide([], known)
    judged = alone[: number + 1]
    assert (decision.variant, decision.offer) == (chosen.variant, chosen.offer)
    assert decision.trace == tuple(skipped for one in judged for skipped in one.trace)
    assert decision.swap is any(one.swap for one in judged)


@law
@given(some_variants, some_facts, st.randoms(use_true_random=False))
def test_the_order_of_failing_variants_does_not_matter(
    variants: list[Variant], known: Facts, random: Any
) -> None:
    without_choice = failing(variants, known)
    chosen = [variant for variant in variants if variant not in without_choice][:1]
    shuffled = random.sample(without_choice, k=len(without_choice))
    before = decide([*without_choice, *chosen], known)
    after = decide([*shuffled, *chosen], known)
    assert Counter(after.trace) == Counter(before.trace)
    assert replace(after, trace=()) == replace(before, trace=())


@law
@given(some_variants, some_facts)
def test_a_decision_depends_on_nothing_else_and_changes_nothing(
    variants: list[Variant], known: Facts
) -> None:
    same = deepcopy(known)
    decision = decide(variants, known)
    assert decide(variants, known) == decision
    assert decide(tuple(variants), same) == decision
    assert known == same
