import json
import operator
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from rules.compile import compile_condition
from rules.facts import Facts, Record, Value
from rules.tree import Condition, Not
from rules.truth import Truth, negation
from tests.rules.support import (
    condition,
    conditions,
    law,
    leaves,
    offers,
    some_facts,
    valued_conditions,
)

SPEC = json.loads((Path(__file__).parents[1] / "cases" / "conditions.json").read_text("utf-8"))


def from_json(value: Any) -> Value:
    """A fact's value: JSON has no tuples."""
    return tuple(value) if isinstance(value, list) else value


def record(facts: Mapping[str, Any]) -> Record:
    return {name: from_json(value) for name, value in facts.items()}


def facts_from_json(sources: dict[str, Any]) -> Facts:
    products = {id: record(product) for id, product in sources.pop("products", {}).items()}
    return Facts(**{source: record(known) for source, known in sources.items()}, products=products)


def test_the_cases_are_of_the_version_that_is_understood() -> None:
    assert SPEC["version"] == 1


def test_the_cases_give_every_operator_every_answer() -> None:
    def operators(tree: dict[str, Any]) -> Iterator[str]:
        yield tree["op"]
        of = tree.get("of", [])
        for child in of if isinstance(of, list) else [of]:
            yield from operators(child)

    answered = {(case["condition"]["op"], case["expected"]) for case in SPEC["cases"]}
    ops = {op for case in SPEC["cases"] for op in operators(case["condition"])}
    never_unknown = {("is_set", None), ("is_not_set", None)}
    assert (
        answered == {(op, answer) for op in ops for answer in (True, False, None)} - never_unknown
    )
    assert len(ops) == 14


@pytest.mark.parametrize("case", SPEC["cases"], ids=operator.itemgetter("name"))
def test_case(case: dict[str, Any]) -> None:
    compiled = compile_condition(condition(case["condition"]))
    known = facts_from_json(dict(case["facts"]))
    assert compiled.test(known, case["offer"]) is case["expected"]


@law
@given(conditions, some_facts, offers)
def test_compiled_and_interpreted_agree(node: Condition, known: Facts, offer: str | None) -> None:
    expected = interpreted(node.model_dump(), known, offer)
    assert compile_condition(node).test(known, offer) is expected


def interpreted(tree: dict[str, Any], known: Facts, offer: str | None) -> Truth:
    """The naive reading: Kleene's values are 0, 1/2 and 1; all, any and not are min, max, 1 - x."""
    return {0: False, 0.5: None, 1: True}[degree(tree, known, offer)]


def degree(tree: dict[str, Any], known: Facts, offer: str | None) -> float:
    op = tree["op"]
    match op:
        case "all":
            return min(degree(child, known, offer) for child in tree["of"])
        case "any":
            return max(degree(child, known, offer) for child in tree["of"])
        case "not":
            return 1 - degree(tree["of"], known, offer)
    value = looked_up(tree["fact"], known, offer)
    match op:
        case "is_set":
            return float(value is not None)
        case "is_not_set":
            return float(value is None)
        case "contains":
            listed = type(value) in (tuple, frozenset)
            return float(tree["value"] in value) if listed else 0.5
        case "equals" | "not_equals" | "in" | "not_in":
            comparable = [
                constant
                for constant in tree.get("values", [tree.get("value")])
                if kind(constant) == kind(value)
            ]
            found = any(constant == value for constant in comparable)
            return float(found == (op in ("equals", "in"))) if comparable else 0.5
    if kind(value) != "number":
        return 0.5
    holds = {
        "above": value > tree["value"],
        "at_least": value >= tree["value"],
        "below": value < tree["value"],
        "at_most": value <= tree["value"],
    }
    return float(holds[op])


def kind(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else f"not a scalar: {value!r}"


def looked_up(name: str, known: Facts, offer: str | None) -> Value:
    source, rest = name.split(".", 1)
    if source == "offer":
        source, rest = "product", f"{offer}.{rest}"
    if source != "product":
        return getattr(known, source).get(rest)
    product, rest = rest.split(".", 1)
    return known.products.get(product, {}).get(rest)


@law
@given(conditions, some_facts, offers)
def test_not_is_negation_and_twice_nothing(
    node: Condition, known: Facts, offer: str | None
) -> None:
    once = Not(op="not", of=node)
    answer = compile_condition(node).test(known, offer)
    assert compile_condition(once).test(known, offer) is negation(answer)
    assert compile_condition(Not(op="not", of=once)).test(known, offer) is answer


@law
@given(valued_conditions, some_facts, some_facts, offers, offers)
def test_what_becomes_known_never_changes_an_answer(
    node: Condition, known: Facts, more: Facts, offer: str | None, later_offer: str | None
) -> None:
    """Holds without is_set and is_not_set, which ask whether something is known."""
    test = compile_condition(node).test
    products = {
        id: {**more.products.get(id, {}), **known.products.get(id, {})}
        for id in {*more.products, *known.products}
    }
    fuller = Facts(
        recipient={**more.recipient, **known.recipient},
        message={**more.message, **known.message},
        order={**more.order, **known.order},
        products=products,
    )
    assert test(known, offer) in (None, test(fuller, offer or later_offer))


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


def reads(node: Condition, known: Facts, offer: str) -> set[str]:
    """The names of all the facts that the compiled condition reads."""
    read: set[str] = set()

    def watched(source: str, record: Record) -> Record:
        def answer(field: str) -> Value:
            read.add(f"{source}.{field}")
            return record.get(field)

        return Watched(answer)

    facts = Facts(
        recipient=watched("recipient", known.recipient),
        message=watched("message", known.message),
        order=watched("order", known.order),
        products=Watched(lambda id: watched(f"product.{id}", known.products.get(id, {}))),
    )
    compile_condition(node).test(facts, offer)
    return read


def readable(node: Condition, offer: str) -> set[str]:
    """The keys, the offer's under the name of the product that it is."""
    names = map(str, compile_condition(node).keys)
    return {name.replace("offer.", f"product.{offer}.") for name in names}


@law
@given(conditions, some_facts)
def test_nothing_but_the_keys_is_read(node: Condition, known: Facts) -> None:
    assert reads(node, known, "p") <= readable(node, "p")


@law
@given(valued_conditions)
def test_all_keys_are_read_where_nothing_is_known(node: Condition) -> None:
    """Without presences, all is UNKNOWN then, so that no group is decided early."""
    assert reads(node, Facts(), "the-offer") == readable(node, "the-offer")


@law
@given(conditions)
def test_the_keys_are_those_of_the_leaves(node: Condition) -> None:
    alone = [reads(leaf, Facts(), "the-offer") for leaf in leaves(node)]
    assert all(len(read) == 1 for read in alone)
    assert set().union(*alone) == readable(node, "the-offer")
