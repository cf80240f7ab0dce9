"""Which variant is shown, with which offer, and what is said of those that are not."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.bucket import choose, in_share
from rules.compile import compile_condition
from rules.decide import Decision, Detail, Reason, Skipped, compile_offer, compile_rules, decide
from rules.facts import STALE, FactKey, Facts, Money, Selector, parse_key
from rules.moment import Moment
from rules.offer import Offer
from rules.schedule import Schedule
from rules.truth import Truth
from rules.variant import Cap, Guard, Guarded, Rules, Variant, entry_guards, guards
from tests.rules.support import (
    DECLARED,
    TUESDAY,
    blocks,
    condition,
    law,
    opened,
    valued_blocks,
    with_others,
)

LIKE = Selector("similar_to", "rome")

KNOWN: Mapping[str, Any] = {
    "person": "p1",
    "recipient": {"first_name": "Aino", "consents": ("marketing",), "purchases": frozenset()},
    "message": {"class": "marketing"},
    "order": {"status": "packed"},
    "products": {"rome": {"stock": 3}, "oslo": {"stock": 2}, "riga": {"stock": 1}},
    "candidates": {LIKE: ("oslo", "riga")},
    "moment": Moment(TUESDAY, UTC),
    "shown": {"news": 1},
    "offered": frozenset(),
}
"""Facts for which each of the variants below is shown."""

OPEN = Facts(**KNOWN)


def but(**changes: Any) -> Facts:
    """The facts above, with others in place of some."""
    return Facts(**{**KNOWN, **changes})


def changed(source: str, **changes: Any) -> Facts:
    """The facts above with some of a source's changed; None for what is absent."""
    kept = {name: value for name, value in (KNOWN[source] | changes).items() if value is not None}
    return but(**{source: kept})


def when(variant: Variant, op: str, fact: str, **value: Any) -> Variant:
    return replace(variant, condition=condition({"op": op, "fact": fact, **value}))


def showing(variant: Variant, *names: str) -> Variant:
    return replace(variant, values=frozenset(map(parse_key, names)))


ROME = Variant("rome", Offer(product="rome"))
LIKE_ROME = Variant("like-rome", Offer(similar_to="rome"))
NEWS = Variant("news")
PARCEL = Variant("parcel")
NEVER = when(Variant("never"), "equals", "order.status", value="cancelled")
CARRIER = showing(Variant("carrier"), "order.carrier")

SOLD_OUT = changed("products", rome={"stock": 0})
BOUGHT = changed("recipient", purchases=("rome",))


def block(*variants: Variant, **settings: Any) -> Rules:
    return Rules(variants, declared=DECLARED, **settings)


def decided(rules: Rules, facts: Facts) -> Decision:
    return decide(compile_rules(rules), facts)


def shown(variant: str, offer: str | None, *skipped: Skipped) -> Decision:
    return Decision(variant, offer, Reason.TARGETING_MATCH, Detail.VARIANT_HOLDS, skipped)


def fallback(detail: Detail, *skipped: Skipped) -> Decision:
    return Decision(None, None, Reason.DEFAULT, detail, skipped)


def stale(*skipped: Skipped) -> Decision:
    return Decision(None, None, Reason.STALE, Detail.FACT_STALE, skipped)


# Guards


@pytest.mark.parametrize(
    ("variant", "offer"),
    [
        (ROME, "rome"),
        (LIKE_ROME, "oslo"),
        (NEWS, None),
        (when(PARCEL, "equals", "order.status", value="packed"), None),
        (when(ROME, "equals", "offer.stock", value=3), "rome"),
        (showing(ROME, "recipient.first_name", "offer.stock", "product.oslo.stock"), "rome"),
        (replace(NEWS, schedule=Schedule(weekdays=("tuesday",))), None),
        (replace(NEWS, cap=Cap(times=2, over="P7D")), None),
    ],
)
@pytest.mark.parametrize("marketing", [False, True])
@pytest.mark.parametrize("no_repeats", [False, True])
def test_a_variant_of_which_all_is_true_is_shown(
    variant: Variant, offer: str | None, marketing: bool, no_repeats: bool
) -> None:
    rules = block(variant, marketing=marketing, no_repeats=no_repeats)
    assert decided(rules, OPEN) == shown(variant.id, offer)


def test_the_first_that_holds_is_shown() -> None:
    assert decided(block(NEWS, ROME, PARCEL), OPEN) == shown("news", None)
    assert decided(block(ROME, NEWS, PARCEL), OPEN) == shown("rome", "rome")


def test_without_variants_the_fallback_is_shown() -> None:
    assert decided(block(), OPEN) == fallback(Detail.NO_VARIANT_HOLDS)


@pytest.mark.parametrize("type", [tuple, frozenset])
def test_a_consent_stands_in_either_type_of_list(type: type[Any]) -> None:
    facts = changed("recipient", consents=type(["marketing"]))
    assert decided(block(NEWS, marketing=True), facts) == shown("news", None)


CLASS = "message.class"
CONSENTS = "recipient.consents"


@pytest.mark.parametrize(
    ("facts", "guard", "truth", "detail", "missing"),
    [
        (changed("message", **{"class": "transactional"}), "class", False, "MESSAGE_CLASS", ()),
        (changed("message", **{"class": None}), "class", None, "FACT_MISSING", (CLASS,)),
        (changed("recipient", consents=()), "consent", False, "CONSENT_MISSING", ()),
        (changed("recipient", consents=("tracking",)), "consent", False, "CONSENT_MISSING", ()),
        (changed("recipient", consents=None), "consent", None, "FACT_MISSING", (CONSENTS,)),
        (changed("recipient", consents="marketing"), "consent", None, "FACT_MISSING", (CONSENTS,)),
        (
            changed("recipient", consents={"marketing": 1}),
            "consent",
            None,
            "FACT_MISSING",
            (CONSENTS,),
        ),
        (Facts(), "class", None, "FACT_MISSING", (CLASS,)),
        (Facts(message={"class": "transactional"}), "class", False, "MESSAGE_CLASS", ()),
        (Facts(recipient={"consents": ()}), "consent", False, "CONSENT_MISSING", ()),
    ],
)
def test_marketing_needs_its_class_and_consent_whatever_its_variants_are(
    facts: Facts, guard: str, truth: Truth, detail: str, missing: tuple[str, ...]
) -> None:
    """What is FALSE comes before what is UNKNOWN."""
    variants = (NEWS, ROME, LIKE_ROME)
    skipped = [Skipped(one.id, Guard(guard), truth, None, missing) for one in variants]
    assert decided(block(*variants, marketing=True), facts) == fallback(Detail(detail), *skipped)
    unmarked = decided(block(*variants), facts)
    assert unmarked.variant == "news"


