import json
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from pydantic import TypeAdapter

from rules.compile import (
    Lack,
    Test,
    compile_condition,
    constants_of,
    fold,
    read_fact,
    reader,
)
from rules.facts import STALE, Declared, FactKey, Facts, FactType, Money, Record, Value, parse_key
from rules.moment import Moment
from rules.nodes import Known, leaf_keys, leaves
from rules.tree import DECLARED as DECLARED_NAME
from rules.tree import Comparison, Condition, Equality, Group, Not, RootCondition
from rules.truth import negation
from tests.rules.interpreter import interpreted
from tests.rules.support import (
    DECLARED,
    condition,
    conditions,
    law,
    offers,
    some_facts,
    valued_conditions,
)

SPEC = json.loads((Path(__file__).parents[1] / "cases" / "conditions.json").read_text("utf-8"))


# The cases that are the same in every language


def test_the_cases_are_of_the_version_that_is_understood() -> None:
    assert SPEC["version"] == 3


def fact_from_json(name: str, value: Any) -> Value:
    """JSON has no tuples; of the registry's own facts, times and money are values of that type."""
    if isinstance(value, list):
        return tuple(value)
    if value == {"$stale": True}:
        return STALE
    known = parse_key(name).registered
    match known and known.type, value:
        case FactType.INSTANT, str(text):
            return datetime.fromisoformat(text)
        case FactType.DATE, str(text):
            return date.fromisoformat(text)
        case FactType.MONEY, {"amount": amount, "currency": currency}:
            return Money(Decimal(amount), currency)
    return value


def record(source: str, facts: Mapping[str, Any]) -> Record:
    return {name: fact_from_json(f"{source}.{name}", value) for name, value in facts.items()}


def facts_from_json(given: Mapping[str, Any]) -> Facts:
    moment = given.get("moment", {})
    zone, at = moment.get("zone"), moment.get("at")
    offered = given.get("offered")
    return Facts(
        person=given.get("person", ""),
        recipient=record("recipient", given.get("recipient", {})),
        message=record("message", given.get("message", {})),
        order=record("order", given.get("order", {})),
        cart=record("cart", given.get("cart", {})),
        source=record("source", given.get("source", {})),
        open=record("open", given.get("open", {})),
        products={
            id: record(f"product.{id}", facts) for id, facts in given.get("products", {}).items()
        },
        moment=Moment(at and datetime.fromisoformat(at), zone and ZoneInfo(zone)),
        shown=given.get("shown", {}),
        offered=None if offered is None else frozenset(offered),
    )


@pytest.mark.parametrize("case", SPEC["cases"], ids=operator.itemgetter("name"))
def test_case(case: dict[str, Any]) -> None:
    declared = declared_in(case)
    node = tree(case["condition"], declared)
    facts = facts_from_json(case["facts"])
    assert compile_condition(node, declared).test(facts, case["offer"]) is case["expected"]
    assert interpreted(node, declared, facts, case["offer"]) is case["expected"]


ROOT: TypeAdapter[Condition] = TypeAdapter(RootCondition)


def tree(node: Mapping[str, Any], declared: Declared) -> Condition:
    return ROOT.validate_json(json.dumps(node), context={DECLARED_NAME: declared})


def declared_in(case: Mapping[str, Any]) -> Declared:
    return {name: FactType(kind) for name, kind in case.get("declared", {}).items()}


def answered() -> set[tuple[str, str, bool | None]]:
    """Each operator with the type of its fact and what it came to."""
    found = set()
    for case in SPEC["cases"]:
        node = case["condition"]
        kind = parse_key(node["fact"]).type(declared_in(case)) if "fact" in node else ""
        found.add((node["op"], str(kind), case["expected"]))
    return found


EQUATED = ("text", "number", "boolean", "money", "date")
TYPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("all", "any", "not", "share"), ("",)),
    **dict.fromkeys(("equals", "not_equals"), EQUATED),
    **dict.fromkeys(("above", "at_least", "below", "at_most"), ("number", "money")),
    "between": ("number", "money", "date", "instant"),
    **dict.fromkeys(("in", "not_in"), ("text", "number")),
    **dict.fromkeys(("contains_any", "contains_all", "contains_none"), ("texts",)),
    "contains": ("text", "texts"),
    **dict.fromkeys(("starts_with", "ends_with"), ("text",)),
    **dict.fromkeys(("before", "after", "within_last", "within_next"), ("instant", "date")),
}


