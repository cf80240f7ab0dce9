"""Which guards a variant has, in which order, and what they ask."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from rules.facts import parse_key
from rules.nodes import Known, keys
from rules.offer import Offer
from rules.schedule import Schedule
from rules.variant import (
    ENDED,
    Cap,
    Choice,
    Guard,
    Guarded,
    Rules,
    Variant,
    entry_guards,
    guards,
)
from tests.rules.support import DECLARED, condition

RECIPIENT = condition({"op": "is_set", "fact": "recipient.first_name"})
STOCK = condition({"op": "above", "fact": "offer.stock", "value": 2})
ROME = Offer(product="rome")
LIKE_ROME = Offer(similar_to="rome")
FULL = Variant(
    "full",
    offer=LIKE_ROME,
    condition=RECIPIENT,
    schedule=Schedule(weekdays=("tuesday",)),
    cap=Cap(times=3, over="P7D"),
    values=frozenset(map(parse_key, ("order.carrier", "offer.title"))),
)
EVERYTHING = Rules((FULL,), marketing=True, no_repeats=True, declared=DECLARED)


def names(guarded: tuple[Guarded, ...]) -> list[str]:
    return [one.guard.value for one in guarded]


def asked(guarded: tuple[Guarded, ...]) -> set[str]:
    return {str(key) for one in guarded for key in keys(one.node, DECLARED)}


def test_guards_come_in_order_first_of_the_person_then_of_the_product() -> None:
    targeting, offering = guards(EVERYTHING, FULL)
    assert names(entry_guards(EVERYTHING)) == ["class", "consent"]
    assert names(targeting) == ["schedule", "cap", "condition"]
    assert names(offering) == ["in_stock", "not_bought", "not_repeated", "values"]


def test_each_guard_asks_of_its_own_facts() -> None:
    targeting, offering = guards(EVERYTHING, FULL)
    assert [asked((one,)) for one in entry_guards(EVERYTHING)] == [
        {"message.class"},
        {"recipient.consents"},
    ]
    assert [asked((one,)) for one in targeting] == [
        {"now.weekday"},
        {"shown.full"},
        {"recipient.first_name"},
    ]
    assert [asked((one,)) for one in offering] == [
        {"offer.stock"},
        {"offer.bought"},
        {"offer.repeated"},
        {"order.carrier", "offer.title"},
    ]


def test_the_guard_of_values_asks_them_in_alphabetical_order() -> None:
    known = guards(EVERYTHING, FULL).offering[-1].node
    assert known == Known((parse_key("offer.title"), parse_key("order.carrier")))


def test_a_variant_that_asks_nothing_has_no_guards() -> None:
    plain = Variant("plain")
    assert guards(Rules((plain,)), plain) == ((), ())
    assert entry_guards(Rules((plain,))) == ()


@pytest.mark.parametrize("choice", ["first", "split"])
def test_only_marketing_asks_for_class_and_consent(choice: Choice) -> None:
    assert names(entry_guards(Rules((), marketing=True, choice=choice))) == ["class", "consent"]
    assert entry_guards(Rules((), marketing=False, choice=choice)) == ()


def test_a_schedule_that_asks_nothing_is_no_guard() -> None:
    always = Variant("always", schedule=Schedule())
    assert guards(Rules((always,)), always).targeting == ()


@pytest.mark.parametrize(
    ("in_stock", "not_bought", "no_repeats", "expected"),
    [
        (True, True, False, ["in_stock", "not_bought"]),
        (True, False, False, ["in_stock"]),
        (False, True, False, ["not_bought"]),
        (False, False, False, []),
        (False, False, True, ["not_repeated"]),
    ],
)
def test_the_guards_of_an_offer_can_be_switched_off_but_for_repeats(
    in_stock: bool, not_bought: bool, no_repeats: bool, expected: list[str]
) -> None:
    offer = Offer(product="rome", in_stock=in_stock, not_bought=not_bought)
    variant = Variant("rome", offer)
    assert names(guards(Rules((variant,), no_repeats=no_repeats), variant).offering) == expected


def test_without_an_offer_nothing_can_be_repeated() -> None:
    plain = Variant("plain")
    assert guards(Rules((plain,), no_repeats=True), plain) == ((), ())


@pytest.mark.parametrize(
    ("variant", "targeting", "offering"),
    [
        (Variant("a", ROME, RECIPIENT), ["condition"], ["in_stock", "not_bought"]),
        (Variant("a", ROME, STOCK), ["condition"], ["in_stock", "not_bought"]),
        (Variant("a", LIKE_ROME, RECIPIENT), ["condition"], ["in_stock", "not_bought"]),
        (Variant("a", LIKE_ROME, STOCK), [], ["condition", "in_stock", "not_bought"]),
        (Variant("a", None, STOCK), ["condition"], []),
    ],
)
def test_a_condition_on_the_offer_is_asked_of_each_candidate_where_there_are_any(
    variant: Variant, targeting: list[str], offering: list[str]
) -> None:
    found = guards(Rules((variant,)), variant)
    assert (names(found.targeting), names(found.offering)) == (targeting, offering)


def test_a_condition_says_nothing_of_class_and_consent() -> None:
    tree = {
        "op": "not",
        "of": {"op": "contains", "fact": "recipient.consents", "value": "tracking"},
    }
    contrary = replace(FULL, condition=condition(tree))
    rules = replace(EVERYTHING, variants=(contrary,))
    assert entry_guards(rules) == entry_guards(EVERYTHING)


def test_an_offer_ends_where_it_is_sold_out_or_bought() -> None:
    assert {Guard.IN_STOCK, Guard.NOT_BOUGHT} == ENDED


@pytest.mark.parametrize("over", ["PT1S", "P7D", "P1M", "P366D", "P11M25D", "PT8784H"])
@pytest.mark.parametrize("times", [1, 1000])
def test_a_cap_is_over_a_year_at_most(times: int, over: str) -> None:
    cap = Cap(times=times, over=over)
    assert (cap.times, cap.over) == (times, over)


@pytest.mark.parametrize("over", ["P1Y", "P12M"])
def test_a_cap_is_over_a_whole_year_too(over: str) -> None:
    assert Cap(times=1, over=over).over == over


@pytest.mark.parametrize("over", ["P0D", "PT0S", "P367D", "P2Y", "P366DT1S", "PT8784H1S"])
def test_a_cap_over_nothing_or_more_than_a_year_is_refused(over: str) -> None:
    with pytest.raises(ValidationError, match="more than nothing and at most a year"):
        Cap(times=1, over=over)


@pytest.mark.parametrize("over", ["", "7D", "P", "week", "P1.5D"])
def test_a_cap_over_what_is_no_duration_is_refused(over: str) -> None:
    with pytest.raises(ValidationError, match="a duration is as in ISO 8601"):
        Cap(times=1, over=over)


@pytest.mark.parametrize("times", [0, -1, 1001])
def test_a_cap_of_no_times_or_too_many_is_refused(times: int) -> None:
    with pytest.raises(ValidationError):
        Cap(times=times, over="P7D")