@pytest.mark.parametrize(
    "tree",
    [
        {"op": "is_not_set", "fact": "order.tracking"},
        {"op": "is_set", "fact": "message.class"},
        {"op": "not", "of": {"op": "contains", "fact": CONSENTS, "value": "marketing"}},
        {"op": "equals", "fact": "message.class", "value": "transactional"},
        {
            "op": "any",
            "of": [
                {"op": "is_set", "fact": CONSENTS},
                {"op": "is_not_set", "fact": CONSENTS},
            ],
        },
    ],
)
@pytest.mark.parametrize("variant", [NEWS, ROME, LIKE_ROME])
@pytest.mark.parametrize("choice", ["first", "split"])
def test_no_condition_switches_off_class_and_consent(
    tree: dict[str, Any], variant: Variant, choice: str
) -> None:
    rules = block(replace(variant, condition=condition(tree)), marketing=True, choice=choice)
    for facts in (
        changed("message", **{"class": "transactional"}),
        changed("recipient", consents=()),
        changed("recipient", consents=None),
        changed("message", **{"class": None}),
    ):
        decision = decided(rules, facts)
        assert decision.variant is None
        assert decision.skipped[0].guard in (Guard.CLASS, Guard.CONSENT)


@pytest.mark.parametrize(
    "facts",
    [changed("message", **{"class": "transactional"}), changed("recipient", consents=()), Facts()],
)
def test_what_is_not_marketing_needs_neither(facts: Facts) -> None:
    assert decided(block(PARCEL), facts) == shown("parcel", None)


@pytest.mark.parametrize(
    ("schedule", "moment", "truth", "missing"),
    [
        (Schedule(weekdays=("monday",)), Moment(TUESDAY, UTC), False, ()),
        (Schedule(weekdays=("tuesday",)), Moment(TUESDAY), None, ("recipient.time_zone",)),
        (Schedule(until="2026-11-24T12:00Z"), Moment(TUESDAY), False, ()),
        (Schedule(until="2026-11-24T12:01Z"), Moment(TUESDAY), True, ()),
        (Schedule(until="2026-11-24"), Moment(TUESDAY, UTC), True, ()),
        (Schedule(until="2026-11-24"), Moment(TUESDAY), None, ("recipient.time_zone",)),
        (Schedule(until="2026-11-24T12:01Z"), Moment(), None, ("now.instant",)),
        (Schedule(), Moment(), True, ()),
    ],
)
def test_a_variant_keeps_to_its_schedule(
    schedule: Schedule, moment: Moment, truth: Truth, missing: tuple[str, ...]
) -> None:
    decision = decided(block(replace(NEWS, schedule=schedule)), but(moment=moment))
    skipped = () if truth else (Skipped("news", Guard.SCHEDULE, truth, None, missing),)
    assert (decision.variant, decision.skipped) == ("news" if truth else None, skipped)


@pytest.mark.parametrize(
    ("counts", "truth", "missing"),
    [
        ({"news": 0}, True, ()),
        ({"news": 1}, True, ()),
        ({"news": 2}, False, ()),
        ({"news": 3}, False, ()),
        ({"parcel": 0}, None, ("shown.news",)),
        ({}, None, ("shown.news",)),
    ],
)
def test_a_variant_is_shown_no_more_often_than_its_cap(
    counts: dict[str, int], truth: Truth, missing: tuple[str, ...]
) -> None:
    decision = decided(block(replace(NEWS, cap=Cap(times=2, over="P7D"))), but(shown=counts))
    skipped = () if truth else (Skipped("news", Guard.CAP, truth, None, missing),)
    assert (decision.variant, decision.skipped) == ("news" if truth else None, skipped)


OFFERS = [
    (OPEN, None, True, ()),
    (changed("products", rome={"stock": 0}), "in_stock", False, ()),
    (changed("products", rome={"stock": -1}), "in_stock", False, ()),
    (changed("products", rome={}), "in_stock", None, ("product.rome.stock",)),
    (changed("products", rome=None), "in_stock", None, ("product.rome.stock",)),
    (changed("products", rome={"stock": "3"}), "in_stock", None, ("product.rome.stock",)),
    (changed("products", rome={"stock": True}), "in_stock", None, ("product.rome.stock",)),
    (changed("recipient", purchases=("oslo",)), None, True, ()),
    (changed("recipient", purchases=("oslo", "rome")), "not_bought", False, ()),
    (changed("recipient", purchases=frozenset({"rome"})), "not_bought", False, ()),
    (changed("recipient", purchases=None), "not_bought", None, ("recipient.purchases",)),
    (changed("recipient", purchases="oslo"), "not_bought", None, ("recipient.purchases",)),
    (changed("recipient", purchases=7), "not_bought", None, ("recipient.purchases",)),
]


@pytest.mark.parametrize(("facts", "guard", "truth", "missing"), OFFERS)
def test_an_offer_must_be_in_stock_and_not_bought(
    facts: Facts, guard: str | None, truth: Truth, missing: tuple[str, ...]
) -> None:
    expected = shown("rome", "rome")
    if guard is not None:
        detail = Detail.NO_VARIANT_HOLDS if truth is False else Detail.FACT_MISSING
        expected = fallback(detail, Skipped("rome", Guard(guard), truth, "rome", missing))
    decision = decided(block(ROME), facts)
    assert decision == expected
    assert decision.swap is (truth is False)
    assert compile_offer(Offer(product="rome"))(facts, "rome") is truth


@pytest.mark.parametrize(("facts", "guard", "truth", "missing"), OFFERS)
def test_a_guard_that_is_switched_off_does_not_fail(
    facts: Facts, guard: str | None, truth: Truth, missing: tuple[str, ...]
) -> None:
    off = Offer(product="rome", in_stock=False, not_bought=False)
    alone = {
        "in_stock": Offer(product="rome", not_bought=False),
        "not_bought": Offer(product="rome", in_stock=False),
    }
    assert decided(block(replace(ROME, offer=off)), facts) == shown("rome", "rome")
    assert compile_offer(off)(facts, "rome") is True
    for on, offer in alone.items():
        assert compile_offer(offer)(facts, "rome") is (truth if on == guard else True)
        decision = decided(block(replace(ROME, offer=offer)), facts)
        assert (decision.variant is None) is (on == guard)