@pytest.mark.parametrize("op", TYPES)
def test_the_cases_give_every_operator_every_answer_for_every_type(op: str) -> None:
    wanted = {(op, kind, truth) for kind in TYPES[op] for truth in (True, False, None)}
    assert wanted <= answered()


@pytest.mark.parametrize("op", ["is_set", "is_not_set"])
@pytest.mark.parametrize("kind", FactType)
def test_the_cases_tell_whether_a_fact_of_each_type_is_set(op: str, kind: FactType) -> None:
    assert {(op, kind.value, True), (op, kind.value, False)} <= answered()


# Laws


@law
@given(conditions, some_facts, offers)
def test_compiled_and_interpreted_agree(node: Condition, known: Facts, offer: str | None) -> None:
    expected = interpreted(node, DECLARED, known, offer)
    assert compile_condition(node, DECLARED).test(known, offer) is expected
    if offer is not None:
        assert compile_condition(node, DECLARED, offer).test(known, None) is expected


@law
@given(conditions, some_facts, offers)
def test_not_is_negation_and_twice_nothing(
    node: Condition, known: Facts, offer: str | None
) -> None:
    once = Not(op="not", of=node)
    answer = test_of(node)(known, offer)
    assert test_of(once)(known, offer) is negation(answer)
    assert test_of(Not(op="not", of=once))(known, offer) is answer


def test_of(node: Condition) -> Test:
    return compile_condition(node, DECLARED).test


test_of.__test__ = False  # type: ignore[attr-defined]


@law
@given(valued_conditions, some_facts, some_facts, offers, offers)
def test_what_becomes_known_never_changes_an_answer(
    node: Condition, known: Facts, more: Facts, offer: str | None, later_offer: str | None
) -> None:
    """So what is taken away never makes a variant eligible. Holds without is_set and is_not_set,
    which ask whether something is known."""
    test = test_of(node)
    assert test(known, offer) in (None, test(fuller(known, more), offer or later_offer))


def fuller(known: Facts, more: Facts) -> Facts:
    """`known`, and what `more` says beyond it."""

    def both(one: Record, other: Record) -> Record:
        return {**other, **{name: value for name, value in one.items() if value is not None}}

    return Facts(
        person=known.person or more.person,
        recipient=both(known.recipient, more.recipient),
        message=both(known.message, more.message),
        order=both(known.order, more.order),
        source=both(known.source, more.source),
        products={
            id: both(known.products.get(id, {}), more.products.get(id, {}))
            for id in {*more.products, *known.products}
        },
        moment=Moment(known.moment.at, known.moment.zone or more.moment.zone),
        shown={**more.shown, **known.shown},
        offered=more.offered if known.offered is None else known.offered,
    )


# What is read


class Watched(Mapping[str, Any]):
    """A mapping of which every key can be asked for, but not which there are."""

    def __init__(self, answer: Callable[[str], Any]) -> None:
        self.answer = answer

    def __getitem__(self, key: str) -> Any:
        return self.answer(key)

    def __iter__(self) -> Iterator[str]:
        pytest.fail("everything is read")

    def __len__(self) -> int:
        return 0


