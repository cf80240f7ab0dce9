"""Conditions and decisions in words."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from rules.decide import OUT_OF_USE, compile_rules, decide
from rules.explain import explain, trace
from rules.facts import STALE, Facts, Selector, parse_key
from rules.language import LANGUAGES, Language, Names
from rules.moment import Moment
from rules.offer import Offer
from rules.schedule import Schedule
from rules.sentence import condition_sentence, decision_sentence, found
from rules.tree import Condition
from rules.variant import Cap, Rules, Variant
from tests.rules.support import DECLARED, TUESDAY, blocks, condition, conditions, law, opened

TITLES = {"vip-trip": "VIP trip", "rome": "Rome trip"}
TALLINN = ZoneInfo("Europe/Tallinn")


def spoken(name: str = "en", zone: tzinfo = TALLINN) -> Language:
    return Language(name, Names("Märt", TITLES.get), zone)


# Conditions


def leaf(op: str, fact: str, **more: Any) -> dict[str, Any]:
    return {"op": op, "fact": fact, **more}


STATUS = leaf("equals", "order.status", value="shipped")
SOLD_OUT = leaf("at_most", "product.vip-trip.stock", value=0)
LOCALE = leaf("in", "recipient.locale", values=["fi", "et"])
NONE_LEFT = "“VIP trip” has at most 0 left"
ONE_OF_TWO = "the recipient's language is “fi” or “et”"
EUR = {"amount": "10", "currency": "EUR"}
PLAN = "recipient.attributes.text"


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (STATUS, "the state of the order is shipped"),
        (
            leaf("not_equals", "order.status", value="packed"),
            "the state of the order is not packed",
        ),
        (leaf("equals", "offer.bought", value=True), "Märt has bought the offered product"),
        (leaf("equals", "product.rome.bought", value=False), "Märt has not bought “Rome trip”"),
        (leaf("not_equals", "product.rome.bought", value=False), "Märt has bought “Rome trip”"),
        (
            leaf("equals", "offer.repeated", value=True),
            "the offered product is elsewhere in this message too",
        ),
        (
            leaf("equals", "product.rome.repeated", value=False),
            "“Rome trip” is nowhere else in this message",
        ),
        (
            leaf("equals", "recipient.attributes.boolean", value=True),
            "“boolean” of the recipient is yes",
        ),
        (leaf("above", "order.total", value=EUR), "the total of the order is above €10.00"),
        (
            leaf("below", "offer.price", value=EUR),
            "the price of the offered product is below €10.00",
        ),
        (leaf("above", "offer.stock", value=1), "the offered product has more than 1 left"),
        (leaf("at_least", "product.rome.stock", value=2), "“Rome trip” has at least 2 left"),
        (leaf("below", "product.rome.stock", value=2), "“Rome trip” has fewer than 2 left"),
        (SOLD_OUT, NONE_LEFT),
        (leaf("at_least", "now.hour", value=8.5), "it is 8:30\u202fAM or later"),
        (leaf("below", "shown.vip", value=3), "how often “vip” was shown is below 3"),
        (
            leaf("between", "order.total", least=EUR, most=EUR | {"amount": "20"}),
            "the total of the order is from €10.00 to €20.00",
        ),
        (
            leaf("between", "order.expected", least="2026-12-01", most="2026-12-24"),
            "the expected day is from Dec 1, 2026 to Dec 24, 2026",
        ),
        (LOCALE, ONE_OF_TWO),
        (leaf("not_in", PLAN, values=["a", "b"]), "“text” of the recipient is none of “a” or “b”"),
        (leaf("in", PLAN, values=["a"]), "“text” of the recipient is “a”"),
        (
            leaf("contains_any", "recipient.cart", values=["rome", "oslo"]),
            "the cart contains “Rome trip” or “oslo”",
        ),
        (
            leaf("contains_all", "recipient.cart", values=["rome", "oslo"]),
            "the cart contains “Rome trip” and “oslo”",
        ),
        (
            leaf("contains_none", "recipient.purchases", values=["rome"]),
            "the list of purchases contains none of “Rome trip”",
        ),
        (
            leaf("contains", "recipient.consents", value="marketing"),
            "the list of consents contains marketing",
        ),
        (
            leaf("contains", PLAN, value="go", ignore_case=True),
            "“text” of the recipient contains “go” (in capitals or not)",
        ),
        (leaf("starts_with", PLAN, value="go"), "“text” of the recipient starts with “go”"),
        (leaf("ends_with", PLAN, value="ld"), "“text” of the recipient ends with “ld”"),
        (leaf("is_set", "order.tracking"), "the tracking code is known"),
        (leaf("is_not_set", "order.tracking"), "the tracking code is not known"),
        (leaf("before", "message.deadline", value="now"), "the deadline is over"),
        (leaf("after", "message.deadline", value="now"), "the deadline is still to come"),
        (leaf("before", "order.expected", value="today"), "the expected day is before today"),
        (leaf("after", "order.expected", value="today"), "the expected day is after today"),
        (
            leaf("before", "message.deadline", value="2026-12-24T18:00Z"),
            "the deadline is before Dec 24, 2026, 8:00\u202fPM",
        ),
        (
            leaf("after", "message.deadline", value="2026-12-24"),
            "the deadline is after Dec 24, 2026",
        ),
        (
            leaf("within_last", "message.sent_at", duration="P1DT12H"),
            "the time of sending is at most 1 day and 12 hours ago",
        ),
        (
            leaf("within_next", "order.expected", duration="P2W"),
            "the expected day is at most 14 days ahead",
        ),
        (
            {"op": "share", "percent": 12.5, "salt": "spring"},
            "Märt is among the 12.5% of “spring”",
        ),
        ({"op": "not", "of": STATUS}, "it is not so that the state of the order is shipped"),
        (
            {"op": "all", "of": [STATUS, {"op": "any", "of": [SOLD_OUT, LOCALE]}]},
            f"the state of the order is shipped and ({NONE_LEFT} or {ONE_OF_TWO})",
        ),
        (
            {"op": "any", "of": [{"op": "all", "of": [STATUS]}, SOLD_OUT]},
            f"the state of the order is shipped or {NONE_LEFT}",
        ),
        (
            {"op": "not", "of": {"op": "any", "of": [STATUS, SOLD_OUT]}},
            f"it is not so that (the state of the order is shipped or {NONE_LEFT})",
        ),
    ],
)
def test_a_condition_in_english(tree: dict[str, Any], said: str) -> None:
    assert condition_sentence(condition(tree), spoken()) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("et", "toodet „VIP trip“ on alles kuni 0 ja tellimuse olek on teele saadetud"),
        ("fi", "tuotetta ”VIP trip” on jäljellä enintään 0 kpl ja tilauksen tila on lähetetty"),
        ("ru", "товара «VIP trip» осталось не больше 0 и статус заказа — отправлен"),
    ],
)
def test_a_condition_in_another_language(language: str, said: str) -> None:
    both = condition({"op": "all", "of": [SOLD_OUT, STATUS]})
    assert condition_sentence(both, spoken(language)) == said


@law
@given(conditions)
def test_every_condition_can_be_told_and_each_language_tells_it_its_own_way(
    node: Condition,
) -> None:
    said = [condition_sentence(node, spoken(name)) for name in LANGUAGES]
    assert len(set(said)) == len(LANGUAGES)
    for one in said:
        assert "{" not in one
        assert "  " not in one
        assert one == one.strip()


# What was seen


@pytest.mark.parametrize(
    ("tree", "facts", "said"),
    [
        (STATUS, Facts(order={"status": "packed"}), ["the state of the order is packed"]),
        (STATUS, Facts(), ["the state of the order is not known"]),
        (
            SOLD_OUT,
            Facts(products={"vip-trip": {"stock": STALE}}),
            ["the stock of “VIP trip” is too old to be relied on"],
        ),
        (SOLD_OUT, Facts(products={"vip-trip": {"stock": 0}}), ["“VIP trip” has 0 left"]),
        (
            leaf("equals", "product.rome.bought", value=False),
            Facts(recipient={"purchases": ("rome",)}),
            ["Märt has bought “Rome trip”"],
        ),
        (
            leaf("equals", "recipient.attributes.boolean", value=True),
            Facts(recipient={"attributes.boolean": False}),
            ["“boolean” of the recipient is no"],
        ),
        (
            leaf("contains_none", "recipient.purchases", values=["rome", "oslo"]),
            Facts(recipient={"purchases": ("rome", "riga")}),
            ["Märt has bought “Rome trip”"],
        ),
        (
            leaf("contains_none", "recipient.purchases", values=["rome", "oslo"]),
            Facts(recipient={"purchases": ()}),
            ["Märt has not bought “Rome trip” or “oslo”"],
        ),
        (
            leaf("contains_all", "recipient.cart", values=["rome", "oslo"]),
            Facts(recipient={"cart": frozenset({"rome"})}),
            ["the cart does not contain “oslo”"],
        ),
        (
            leaf("contains", "recipient.consents", value="tracking"),
            Facts(recipient={"consents": ()}),
            ["Märt has not consented to tracking"],
        ),
        (
            leaf("contains", PLAN, value="x"),
            Facts(recipient={"attributes.text": "gold"}),
            ["“text” of the recipient is “gold”"],
        ),
        (leaf("is_set", "order.tracking"), Facts(), ["the tracking code is not known"]),
        (
            leaf("is_not_set", "order.tracking"),
            Facts(order={"tracking": "x"}),
            ["the tracking code is known"],
        ),
        (
            leaf("below", "shown.vip", value=1),
            Facts(shown={"vip": 1}),
            ["Märt has seen “vip” 1 time"],
        ),
        (
            leaf("below", "shown.vip", value=1),
            Facts(shown={"vip": 2}),
            ["Märt has seen “vip” 2 times"],
        ),
        (
            {"op": "share", "percent": 0, "salt": "s"},
            Facts(person="m"),
            ["Märt is not among the 0% of “s”"],
        ),
        (
            leaf("before", "message.deadline", value="today"),
            Facts(message={"deadline": TUESDAY}),
            ["the recipient's time zone is not known", "the time now is not known"],
        ),
        (
            leaf("before", "message.deadline", value="today"),
            Facts(message={"deadline": TUESDAY}, moment=Moment(TUESDAY, UTC)),
            ["the deadline is Nov 24, 2026, 2:00\u202fPM"],
        ),
        (
            {"op": "all", "of": [STATUS, SOLD_OUT]},
            Facts(order={"status": "shipped"}, products={"vip-trip": {"stock": 0}}),
            ["the state of the order is shipped", "“VIP trip” has 0 left"],
        ),
    ],
)
def test_what_was_seen_is_told(tree: dict[str, Any], facts: Facts, said: list[str]) -> None:
    seen = found(trace(condition(tree), DECLARED, facts, None), spoken())
    assert sorted(seen) == sorted(said)


# Decisions

SIMILAR = Selector("similar_to", "vip-trip")
RULES = Rules(
    (Variant("vip", Offer(product="vip-trip")), Variant("rome", Offer(similar_to="vip-trip"))),
    marketing=True,
)
KNOWN: dict[str, Any] = {
    "person": "mart",
    "recipient": {"consents": ("marketing",), "purchases": frozenset()},
    "message": {"class": "marketing"},
    "products": {"vip-trip": {"stock": 0}, "rome": {"stock": 12}},
    "candidates": {SIMILAR: ("rome",)},
    "moment": Moment(TUESDAY, UTC),
}


def said(rules: Rules, language: str = "en", **changes: Any) -> str:
    facts = Facts(**{**KNOWN, **changes})
    ready = compile_rules(rules)
    return decision_sentence(decide(ready, facts), explain(ready, facts), spoken(language))


SWAPPED = {
    "en": "Shown because “VIP trip” has 0 left, “Rome trip” has 12 left, and Märt has not bought"
    " “Rome trip”.",
    "et": "Näidatakse, sest toodet „VIP trip“ on alles 0, toodet „Rome trip“ on alles 12 ja Märt ei"
    " ole ostnud toodet „Rome trip“.",
    "fi": "Näytetään, koska tuotetta ”VIP trip” on jäljellä 0 kpl, tuotetta ”Rome trip” on"
    " jäljellä 12 kpl"
    " ja Märt ei ole ostanut tuotetta ”Rome trip”.",
    "ru": "Показано, потому что товара «VIP trip» осталось 0, товара «Rome trip» осталось 12 и"
    " Märt: товар «Rome trip» не куплен.",
}


def test_only_what_failed_is_a_reason() -> None:
    asked = {
        "op": "all",
        "of": [
            leaf("is_set", "recipient.first_name"),
            leaf("equals", "order.status", value="cancelled"),
            leaf("equals", "recipient.locale", value="sv"),
            leaf("above", "order.attributes.a", value=1),
        ],
    }
    rules = Rules((Variant("v", condition=condition(asked)),), declared=DECLARED)
    known = {"first_name": "Märt", "locale": "fi"}
    told = said(rules, recipient=known, order={"status": "shipped"})
    assert told == (
        "The fallback is shown because the state of the order is shipped and the recipient's"
        " language is “fi”."
    )


OFFERED = {
    "en": "the offered product has more than 3 left",
    "et": "pakutavat toodet on alles rohkem kui 3",
    "fi": "tarjottua tuotetta on jäljellä yli 3 kpl",
    "ru": "предлагаемого товара осталось больше 3",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offered_product_is_inflected(language: str) -> None:
    asked = condition(leaf("above", "offer.stock", value=3))
    assert condition_sentence(asked, spoken(language)) == OFFERED[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_differences_are_told(language: str) -> None:
    asked = condition(leaf("above", "recipient.attributes.number", value=0.0001))
    assert "0001" in condition_sentence(asked, spoken(language))
    price = {"amount": "19.995", "currency": "EUR"}
    assert "19" in condition_sentence(
        condition(leaf("above", "offer.price", value=price)), spoken(language)
    )
    assert "995" in condition_sentence(
        condition(leaf("above", "offer.price", value=price)), spoken(language)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_beyond_all_measure_can_be_told(language: str) -> None:
    asked = condition(leaf("above", "offer.stock", value=1e300))
    assert "1e+300" in condition_sentence(asked, spoken(language))
    key = parse_key("message.sent_at")
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert spoken(language, ZoneInfo("Pacific/Kiritimati")).value(key, moment)
        assert spoken(language, ZoneInfo("America/New_York")).value(key, moment)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_another_offer_is_shown(language: str) -> None:
    assert said(RULES, language) == SWAPPED[language]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"recipient": {"consents": (), "purchases": ()}},
            "Märt has not consented to marketing",
        ),
        ({"message": {"class": "transactional"}}, "the class of the message is transactional"),
        ({"message": {}}, "the class of the message is not known"),
        (
            {"candidates": {SIMILAR: ()}},
            "“VIP trip” has 0 left and there is no product to choose",
        ),
        (
            {"candidates": {}},
            "“VIP trip” has 0 left and the products to choose from are not known",
        ),
        (
            {"recipient": {"consents": ("marketing",), "purchases": ("rome",)}},
            "“VIP trip” has 0 left and Märt has bought “Rome trip”",
        ),
        (
            {"candidates": {SIMILAR: ("a", "b", "c", "rome")}, "products": {}},
            "the stock of “VIP trip” is not known and 4 products cannot be offered",
        ),
    ],
)
def test_why_the_fallback_is_shown(changes: dict[str, Any], reason: str) -> None:
    assert said(RULES, **changes) == f"The fallback is shown because {reason}."


def test_the_fallback_of_nothing_else() -> None:
    assert said(Rules(())) == "The fallback is shown: there is no variant."


def test_a_variant_of_which_nothing_is_asked() -> None:
    assert said(Rules((Variant("news"),))) == "Shown because nothing speaks against it."


def test_a_variant_of_which_only_what_is_not_worth_a_word_is_asked() -> None:
    quiet = Variant("news", schedule=Schedule(weekdays=("tuesday",)), cap=Cap(times=2, over="P7D"))
    assert said(Rules((quiet,), marketing=True), shown={"news": 0}) == (
        "Shown because nothing speaks against it."
    )


@pytest.mark.parametrize(
    ("variant", "shown", "reason"),
    [
        (Variant("a", cap=Cap(times=2, over="P7D")), {"a": 2}, "Märt has seen “a” 2 times"),
        (
            Variant("a", schedule=Schedule(weekdays=("monday",))),
            {},
            "the day of the week is Tuesday",
        ),
    ],
)
def test_a_schedule_and_a_cap_are_told_where_they_keep_a_variant_back(
    variant: Variant, shown: dict[str, int], reason: str
) -> None:
    assert said(Rules((variant,)), shown=shown) == f"The fallback is shown because {reason}."


SPLIT = Rules(
    (
        Variant("a", condition=condition(leaf("is_set", "message.class"))),
        Variant("b", condition=condition(leaf("is_set", "message.class"))),
    ),
    choice="split",
)


def test_a_lot_is_told() -> None:
    assert said(SPLIT) == "Drawn by lot among what holds: the class of the message is known."


def test_an_arm_that_was_kept_is_told() -> None:
    assert said(SPLIT, arm="a") == (
        "Shown as before in this message, and it holds: the class of the message is known."
    )


def test_that_a_block_is_archived_is_told() -> None:
    told = decision_sentence(OUT_OF_USE, (), Language("en", Names()))
    assert told == "The fallback is shown because the block is archived."


def test_a_person_held_out_is_told_so() -> None:
    held = Rules((Variant("news"),), hold_out=100)
    assert said(held) == "The fallback is shown because Märt is held out for comparison."


def test_the_same_is_not_told_twice() -> None:
    both = Rules(
        (Variant("vip", Offer(product="vip-trip")), Variant("b", Offer(product="vip-trip")))
    )
    assert said(both) == "The fallback is shown because “VIP trip” has 0 left."


@law
@given(blocks, opened)
def test_every_decision_can_be_told_in_every_language(rules: Rules, facts: Facts) -> None:
    ready = compile_rules(rules)
    decision, traces = decide(ready, facts), explain(ready, facts)
    sentences = [decision_sentence(decision, traces, spoken(name)) for name in LANGUAGES]
    assert len(set(sentences)) == len(LANGUAGES)
    for one in sentences:
        assert one[0].isupper()
        assert one.endswith(".")
        assert "{" not in one.replace("{'en': 'x'}", "")


def test_an_attribute_is_told_as_the_type_that_it_is_declared_with() -> None:
    before = leaf("before", "recipient.attributes.instant", value="2026-12-24T18:00Z")
    for stored, told in (
        ("2026-12-24T16:00+02:00", "Dec 24, 2026, 4:00\u202fPM"),
        (TUESDAY, "Nov 24, 2026, 2:00\u202fPM"),
    ):
        facts = Facts(recipient={"attributes.instant": stored})
        node = trace(condition(before), DECLARED, facts, None)
        assert found(node, spoken()) == [f"“instant” of the recipient is {told}"]