@pytest.mark.parametrize(
    ("offered", "truth", "missing"),
    [
        (frozenset(), True, ()),
        (frozenset({"oslo"}), True, ()),
        (frozenset({"rome"}), False, ()),
        (None, None, ("offer.repeated",)),
    ],
)
def test_a_product_that_the_message_sells_elsewhere_is_not_repeated(
    offered: frozenset[str] | None, truth: Truth, missing: tuple[str, ...]
) -> None:
    facts = but(offered=offered)
    decision = decided(block(ROME, no_repeats=True), facts)
    named = tuple(name.replace("offer.", "product.rome.") for name in missing)
    skipped = () if truth else (Skipped("rome", Guard.NOT_REPEATED, truth, "rome", named),)
    assert (decision.variant, decision.skipped) == ("rome" if truth else None, skipped)
    assert not decision.swap
    assert decided(block(ROME), facts) == shown("rome", "rome")
    assert decided(block(NEWS, no_repeats=True), facts) == shown("news", None)


def test_candidates_that_are_repeated_make_way_for_the_next() -> None:
    skipped = Skipped("like-rome", Guard.NOT_REPEATED, False, "oslo")
    decision = decided(block(LIKE_ROME, no_repeats=True), but(offered=frozenset({"oslo"})))
    assert decision == shown("like-rome", "riga", skipped)


def test_values_that_are_missing_are_told_in_alphabetical_order() -> None:
    variant = showing(ROME, "recipient.last_name", "offer.title", "offer.stock", "order.carrier")
    missing = ("order.carrier", "product.rome.title", "recipient.last_name")
    skipped = Skipped("rome", Guard.VALUES, None, "rome", missing)
    assert decided(block(variant), OPEN) == fallback(Detail.FACT_MISSING, skipped)


@pytest.mark.parametrize("value", [0, False, "", ()])
def test_a_value_that_is_empty_is_known(value: object) -> None:
    variant = showing(PARCEL, "order.attributes.x")
    facts = changed("order", **{"attributes.x": value})
    assert decided(block(variant), facts) == shown("parcel", None)


LEO = {"op": "equals", "fact": "recipient.first_name", "value": "Leo"}
TRACKED = {"op": "equals", "fact": "order.tracking", "value": "x"}
CARRIED = {"op": "equals", "fact": "order.carrier", "value": "x"}
TRIPS = {"op": "equals", "fact": "offer.category", "value": "trips"}
SHARE = {"op": "share", "percent": 50, "salt": "s"}


@pytest.mark.parametrize(
    ("tree", "truth", "missing"),
    [
        (LEO, False, ()),
        ({"op": "all", "of": [TRACKED, LEO]}, False, ()),
        (TRACKED, None, ("order.tracking",)),
        ({"op": "not", "of": TRACKED}, None, ("order.tracking",)),
        ({"op": "any", "of": [LEO, TRACKED, CARRIED]}, None, ("order.carrier", "order.tracking")),
        ({"op": "any", "of": [TRIPS, TRACKED]}, None, ("order.tracking", "product.rome.category")),
        ({"op": "contains", "fact": "order.carrier", "value": "x"}, None, ("order.carrier",)),
    ],
)
def test_a_condition_that_does_not_hold_tells_what_is_missing(
    tree: dict[str, Any], truth: Truth, missing: tuple[str, ...]
) -> None:
    variant = replace(ROME, condition=condition(tree))
    detail = Detail.NO_VARIANT_HOLDS if truth is False else Detail.FACT_MISSING
    skipped = Skipped("rome", Guard.CONDITION, truth, "rome", missing)
    assert decided(block(variant), OPEN) == fallback(detail, skipped)


def test_what_is_of_the_wrong_type_is_missing_too() -> None:
    skipped = Skipped("news", Guard.CONDITION, None, None, ("order.status",))
    variant = when(NEWS, "equals", "order.status", value="packed")
    decision = decided(block(variant), changed("order", status=7))
    assert decision == fallback(Detail.FACT_MISSING, skipped)


def test_a_share_of_nobody_in_particular_lacks_the_recipient() -> None:
    variant = replace(NEWS, condition=condition(SHARE))
    skipped = Skipped("news", Guard.CONDITION, None, None, ("recipient.id",))
    assert decided(block(variant), but(person="")) == fallback(Detail.FACT_MISSING, skipped)


def test_a_condition_on_the_offer_is_unknown_where_there_is_none() -> None:
    skipped = Skipped("news", Guard.CONDITION, None, None, ("offer.stock",))
    variant = when(NEWS, "above", "offer.stock", value=0)
    assert decided(block(variant), OPEN) == fallback(Detail.FACT_MISSING, skipped)


# Their order

EVERYWHERE = Variant(
    "everywhere",
    Offer(product="rome"),
    condition(TRACKED),
    Schedule(weekdays=("tuesday",)),
    Cap(times=1, over="P7D"),
    values=frozenset({parse_key("order.carrier")}),
)
FINE: Mapping[str, Any] = {
    **KNOWN,
    "order": {"tracking": "x", "carrier": "y"},
    "shown": {"everywhere": 0},
}
FAILING: Sequence[tuple[str, dict[str, Any]]] = (
    ("schedule", {"moment": Moment(datetime(2026, 11, 23, tzinfo=UTC), UTC)}),
    ("cap", {"shown": {"everywhere": 1}}),
    ("condition", {"order": {"tracking": "y", "carrier": "y"}}),
    ("in_stock", {"products": {"rome": {"stock": 0}}}),
    (
        "not_bought",
        {"recipient": {"consents": ("marketing",), "purchases": ("rome",)}},
    ),
    ("not_repeated", {"offered": frozenset({"rome"})}),
)
LACKING: Sequence[tuple[str, dict[str, Any]]] = (
    ("schedule", {"moment": Moment()}),
    ("cap", {"shown": {}}),
    ("condition", {"order": {"carrier": "y"}}),
    ("in_stock", {"products": {}}),
    ("not_bought", {"recipient": {"consents": ("marketing",)}}),
    ("not_repeated", {"offered": None}),
    ("values", {"order": {"tracking": "x"}}),
)
TARGETING = ("schedule", "cap", "condition")
IN_FULL = block(EVERYWHERE, marketing=True, no_repeats=True)


