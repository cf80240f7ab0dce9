"""What is said of a decision, in data."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from rules.decide import compile_rules, decide
from rules.explain import NodeTrace, decisive, explain, node_to_data, plain, to_data, trace
from rules.facts import STALE, FactKey, Facts, Money, Selector, parse_key
from rules.nodes import Known
from rules.offer import Offer
from rules.variant import Guard, Rules, Variant
from tests.rules.interpreter import interpreted, looked_up, typed
from tests.rules.support import (
    DECLARED,
    blocks,
    condition,
    conditions,
    law,
    offers,
    opened,
    some_facts,
)

PACKED = {"op": "equals", "fact": "order.status", "value": "packed"}
AINO = {"op": "equals", "fact": "recipient.first_name", "value": "Aino"}
DEAR = {"op": "above", "fact": "order.total", "value": {"amount": "5", "currency": "EUR"}}
FACTS = Facts(
    recipient={"first_name": "Aino", "purchases": ("oslo",), "consents": frozenset({"marketing"})},
    message={"class": "marketing"},
    order={"status": "shipped"},
    products={"rome": {"stock": 0}, "oslo": {"stock": 2}, "riga": {"stock": 4}},
    candidates={Selector("similar_to", "rome"): ("rome", "oslo", "riga")},
)


def traced(tree: dict[str, Any], facts: Facts = FACTS) -> NodeTrace:
    return trace(condition(tree), DECLARED, facts, None)


# Nodes


@law
@given(conditions, some_facts, offers)
def test_a_trace_comes_to_what_the_condition_comes_to(
    node: Any, facts: Facts, offer: str | None
) -> None:
    whole = trace(node, DECLARED, facts, offer)
    assert whole.truth is interpreted(node, DECLARED, facts, offer)
    for one in _all(whole):
        assert one.truth is interpreted(one.node, DECLARED, facts, offer)  # type: ignore[arg-type]
        if one.key is not None:
            stored = looked_up(str(one.key), facts, offer)
            kind, is_attribute = one.key.type(DECLARED), one.key.registered is None
            value = typed(stored, kind, stored_as_json=is_attribute)
            assert repr(one.value) in (repr(value), repr(stored))
            assert value is None or one.value == value


def _all(traced: NodeTrace) -> list[NodeTrace]:
    return [traced, *(below for child in traced.of for below in _all(child))]


@law
@given(conditions, some_facts, offers)
def test_a_trace_is_written_as_json(node: Any, facts: Facts, offer: str | None) -> None:
    data = node_to_data(trace(node, DECLARED, facts, offer))
    assert json.loads(json.dumps(data))["op"] == node.op


def test_a_leaf_tells_the_value_seen() -> None:
    assert node_to_data(traced(PACKED)) == {**PACKED, "truth": False, "seen": "shipped"}


def test_a_leaf_that_is_unknown_tells_what_it_lacks() -> None:
    assert node_to_data(traced(DEAR)) == {
        **DEAR,
        "truth": None,
        "seen": None,
        "lacking": ["order.total"],
    }


def test_a_share_is_seen_in_the_persons_id() -> None:
    share = {"op": "share", "percent": 100, "salt": "s"}
    found = node_to_data(traced(share, Facts(person="aino")))
    assert found == {**share, "truth": True, "fact": "recipient.id", "seen": "aino"}


def test_a_group_tells_of_its_members() -> None:
    data = node_to_data(traced({"op": "any", "of": [PACKED, {"op": "not", "of": AINO}]}))
    assert (data["op"], data["truth"]) == ("any", False)
    packed, other = data["of"]
    assert packed == {**PACKED, "truth": False, "seen": "shipped"}
    assert (other["op"], other["truth"]) == ("not", False)
    assert other["of"] == [{**AINO, "truth": True, "seen": "Aino"}]


def test_what_is_shown_is_told_by_its_names() -> None:
    keys = (parse_key("order.status"), parse_key("order.carrier"))
    assert node_to_data(trace(Known(keys), {}, FACTS, None)) == {
        "truth": None,
        "op": "known",
        "facts": ["order.status", "order.carrier"],
        "lacking": ["order.carrier"],
    }


def test_a_fact_of_the_offer_is_told_under_the_name_of_its_product() -> None:
    stock = condition({"op": "above", "fact": "offer.stock", "value": 0})
    assert trace(stock, DECLARED, FACTS, "rome").key == FactKey("product", "stock", "rome")
    assert trace(stock, DECLARED, FACTS, None).key == FactKey("offer", "stock")


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Money(Decimal("1.50"), "EUR"), {"amount": "1.50", "currency": "EUR"}),
        (frozenset({"b", "a"}), ["a", "b"]),
        (("b", "a"), ["b", "a"]),
        (date(2026, 12, 24), "2026-12-24"),
        (datetime(2026, 12, 24, 18, tzinfo=UTC), "2026-12-24T18:00:00+00:00"),
        (Decimal("1.5"), "1.5"),
        (STALE, "STALE"),
        (None, None),
        (3, 3),
        ("x", "x"),
    ],
)
def test_values_are_told_as_json_has_them(value: Any, data: Any) -> None:
    assert plain(value) == data


# What a truth rests on

YES, NO, UNKNOWN = AINO, PACKED, DEAR


@pytest.mark.parametrize(
    ("tree", "rests_on"),
    [
        (YES, [YES]),
        ({"op": "not", "of": NO}, [NO]),
        ({"op": "all", "of": [YES, YES]}, [YES, YES]),
        ({"op": "all", "of": [YES, NO, UNKNOWN, NO]}, [NO]),
        ({"op": "all", "of": [YES, UNKNOWN, UNKNOWN]}, [UNKNOWN, UNKNOWN]),
        ({"op": "any", "of": [NO, YES, UNKNOWN, YES]}, [YES]),
        ({"op": "any", "of": [NO, UNKNOWN, NO]}, [UNKNOWN]),
        ({"op": "any", "of": [NO, NO]}, [NO, NO]),
        ({"op": "not", "of": {"op": "all", "of": [YES, NO, UNKNOWN]}}, [NO]),
        ({"op": "all", "of": [YES, {"op": "any", "of": [NO, YES]}]}, [YES, YES]),
    ],
)
def test_a_truth_rests_on_the_leaves_that_suffice_for_it(
    tree: dict[str, Any], rests_on: list[Any]
) -> None:
    assert [one.node for one in decisive(traced(tree))] == [condition(one) for one in rests_on]


@law
@given(conditions, some_facts, offers)
def test_what_is_decisive_came_to_the_same_but_for_negations(
    node: Any, facts: Facts, offer: str | None
) -> None:
    whole = trace(node, DECLARED, facts, offer)
    found = list(decisive(whole))
    assert found
    assert all(one in _all(whole) for one in found)
    assert all((one.truth is None) is (whole.truth is None) for one in found)


# Decisions

RULES = Rules(
    (Variant("rome", Offer(product="rome")), Variant("like", Offer(similar_to="rome"))),
    marketing=True,
)


def test_each_variant_is_explained_with_each_of_its_offers() -> None:
    rome, like = explain(compile_rules(RULES), FACTS)
    assert (rome.variant, like.variant) == ("rome", "like")
    assert [(one.offer, one.truth) for one in rome.offers] == [("rome", False)]
    assert [(one.offer, one.truth) for one in like.offers] == [
        ("rome", False),
        ("oslo", False),
        ("riga", True),
    ]
    assert [one.guard for one in like.offers[0].guards] == [
        Guard.CLASS,
        Guard.CONSENT,
        Guard.IN_STOCK,
        Guard.NOT_BOUGHT,
    ]


@pytest.mark.parametrize(
    ("candidates", "truth"), [({}, None), ({Selector("similar_to", "rome"): ()}, False)]
)
def test_a_variant_without_candidates_is_explained_by_what_does_not_depend_on_them(
    candidates: dict[Selector, tuple[str, ...]], truth: bool | None
) -> None:
    facts = Facts(message={"class": "marketing"}, candidates=candidates)
    [_, like] = explain(compile_rules(RULES), facts)
    assert like.candidates is truth
    [offer] = like.offers
    assert offer.offer is None
    assert [one.guard for one in offer.guards] == [Guard.CLASS, Guard.CONSENT]


def test_a_variant_of_which_nothing_is_asked_holds() -> None:
    [news] = explain(compile_rules(Rules((Variant("news"),))), FACTS)
    assert [(one.offer, one.guards, one.truth) for one in news.offers] == [(None, (), True)]


def test_an_explanation_in_data() -> None:
    rules = Rules((Variant("rome", Offer(product="rome", not_bought=False)),))
    assert to_data(explain(compile_rules(rules), FACTS)) == [
        {
            "variant": "rome",
            "candidates": True,
            "offers": [
                {
                    "offer": "rome",
                    "truth": False,
                    "guards": [
                        {
                            "guard": "in_stock",
                            "op": "above",
                            "fact": "product.rome.stock",
                            "value": 0,
                            "seen": 0,
                            "truth": False,
                        }
                    ],
                }
            ],
        }
    ]


@law
@given(blocks, opened)
def test_the_explanation_and_the_decision_agree(rules: Rules, facts: Facts) -> None:
    ready = compile_rules(rules)
    decision = decide(ready, facts)
    explained = {one.variant: one for one in explain(ready, facts)}
    for skip in decision.skipped:
        traced = explained[skip.variant]
        if skip.guard is Guard.CANDIDATES:
            assert traced.candidates is skip.truth
            continue
        offers = [one for one in traced.offers if one.offer == skip.offer] or traced.offers
        failed = {(one.guard, one.trace.truth) for one in offers[0].guards}
        assert (skip.guard, skip.truth) in failed
    if decision.variant is not None:
        chosen = explained[decision.variant]
        [offer] = [one for one in chosen.offers if one.offer == decision.offer]
        assert (chosen.candidates, offer.truth) == (True, True)