class WatchedFacts:
    """Facts that note what is read of them: `recipient.locale`, `now.instant`, `offered`; where
    the clock on the wall is read, `zone`."""

    def __init__(self, known: Facts) -> None:
        self.read: list[str] = []
        self._known = known
        self.moment = WatchedMoment(known.moment, self.read)

    def __getattr__(self, name: str) -> Any:
        known = getattr(self._known, name)
        match name:
            case "recipient" | "message" | "order" | "cart" | "source" | "open" | "shown":
                return self._watched(name, known)
            case "products":
                return Watched(lambda id: self._watched(f"product.{id}", known.get(id, {})))
            case "person":
                self.read.append("recipient.id")
            case _:
                self.read.append(name)
        return known

    def _watched(self, source: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
        def answer(field: str) -> Value:
            self.read.append(f"{source}.{field}")
            return record.get(field)

        return Watched(answer)


class WatchedMoment:
    def __init__(self, moment: Moment, read: list[str]) -> None:
        self._moment = moment
        self._read = read

    def __getattr__(self, name: str) -> Any:
        noted = {"at": "now.instant", "instant": "now.instant", "local": "zone", "zone": "zone"}
        self._read.append(noted.get(name, f"now.{name}"))
        return getattr(self._moment, name)


def reads(test: Test, known: Facts, offer: str | None) -> list[str]:
    """The names of all the facts that a compiled condition reads."""
    watched = WatchedFacts(known)
    test(cast("Facts", watched), offer)
    return watched.read


def readable(asked: frozenset[FactKey], offer: str) -> set[str]:
    """What may be read for these keys, the offer's under the name of the product that it is."""
    names = {str(one) for key in asked for one in (key.of(offer), key.of(offer).rests_on)}
    if any(key.field == "repeated" for key in asked):
        names.add("offered")
    if "now.date" in names:
        names.add("zone")
    return names


@law
@given(conditions, some_facts)
def test_nothing_but_the_keys_is_read(node: Condition, known: Facts) -> None:
    compiled = compile_condition(node, DECLARED)
    assert set(reads(compiled.test, known, "p")) <= readable(compiled.keys, "p")


@law
@given(valued_conditions)
def test_all_that_is_asked_of_is_read_where_nothing_is_known(node: Condition) -> None:
    """Without presences, all is UNKNOWN then, so that no group is decided early."""
    read = set(reads(test_of(node), Facts(), "the-offer"))
    for leaf in leaves(node):
        [about, *_] = readable(frozenset(leaf_keys(leaf, DECLARED)[:1]), "the-offer") & read
        assert about


@law
@given(conditions, some_facts)
def test_a_fact_is_read_once_and_with_care_once_more(node: Condition, known: Facts) -> None:
    asked = [name for name in reads(test_of(node), known, "q") if not name.startswith("now.")]
    told_apart = [name for name in asked if name not in ("zone", "recipient.id", "offered")]
    assert max(Counter(told_apart).values(), default=0) <= 2


PLAN = "recipient.attributes.plan"


def test_what_is_asked_of_values_that_are_shown_is_that_they_are_known() -> None:
    price, title = FactKey("offer", "price"), FactKey("offer", "title")
    compiled = compile_condition(Known((price, title)), {})
    assert compiled.keys == {price, title}
    assert compiled.test(Facts(products={"p": {"price": 0, "title": ""}}), "p") is True
    for lacking in ({"price": 1}, {"title": "x"}, {"price": 1, "title": STALE}, {}):
        assert compiled.test(Facts(products={"p": lacking}), "p") is None


def test_an_attribute_that_is_shown_is_of_the_type_that_was_declared() -> None:
    due = FactKey("recipient", "attributes.due")
    declared = {"recipient.attributes.due": FactType.DATE}
    compiled = compile_condition(Known((due,)), declared)
    for value, truth, shown in (
        ("2026-12-24", True, date(2026, 12, 24)),
        ("soon", None, None),
        (None, None, None),
    ):
        facts = Facts(recipient={"attributes.due": value})
        assert compiled.test(facts, None) is truth
        assert read_fact(due, facts, None, FactType.DATE) == shown
        assert read_fact(due, facts, None) == value


# The function


@pytest.mark.parametrize("op", ["all", "any"])
def test_a_group_that_holds_in_part_is_not_ruled_out_by_what_is_unknown(op: str) -> None:
    """Also where its facts are all there, so that no careful look is needed."""
    number = {"op": "above", "fact": "recipient.attributes.number", "value": 0}
    text = {"op": "equals", "fact": "recipient.attributes.text", "value": "x"}
    never = {"op": "equals", "fact": "recipient.attributes.a", "value": "y"}
    parts = [{"op": "all", "of": [number, text]}, *([never] if op == "any" else [])]
    facts = Facts(recipient={"attributes.number": 1, "attributes.text": 5, "attributes.a": "x"})
    assert test_of(condition({"op": op, "of": parts}))(facts, None) is None


@pytest.mark.parametrize("op", ["contains_any", "contains_all", "contains_none"])
def test_money_is_no_list(op: str) -> None:
    node = condition({"op": op, "fact": "recipient.attributes.texts", "values": ["EUR"]})
    facts = Facts(recipient={"attributes.texts": Money(Decimal(5), "EUR")})
    assert test_of(node)(facts, None) is None


@pytest.mark.parametrize("op", ["is_set", "is_not_set"])
def test_whether_a_product_was_bought_is_as_old_as_the_purchases(op: str) -> None:
    node = condition({"op": op, "fact": "product.p.bought"})
    assert test_of(node)(Facts(recipient={"purchases": STALE}), None) is None
    assert test_of(node)(Facts(recipient={"purchases": ()}), None) is (op == "is_set")
    assert test_of(node)(Facts(), None) is (op == "is_not_set")


def test_functions_that_differ_in_constants_alone_run_the_same_code() -> None:
    first, second = (
        test_of(condition({"op": "equals", "fact": f"product.{product}.category", "value": value}))
        for product, value in (("rome", "trips"), ("oslo", "cruises"))
    )
    assert first.__code__.co_code == second.__code__.co_code
    assert first.__code__ is not second.__code__


@pytest.mark.parametrize(
    "text", ["__import__('os').abort()", "')\n raise", "{0}", "%s", "\\", "#0", "#1", "c0"]
)
def test_what_is_typed_in_is_never_parsed(text: str) -> None:
    node, harmless = (
        condition(
            {
                "op": "any",
                "of": [
                    {"op": "in", "fact": "recipient.first_name", "values": [value]},
                    {"op": "starts_with", "fact": "recipient.last_name", "value": value},
                    {"op": "contains", "fact": "recipient.purchases", "value": value},
                    {"op": "contains_any", "fact": "recipient.cart", "values": [value]},
                ],
            }
        )
        for value in (text, "Aino")
    )
    for known in ({"first_name": text}, {"last_name": text}, {"purchases": (text,)}):
        assert test_of(node)(Facts(recipient=known), None) is True
    assert test_of(node)(Facts(recipient={"first_name": "x"}), None) is None
    code = test_of(node).__code__
    assert code.co_code == test_of(harmless).__code__.co_code
    assert code.co_names == test_of(harmless).__code__.co_names


def test_a_group_is_decided_as_early_as_it_can_be() -> None:
    node = condition(
        {
            "op": "all",
            "of": [
                {"op": "equals", "fact": "recipient.first_name", "value": "x"},
                {"op": "equals", "fact": "order.status", "value": "packed"},
            ],
        }
    )
    known = Facts(recipient={"first_name": "x"}, order={"status": "packed"})
    assert test_of(node)(known, None) is True
    assert test_of(node)(Facts(recipient={"first_name": "y"}), None) is False
    assert test_of(node)(Facts(order={"status": "shipped"}), None) is False


def test_an_attribute_without_a_type_is_never_known() -> None:
    """It had one when the condition was saved."""
    facts = Facts(recipient={"attributes.plan": "gold"})
    for leaf in (
        {"op": "equals", "fact": PLAN, "value": "gold"},
        {"op": "in", "fact": PLAN, "values": ["gold"]},
        {"op": "contains", "fact": PLAN, "value": "gold"},
        {"op": "contains_any", "fact": PLAN, "values": ["gold"]},
        {"op": "between", "fact": PLAN, "least": 1, "most": 2},
        {"op": "above", "fact": PLAN, "value": 1},
    ):
        node = Group.model_validate_json(json.dumps({"op": "all", "of": [leaf]}))
        assert compile_condition(node, {}).test(facts, None) is None
        assert compile_condition(Not(op="not", of=node), {}).test(facts, None) is None


def test_constants_are_what_a_fact_is_compared_with() -> None:
    number = FactType.NUMBER
    assert constants_of(Equality(op="equals", fact=PLAN, value=1), {PLAN: number}) == (number, [1])
    money = Comparison.model_validate_json(
        '{"op": "above", "fact": "offer.price", "value": {"amount": "1.5", "currency": "EUR"}}'
    )
    assert constants_of(money, {}) == (FactType.MONEY, [Money(Decimal("1.5"), "EUR")])


def test_an_attribute_that_has_another_type_by_now_is_never_known() -> None:
    node = Equality(op="equals", fact=PLAN, value=1)
    assert constants_of(node, {PLAN: FactType.TEXT}) == (None, [])
    test = compile_condition(node, {PLAN: FactType.TEXT}).test
    assert test(Facts(recipient={"attributes.plan": 1}), None) is None


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC", "abc"),
        ("Straße", "strasse"),
        ("ÕUN", "õun"),
        ("O\N{COMBINING TILDE}un", "õun"),
        ("\N{GREEK CAPITAL LETTER ALPHA}\N{COMBINING GREEK YPOGEGRAMMENI}", "αι"),
        ("ΣΑΣ", "σασ"),
        ("", ""),
    ],
)
def test_texts_are_folded_as_unicode_says(text: str, folded: str) -> None:
    assert fold(text) == folded