def failed(changes: Mapping[str, Any]) -> tuple[str, Truth]:
    [skipped] = decided(IN_FULL, Facts(**{**FINE, **changes})).skipped
    return skipped.guard.value, skipped.truth


def test_where_all_guards_are_true_the_variant_is_shown() -> None:
    assert decided(IN_FULL, Facts(**FINE)) == shown("everywhere", "rome")


@pytest.mark.parametrize(
    ("first", "then"), [(one, two) for n, one in enumerate(FAILING) for two in FAILING[n:]]
)
def test_of_guards_that_are_false_the_first_is_told(first: Any, then: Any) -> None:
    assert failed({**then[1], **first[1]}) == (first[0], False)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (one, two)
        for n, one in enumerate(LACKING)
        for two in LACKING[n:]
        if (one[0], two[0]) != ("condition", "values")
    ],
)
def test_of_guards_that_are_unknown_the_first_is_told(first: Any, then: Any) -> None:
    assert failed({**then[1], **first[1]}) == (first[0], None)


@pytest.mark.parametrize(
    ("false", "unknown"),
    [(one, two) for one in FAILING for two in LACKING if not one[1].keys() & two[1].keys()],
)
def test_within_a_stage_false_comes_before_unknown_and_targeting_before_the_offer(
    false: tuple[str, dict[str, Any]], unknown: tuple[str, dict[str, Any]]
) -> None:
    expected: tuple[str, Truth] = (false[0], False)
    if unknown[0] in TARGETING and false[0] not in TARGETING:
        expected = (unknown[0], None)
    assert failed({**false[1], **unknown[1]}) == expected


def test_class_and_consent_come_before_all_else() -> None:
    refused = {"message": {"class": "transactional"}}
    for _, changes in chain(FAILING, LACKING):
        assert failed({**changes, **refused}) == ("class", False)
        assert failed({**changes, "message": {}}) == ("class", None)


# Staleness

STALE_CASES = [
    (NEWS, changed("message", **{"class": STALE}), "class", None, "message.class"),
    (NEWS, changed("recipient", consents=STALE), "consent", None, "recipient.consents"),
    (ROME, changed("products", rome={"stock": STALE}), "in_stock", "rome", "product.rome.stock"),
    (showing(NEWS, "order.status"), changed("order", status=STALE), "values", None, "order.status"),
    (
        when(NEWS, "equals", "order.status", value="packed"),
        changed("order", status=STALE),
        "condition",
        None,
        "order.status",
    ),
    (
        when(NEWS, "above", "source.s.a", value=20),
        but(source={"s.a": STALE}),
        "condition",
        None,
        "source.s.a",
    ),
    (
        showing(NEWS, "source.s.at"),
        but(source={"s.at": STALE}),
        "values",
        None,
        "source.s.at",
    ),
    pytest.param(
        ROME,
        changed("recipient", purchases=STALE),
        "not_bought",
        "rome",
        "recipient.purchases",
    ),
]


@pytest.mark.parametrize(("variant", "facts", "guard", "offer", "name"), STALE_CASES)
def test_what_is_too_old_is_unknown_and_said_to_be_stale(
    variant: Variant, facts: Facts, guard: str, offer: str | None, name: str
) -> None:
    skipped = Skipped(variant.id, Guard(guard), None, offer, (name,), stale=True)
    assert decided(block(variant, marketing=True), facts) == stale(skipped)


def test_what_is_stale_says_more_than_what_is_missing() -> None:
    variant = showing(NEWS, "order.status", "order.carrier")
    missing = ("order.carrier", "order.status")
    skipped = Skipped("news", Guard.VALUES, None, None, missing, stale=True)
    facts = changed("order", status=STALE)
    assert decided(block(variant), facts) == stale(skipped)
    assert decided(block(CARRIER, NEVER, variant), facts).reason is Reason.STALE
    assert decided(block(variant, PARCEL), facts) == shown("parcel", None, skipped)


# Offers and their candidates

OSLO_SOLD_OUT = Skipped("like-rome", Guard.IN_STOCK, False, "oslo")
OSLO_UNKNOWN = Skipped("like-rome", Guard.IN_STOCK, None, "oslo", ("product.oslo.stock",))
OSLO_BOUGHT = Skipped("like-rome", Guard.NOT_BOUGHT, False, "oslo")
RIGA_BOUGHT = Skipped("like-rome", Guard.NOT_BOUGHT, False, "riga")
NONE_THERE = Skipped("like-rome", Guard.CANDIDATES, False)
NONE_KNOWN = Skipped("like-rome", Guard.CANDIDATES, None, None, ("product.rome",))


@pytest.mark.parametrize(
    ("facts", "expected", "swap"),
    [
        (SOLD_OUT, shown("like-rome", "oslo"), False),
        (
            changed("products", oslo={"stock": 0}),
            shown("like-rome", "riga", OSLO_SOLD_OUT),
            True,
        ),
        (
            changed("recipient", purchases=("oslo",)),
            shown("like-rome", "riga", OSLO_BOUGHT),
            True,
        ),
        (changed("products", oslo=None), shown("like-rome", "riga", OSLO_UNKNOWN), False),
        (
            changed("recipient", purchases=("riga", "oslo")),
            fallback(Detail.NO_VARIANT_HOLDS, OSLO_BOUGHT, RIGA_BOUGHT),
            True,
        ),
        (but(candidates={LIKE: ("riga", "oslo")}), shown("like-rome", "riga"), False),
        (but(candidates={LIKE: ()}), fallback(Detail.NO_VARIANT_HOLDS, NONE_THERE), False),
        (but(candidates={}), fallback(Detail.FACT_MISSING, NONE_KNOWN), False),
        (
            but(candidates={Selector("alternatives_of", "rome"): ("oslo",)}),
            fallback(Detail.FACT_MISSING, NONE_KNOWN),
            False,
        ),
    ],
)
def test_the_first_candidate_that_passes_is_offered(
    facts: Facts, expected: Decision, swap: bool
) -> None:
    decision = decided(block(LIKE_ROME), facts)
    assert decision == expected
    assert decision.swap is swap


@pytest.mark.parametrize(
    ("source", "selector"),
    [
        ({"similar_to": "rome"}, Selector("similar_to", "rome")),
        ({"alternatives_of": "rome"}, Selector("alternatives_of", "rome")),
        ({"same_category_as": "rome"}, Selector("same_category_as", "rome")),
        ({"personal": "cart"}, Selector("cart")),
        ({"personal": "watched"}, Selector("watched")),
        ({"personal": "recommended"}, Selector("recommended")),
    ],
)
def test_each_selector_has_candidates_of_its_own(
    source: dict[str, str], selector: Selector
) -> None:
    rules = compile_rules(block(Variant("a", Offer.model_validate(source))))
    assert rules.selectors == {selector}
    assert decide(rules, but(candidates={selector: ("riga",)})) == shown("a", "riga")


def test_the_condition_and_the_values_choose_among_candidates() -> None:
    scarce = when(LIKE_ROME, "at_most", "offer.stock", value=1)
    oslo = Skipped("like-rome", Guard.CONDITION, False, "oslo")
    assert decided(block(scarce), OPEN) == shown("like-rome", "riga", oslo)
    assert decided(block(scarce), OPEN).swap is False

    titled = showing(LIKE_ROME, "offer.title")
    facts = changed("products", riga={"stock": 1, "title": {"en": "Riga"}})
    oslo = Skipped("like-rome", Guard.VALUES, None, "oslo", ("product.oslo.title",))
    assert decided(block(titled), facts) == shown("like-rome", "riga", oslo)


def test_a_condition_on_the_person_is_asked_once_before_the_candidates() -> None:
    for_leo = replace(LIKE_ROME, condition=condition(LEO))
    skipped = Skipped("like-rome", Guard.CONDITION, False)
    for candidates in ({LIKE: ("oslo", "riga")}, {LIKE: ()}, {}):
        decision = decided(block(for_leo), but(candidates=candidates))
        assert decision == fallback(Detail.NO_VARIANT_HOLDS, skipped)


def test_a_condition_on_one_product_is_not_asked_of_each_candidate() -> None:
    variant = when(LIKE_ROME, "above", "product.rome.stock", value=0)
    assert decided(block(variant), OPEN) == shown("like-rome", "oslo")
    skipped = Skipped("like-rome", Guard.CONDITION, False)
    assert decided(block(variant), SOLD_OUT) == fallback(Detail.NO_VARIANT_HOLDS, skipped)


def test_a_product_can_be_asked_whether_it_is_still_on_offer() -> None:
    similar = compile_offer(Offer(similar_to="rome"))
    assert similar(SOLD_OUT, "oslo") is True
    assert similar(SOLD_OUT, "rome") is False
    assert similar(BOUGHT, "rome") is False
    assert similar(Facts(recipient={"purchases": ("rome",)}), "rome") is False
    assert similar(Facts(recipient={"purchases": ("rome",)}), "oslo") is None
    assert similar(but(offered=frozenset({"oslo"})), "oslo") is True


# Swaps and what is told of them


def test_each_variant_before_the_one_that_is_shown_is_told_of() -> None:
    for_leo = replace(NEWS, condition=condition(LEO))
    decision = decided(block(ROME, for_leo, CARRIER, PARCEL, LIKE_ROME), SOLD_OUT)
    assert decision == shown(
        "parcel",
        None,
        Skipped("rome", Guard.IN_STOCK, False, "rome"),
        Skipped("news", Guard.CONDITION, False),
        Skipped("carrier", Guard.VALUES, None, None, ("order.carrier",)),
    )
    assert decision.swap is True


@pytest.mark.parametrize(
    ("variant", "facts", "swap"),
    [
        (ROME, SOLD_OUT, True),
        (ROME, BOUGHT, True),
        (LIKE_ROME, but(candidates={LIKE: ()}), False),
        (LIKE_ROME, changed("products", oslo={"stock": 0}, riga={"stock": 0}), True),
        (LIKE_ROME, but(candidates={}), False),
        (ROME, changed("products", rome={}), False),
        (ROME, changed("recipient", purchases=None), False),
        (when(ROME, "equals", "order.status", value="shipped"), OPEN, False),
        (when(ROME, "equals", "order.status", value="shipped"), SOLD_OUT, False),
        (when(ROME, "equals", "order.tracking", value="x"), SOLD_OUT, False),
        (replace(ROME, cap=Cap(times=1, over="P7D")), SOLD_OUT, False),
        (replace(ROME, schedule=Schedule(weekdays=("monday",))), SOLD_OUT, False),
        (showing(ROME, "order.carrier"), OPEN, False),
    ],
)
def test_it_is_a_swap_where_an_earlier_offer_for_this_person_has_ended(
    variant: Variant, facts: Facts, swap: bool
) -> None:
    instead = decided(block(variant, PARCEL), facts)
    assert (instead.variant, instead.swap) == ("parcel", swap)
    assert decided(block(PARCEL, variant), facts).swap is False
    assert decided(block(variant), facts).swap is swap


@pytest.mark.parametrize("changes", [{"message": {}}, {"recipient": {"consents": ()}}])
def test_what_may_not_be_advertised_is_no_swap(changes: dict[str, Any]) -> None:
    facts = replace(SOLD_OUT, **changes)
    assert decided(block(ROME, PARCEL, marketing=True), facts).swap is False


def test_an_offer_without_candidates_for_others_is_no_swap() -> None:
    tree = {"op": "all", "of": [LEO, {"op": "above", "fact": "offer.stock", "value": 0}]}
    for_leo = replace(LIKE_ROME, condition=condition(tree))
    assert decided(block(for_leo, PARCEL), but(candidates={LIKE: ()})).swap is False


def test_in_a_split_only_those_whose_own_arm_has_ended_see_a_swap() -> None:
    whole, ended = compile_rules(block(ROME, NEWS, PARCEL, choice="split")), []
    for n in range(100):
        before = decide(whole, replace(OPEN, person=f"p{n}"))
        after = decide(whole, replace(SOLD_OUT, person=f"p{n}"))
        ended.append(after.swap is (before.variant == "rome"))
    assert all(ended)


@pytest.mark.parametrize(
    ("variants", "facts", "detail"),
    [
        ((ROME, NEVER), SOLD_OUT, Detail.NO_VARIANT_HOLDS),
        ((NEVER, CARRIER), OPEN, Detail.FACT_MISSING),
        ((CARRIER, NEVER), OPEN, Detail.FACT_MISSING),
        ((LIKE_ROME, NEVER), but(candidates={}), Detail.FACT_MISSING),
        ((), OPEN, Detail.NO_VARIANT_HOLDS),
    ],
)
@pytest.mark.parametrize("choice", ["first", "split"])
@pytest.mark.parametrize("hold_out", [0, 100])
def test_the_fallback_rests_on_what_is_missing_before_what_is_false(
    variants: tuple[Variant, ...], facts: Facts, detail: Detail, choice: str, hold_out: float
) -> None:
    decision = decided(block(*variants, choice=choice, hold_out=hold_out), facts)
    assert decision[:4] == (None, None, Reason.DEFAULT, detail)
    assert decision.withheld is None