# Single facts

TALLINN: tzinfo = ZoneInfo("Europe/Tallinn")
FACTS = Facts(
    person="mart",
    recipient={"first_name": "Märt", "attributes.age": 40, "purchases": ("rome",)},
    message={"class": "marketing", "parameters.campaign": "spring"},
    order={"status": "packed", "attributes.gift": False},
    open={"client": "human"},
    products={"rome": {"stock": 3, "attributes.stars": 5}, "rome.v2": {"title": ""}},
    moment=Moment(datetime.fromisoformat("2026-11-24T22:30Z"), TALLINN),
    shown={"vip": 2},
    offered=frozenset({"oslo"}),
)


@pytest.mark.parametrize(
    ("name", "offer", "value"),
    [
        ("recipient.id", None, "mart"),
        ("recipient.first_name", None, "Märt"),
        ("recipient.last_name", None, None),
        ("recipient.attributes.age", None, 40),
        ("message.class", None, "marketing"),
        ("message.parameters.campaign", None, "spring"),
        ("order.status", None, "packed"),
        ("order.attributes.gift", None, False),
        ("open.client", None, "human"),
        ("product.rome.stock", None, 3),
        ("product.rome.stock", "oslo", 3),
        ("product.rome.attributes.stars", None, 5),
        ("product.rome.v2.title", None, ""),
        ("product.tartu.stock", None, None),
        ("product.rome.bought", None, True),
        ("product.oslo.bought", None, False),
        ("product.oslo.repeated", None, True),
        ("product.rome.repeated", None, False),
        ("offer.stock", "rome", 3),
        ("offer.stock", None, None),
        ("offer.attributes.stars", "rome", 5),
        ("offer.bought", "rome", True),
        ("offer.bought", None, None),
        ("offer.repeated", "oslo", True),
        ("offer.repeated", None, None),
        ("now.date", None, date(2026, 11, 25)),
        ("now.weekday", None, "wednesday"),
        ("now.hour", None, 0.5),
        ("shown.vip", None, 2),
        ("shown.rome", None, None),
    ],
)
def test_a_fact_is_read_where_it_stands(name: str, offer: str | None, value: Value) -> None:
    assert read_fact(parse_key(name), FACTS, offer) == value