# Hold-out and lot

PEOPLE = [replace(OPEN, person=f"person-{n}") for n in range(20_000)]
MOST_OFF = 250
"""More than three standard deviations of any count of 20,000 people."""


def drawn(rules: Rules, people: Sequence[Facts] = PEOPLE) -> list[str | None]:
    ready = compile_rules(rules)
    return [decide(ready, one).variant for one in people]


A, B, C, D = (Variant(id, weight=weight) for id, weight in zip("abcd", (1, 2, 3, 2), strict=True))
SPLIT: dict[str, Any] = {"choice": "split", "salt": "s"}


@pytest.mark.parametrize("percent", [0, 0.5, 10, 50, 100])
@pytest.mark.parametrize("choice", ["first", "split"])
def test_a_share_of_people_is_held_out(percent: float, choice: str) -> None:
    ready = compile_rules(block(ROME, NEWS, hold_out=percent, choice=choice, salt="s"))
    plain = compile_rules(block(ROME, NEWS, choice=choice, salt="s"))
    count = 0
    for one in PEOPLE:
        decision, would_be = decide(ready, one), decide(plain, one)
        if decision.withheld is None:
            assert decision == would_be
            continue
        count += 1
        assert decision.withheld == would_be.variant
        held_out = (None, None, Reason.SPLIT, Detail.HELD_OUT)
        assert decision[:5] == (*held_out, would_be.skipped)
    expected = percent * len(PEOPLE) / 100
    assert abs(count - expected) <= (MOST_OFF if 0 < percent < 100 else 0)


def test_another_salt_holds_other_people_out() -> None:
    one, other = (drawn(block(NEWS, hold_out=50, salt=salt)) for salt in ("s", "t"))
    both = [*zip(one, other, strict=True)].count((None, None))
    assert abs(both - len(PEOPLE) / 4) <= MOST_OFF


def test_a_larger_hold_out_keeps_the_people_of_a_smaller_one() -> None:
    few, many = (drawn(block(NEWS, hold_out=percent, salt="s")) for percent in (10, 20))
    assert all(more is None for less, more in zip(few, many, strict=True) if less is None)


def test_what_was_skipped_is_told_of_those_held_out_too() -> None:
    skipped = (Skipped("rome", Guard.IN_STOCK, False, "rome"),)
    expected = Decision(None, None, Reason.SPLIT, Detail.HELD_OUT, skipped, "parcel")
    assert decided(block(ROME, PARCEL, hold_out=100), SOLD_OUT) == expected


def test_arms_are_shown_in_proportion_to_their_weights() -> None:
    counts = Counter(drawn(block(A, B, C, D, **SPLIT)))
    for arm in (A, B, C, D):
        assert abs(counts[arm.id] - len(PEOPLE) * arm.weight / 8) <= MOST_OFF


def test_another_salt_draws_independently() -> None:
    one, other = (drawn(block(A, B, choice="split", salt=salt)) for salt in ("s", "t"))
    both = sum(pair == ("a", "a") for pair in zip(one, other, strict=True))
    assert abs(both - len(PEOPLE) / 9) <= MOST_OFF


def test_an_arm_named_like_the_hold_out_is_drawn_independently_of_it() -> None:
    arms = (Variant("a"), Variant("hold-out"))
    ready = compile_rules(block(*arms, hold_out=50, **SPLIT))
    counts = Counter(decide(ready, one).withheld for one in PEOPLE)
    assert abs(counts["a"] - len(PEOPLE) / 4) <= MOST_OFF


@pytest.mark.parametrize("settings", [SPLIT, {"hold_out": 50, "salt": "s"}])
def test_where_the_person_is_not_to_be_known_lots_are_drawn_by_something_else(
    settings: dict[str, Any],
) -> None:
    ready = compile_rules(block(A, B, **settings))
    for one in PEOPLE[:200]:
        other = replace(one, person="", lot=one.person)
        assert decide(ready, other) == decide(ready, one)
        assert decide(ready, replace(other, person="somebody")) == decide(ready, one)


def test_a_lot_tells_that_it_was_one() -> None:
    decision = decided(block(A, NEVER, B, **SPLIT), OPEN)
    assert (decision.reason, decision.detail) == (Reason.SPLIT, Detail.BY_LOT)
    assert decision.skipped == (Skipped("never", Guard.CONDITION, False),)


def test_an_arm_that_holds_alone_is_shown_without_a_lot() -> None:
    skipped = Skipped("never", Guard.CONDITION, False)
    alone = decided(block(NEVER, A, **SPLIT), OPEN)
    assert alone._replace(arm=None) == shown("a", None, skipped)
    assert decided(block(NEVER, A, **SPLIT), replace(OPEN, arm="a")).variant == "a"


def test_an_arm_is_shown_with_its_own_offer() -> None:
    ready = compile_rules(block(ROME, LIKE_ROME, NEWS, **SPLIT))
    found = {decide(ready, one)[:2] for one in PEOPLE[:100]}
    assert found == {("rome", "rome"), ("like-rome", "oslo"), ("news", None)}


def test_a_person_keeps_the_arm_while_it_holds() -> None:
    ready = compile_rules(block(ROME, A, B, **SPLIT))
    for one in PEOPLE[:200]:
        kept = decide(ready, replace(one, arm="rome"))
        assert kept == Decision("rome", "rome", Reason.SPLIT, Detail.KEPT_ARM, (), None, "rome")
        sold_out = replace(one, arm="rome", products=SOLD_OUT.products)
        assert decide(ready, sold_out).variant in ("a", "b")
        for unknown in ("gone", "", None):
            assert decide(ready, replace(one, arm=unknown)) == decide(ready, one)


def test_targeting_comes_before_the_arm_that_was_kept() -> None:
    for_leo = replace(A, condition=condition(LEO))
    ready = compile_rules(block(for_leo, B, C, **SPLIT))
    for one in PEOPLE[:200]:
        drawn_again = decide(ready, replace(one, arm="a"))
        assert drawn_again.variant in ("b", "c")
        assert (drawn_again.reason, drawn_again.arm) == (Reason.SPLIT, "a")