@pytest.mark.parametrize(
    "name", ["recipient.id", "product.rome.bought", "product.rome.repeated", "now.date"]
)
def test_what_is_not_known_is_none(name: str) -> None:
    assert read_fact(parse_key(name), Facts(), None) is None


def test_a_reader_is_made_once() -> None:
    assert reader(parse_key("offer.price")) is reader(FactKey("offer", "price"))


IN_STOCK = {"op": "above", "fact": "offer.stock", "value": 1}


@pytest.mark.parametrize(
    ("leaf", "facts", "offer", "lacking"),
    [
        (
            {"op": "above", "fact": "offer.stock", "value": 1},
            Facts(),
            "p",
            {"product.p.stock": None},
        ),
        ({"op": "above", "fact": "offer.stock", "value": 1}, Facts(), None, {"offer.stock": None}),
        (
            {"op": "above", "fact": "offer.stock", "value": 1},
            Facts(products={"p": {"stock": STALE}}),
            "p",
            {"product.p.stock": STALE},
        ),
        (
            {"op": "above", "fact": "offer.stock", "value": 1},
            Facts(products={"p": {"stock": "many"}}),
            "p",
            {"product.p.stock": None},
        ),
        (
            {"op": "equals", "fact": "offer.bought", "value": True},
            Facts(recipient={"purchases": STALE}),
            "p",
            {"recipient.purchases": STALE},
        ),
        (
            {"op": "before", "fact": "message.sent_at", "value": "today"},
            Facts(moment=Moment(datetime.fromisoformat("2026-11-24T22:30Z"))),
            None,
            {"message.sent_at": None, "recipient.time_zone": None},
        ),
        ({"op": "share", "percent": 5, "salt": "s"}, Facts(), None, {"recipient.id": None}),
    ],
)
def test_what_a_leaf_lacks_is_told_by_the_fact_that_someone_must_provide(
    leaf: dict[str, Any], facts: Facts, offer: str | None, lacking: dict[str, Value]
) -> None:
    node: Any = condition(leaf)
    assert test_of(node)(facts, offer) is None
    assert Lack(node, DECLARED)(facts, offer) == lacking


@law
@given(conditions, some_facts, offers)
def test_a_leaf_that_is_unknown_lacks_something(
    node: Condition, known: Facts, offer: str | None
) -> None:
    for leaf in leaves(node):
        if compile_condition(leaf, DECLARED).test(known, offer) is None:
            assert Lack(leaf, DECLARED)(known, offer)