def test_another_salt_divides_those_whose_arm_has_ended_anew() -> None:
    gone = when(B, "equals", "order.status", value="cancelled")
    again = [
        zip(
            drawn(block(A, B, C, choice="split", salt=salt)),
            drawn(block(A, gone, C, choice="split", salt=salt)),
            strict=True,
        )
        for salt in ("s", "t")
    ]
    lost_both = [
        (one[1], other[1]) for one, other in zip(*again, strict=True) if one[0] == other[0] == "b"
    ]
    same = sum(one == other for one, other in lost_both) / len(lost_both)
    assert abs(same - 10 / 16) < 0.05


def test_without_arms_nobody_has_one() -> None:
    assert decided(block(**SPLIT), OPEN).arm is None


def test_an_arm_that_has_ended_is_told_with_the_fallback() -> None:
    gone = when(A, "equals", "order.status", value="cancelled")
    assert decided(block(gone, **SPLIT), OPEN).arm == "a"


def test_what_a_candidate_lacks_is_told_and_nothing_else() -> None:
    either = {
        "op": "any",
        "of": [
            {"op": "above", "fact": "offer.stock", "value": 100},
            {"op": "equals", "fact": "offer.category", "value": "trips"},
        ],
    }
    facts = but(candidates={LIKE: ("oslo",)})
    found = decided(block(replace(LIKE_ROME, condition=condition(either))), facts)
    assert [skip.missing for skip in found.skipped] == [("product.oslo.category",)]


def test_a_stale_fact_of_a_candidate_makes_the_decision_stale() -> None:
    facts = but(candidates={LIKE: ("oslo",)}, products={"oslo": {"stock": STALE}})
    skipped = Skipped("like-rome", Guard.IN_STOCK, None, "oslo", ("product.oslo.stock",), True)
    assert decided(block(LIKE_ROME), facts) == stale(skipped)


LOTS = json.loads((Path(__file__).parents[1] / "cases" / "buckets.json").read_text())["lots"]


def test_lots_are_drawn_as_the_vectors_say() -> None:
    """`holding` are the arms that hold, `kept` the one that the person saw before."""
    for case in LOTS:
        arms = [
            when(Variant(name, weight=weight), "contains", "recipient.purchases", value=name)
            for name, weight in case["arms"]
        ]
        rules = block(*arms, choice="split", hold_out=case["hold_out"], salt=case["salt"])
        facts = Facts(
            person=case["unit"],
            recipient={"purchases": tuple(case["holding"])},
            arm=case["kept"],
        )
        decision = decided(rules, facts)
        assert (decision.variant, decision.withheld) == (case["shown"], case["withheld"]), case


def test_whoever_loses_the_arm_that_was_kept_gets_their_own() -> None:
    gone = when(B, "equals", "order.status", value="cancelled")
    ready = compile_rules(block(A, gone, C, **SPLIT))
    for one in PEOPLE[:200]:
        assert decide(ready, replace(one, arm="b")).variant == decide(ready, one).variant


def test_those_whose_arm_does_not_hold_are_divided_anew_and_nobody_else_moves() -> None:
    gone = when(B, "equals", "order.status", value="cancelled")
    before = drawn(block(A, B, C, **SPLIT))
    after = drawn(block(A, gone, C, **SPLIT))
    moved: Counter[str | None] = Counter()
    for old, new in zip(before, after, strict=True):
        if old == "b":
            moved[new] += 1
        else:
            assert new == old
    assert moved.keys() == {"a", "c"}
    assert abs(moved["a"] - moved.total() / 4) <= MOST_OFF


def test_an_arm_added_at_the_end_moves_only_those_whom_it_gets() -> None:
    before, after = drawn(block(A, B, **SPLIT)), drawn(block(A, B, C, **SPLIT))
    moved = [new for old, new in zip(before, after, strict=True) if new != old]
    assert set(moved) == {"c"}
    assert abs(len(moved) - len(PEOPLE) / 2) <= MOST_OFF


# Keys and selectors


def test_the_facts_of_the_same_product_are_named_after_it() -> None:
    ready = compile_rules(block(showing(ROME, "offer.title"), LIKE_ROME, no_repeats=True))
    of = ("product.rome.stock", "product.rome.bought", "product.rome.repeated")
    of_any = ("offer.stock", "offer.bought", "offer.repeated")
    assert set(map(str, ready.keys)) == {*of, "product.rome.title", *of_any}
    assert ready.selectors == {LIKE}


def test_the_facts_of_class_and_consent_are_among_the_keys() -> None:
    keys = compile_rules(block(NEWS, marketing=True)).keys
    assert set(map(str, keys)) == {CLASS, CONSENTS}


# Laws


def naive_failure(
    rules: Rules, stage: Sequence[Guarded], facts: Facts, offer: str | None
) -> tuple[Guard, Truth] | None:
    truths = [
        (one.guard, compile_condition(one.node, rules.declared).test(facts, offer)) for one in stage
    ]
    for wanted in (False, None):
        for guard, truth in truths:
            if truth is wanted:
                return guard, truth
    return None


Failure = tuple[str, Guard, Truth, str | None]


def naive_variant(
    rules: Rules, variant: Variant, facts: Facts
) -> tuple[bool, str | None, list[Failure]]:
    """Whether a variant holds, with which offer, and what fails before."""
    targeting, offering = guards(rules, variant)
    selector = variant.offer.selector if variant.offer else None
    product = variant.offer.product if variant.offer else None
    refused = naive_failure(rules, targeting, facts, product)
    if refused is not None:
        return False, None, [(variant.id, *refused, product)]
    tried: Sequence[str | None] = (product,)
    if selector is not None:
        tried = facts.candidates.get(selector, ())
        if not tried:
            truth = False if selector in facts.candidates else None
            return False, None, [(variant.id, Guard.CANDIDATES, truth, None)]
    failures: list[Failure] = []
    for offer in tried:
        ended = naive_failure(rules, offering, facts, offer)
        if ended is None:
            return True, offer, failures
        failures.append((variant.id, *ended, offer))
    return False, None, failures


def naive_decision(
    rules: Rules, facts: Facts
) -> tuple[str | None, str | None, str | None, list[Failure]]:
    """The variant, its offer, who is withheld, and what fails."""
    refused = naive_failure(rules, entry_guards(rules), facts, None)
    if refused is not None:
        return None, None, None, [(one.id, *refused, None) for one in rules.variants]
    failures: list[Failure] = []
    eligible: dict[str, str | None] = {}
    for variant in rules.variants:
        holds, offer, failing = naive_variant(rules, variant, facts)
        failures += failing
        if holds:
            eligible[variant.id] = offer
        if eligible and rules.choice == "first":
            break
    if not eligible:
        return None, None, None, failures
    chosen = next(iter(eligible))
    if rules.choice == "split" and facts.arm is not None and facts.arm in eligible:
        chosen = facts.arm
    elif len(eligible) > 1:
        arms = [(one.id, one.weight) for one in rules.variants]
        chosen = choose(arms, rules.salt, facts.person)
        if chosen not in eligible:
            rest = [arm for arm in arms if arm[0] in eligible]
            chosen = choose(rest, f"{rules.salt}/again", facts.person)
    if rules.hold_out and in_share(f"{rules.salt}//hold-out", facts.person, rules.hold_out):
        return None, None, chosen, failures
    return chosen, eligible[chosen], None, failures


@law
@given(blocks, opened)
def test_a_decision_is_the_one_that_is_found_by_walking_the_guards(
    rules: Rules, facts: Facts
) -> None:
    decision = decided(rules, facts)
    found = [(*skip[:3], skip.offer) for skip in decision.skipped]
    expected = naive_decision(rules, facts)
    assert (decision.variant, decision.offer, decision.withheld, found) == expected
    assert all(bool(skip.missing) <= (skip.truth is None) for skip in decision.skipped)
    assert all(not skip.stale or skip.missing for skip in decision.skipped)
    if decision.variant is None and decision.withheld is None:
        assert (decision.reason is Reason.STALE) is any(skip.stale for skip in decision.skipped)


RECORDS = ("recipient", "message", "order", "cart", "source", "open")
"""The sources of which a record is known."""


def _without_one(facts: Facts) -> Iterator[Facts]:
    """The same with one fact less, for each that there is."""
    for source in (*RECORDS, "shown", "candidates", "products"):
        there = getattr(facts, source)
        for name in there:
            rest = {other: value for other, value in there.items() if other != name}
            yield with_others(facts, **{source: rest})
    for product, record in facts.products.items():
        for name in record:
            rest = {other: value for other, value in record.items() if other != name}
            yield replace(facts, products={**facts.products, product: rest})
    yield replace(facts, person="")
    yield replace(facts, offered=None)
    yield replace(facts, moment=Moment(facts.moment.at))
    yield replace(facts, moment=Moment())


def _with_one_stale(facts: Facts) -> Iterator[Facts]:
    """The same with one fact too old, for each that there is."""
    for source in RECORDS[:-1]:
        there = getattr(facts, source)
        for name in there:
            yield with_others(facts, **{source: {**there, name: STALE}})
    for product, record in facts.products.items():
        for name in record:
            stale = {**facts.products, product: {**record, name: STALE}}
            yield replace(facts, products=stale)


@law
@given(blocks, opened)
def test_what_is_too_old_never_makes_a_variant_hold(rules: Rules, facts: Facts) -> None:
    for variant in rules.variants:
        alone = compile_rules(replace(rules, variants=(variant,), hold_out=0))
        if decide(alone, facts).variant is None:
            for older in _with_one_stale(facts):
                assert decide(alone, older).variant is None


@law
@given(valued_blocks, opened)
def test_what_is_not_known_never_makes_a_variant_hold(rules: Rules, facts: Facts) -> None:
    for variant in rules.variants:
        alone = compile_rules(replace(rules, variants=(variant,), hold_out=0))
        if decide(alone, facts).variant is None:
            for less in _without_one(facts):
                assert decide(alone, less).variant is None


def _only(facts: Facts, keys: frozenset[FactKey], selectors: frozenset[Selector]) -> Facts:
    """What these name, and no more."""
    named = keys | {key.rests_on for key in keys}

    def kept(source: str) -> dict[str, Any]:
        there = getattr(facts, source)
        return {name: there[name] for name in there if FactKey(source, name) in named}

    return with_others(
        facts,
        **{source: kept(source) for source in (*RECORDS, "shown")},
        products={
            product: {
                name: value
                for name, value in record.items()
                if FactKey("product", name, product) in named or FactKey("offer", name) in named
            }
            for product, record in facts.products.items()
        },
        candidates={one: facts.candidates[one] for one in facts.candidates if one in selectors},
        moment=facts.moment if any(key.source == "now" for key in keys) else Moment(),
        offered=facts.offered if any(key.field == "repeated" for key in keys) else None,
    )


@law
@given(blocks, opened)
def test_keys_and_selectors_cover_all_that_is_read(rules: Rules, facts: Facts) -> None:
    ready = compile_rules(rules)
    only = _only(facts, ready.keys, ready.selectors)
    assert decide(ready, only) == decide(ready, facts)


@law
@given(blocks, opened)
def test_a_decision_depends_on_nothing_else_and_changes_nothing(rules: Rules, facts: Facts) -> None:
    ready = compile_rules(rules)
    recipient = dict(facts.recipient)
    products = {product: dict(record) for product, record in facts.products.items()}
    decision = decide(ready, facts)
    assert decide(ready, facts) == decided(rules, facts) == decision
    assert (facts.recipient, facts.products) == (recipient, products)


ODD: Sequence[Any] = (STALE, float("nan"), -1, "x", True, {}, {"en": "x"}, (), [], object())


@law
@given(blocks, opened, st.sampled_from(ODD))
def test_no_facts_make_a_decision_fail(rules: Rules, facts: Facts, odd: Any) -> None:
    ready = compile_rules(rules)
    decide(ready, Facts())
    for source in RECORDS:
        record = dict.fromkeys(getattr(facts, source), odd)
        decide(ready, with_others(facts, **{source: record}))
    products = {product: dict.fromkeys(of, odd) for product, of in facts.products.items()}
    decide(ready, replace(facts, products=products))


CARTED = {"op": "contains_any", "fact": "recipient.cart", "values": ["x"]}
DEAR = {"op": "above", "fact": "order.total", "value": {"amount": "1", "currency": "EUR"}}


@pytest.mark.parametrize(
    ("tree", "facts"),
    [
        (CARTED, Facts(recipient={"cart": ({},)})),
        (DEAR, Facts(order={"total": Money(Decimal("NaN"), "EUR")})),
    ],
)
def test_what_cannot_be_compared_is_unknown(tree: dict[str, Any], facts: Facts) -> None:
    [skipped] = decided(block(replace(NEWS, condition=condition(tree))), facts).skipped
    assert (skipped.guard, skipped.truth) == (Guard.CONDITION, None)
