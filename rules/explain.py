"""The trace of a decision, in data: each variant, each guard, each node, and the value seen.

A group's truth is combined here from its members' by the tables of `rules.truth`, beside what the
compiled function says of the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.compile import Lack, Test, compile_condition, read_fact
from rules.decide import CompiledRules
from rules.facts import STALE, Declared, FactKey, Facts, Money, Value
from rules.nodes import Known, Node, leaf_keys
from rules.tree import Group, Leaf, Not, children
from rules.truth import Truth, conjunction, disjunction, negation
from rules.values import CONVERSIONS
from rules.variant import Guard, Guarded, Rules, Variant, entry_guards, guards


@dataclass(frozen=True, slots=True)
class NodeTrace:
    """What a node came to. Of a leaf: the `key` of the fact that it asks of first, that one's
    `value` (as it is stored where that is of another type), and where the leaf is UNKNOWN the facts
    that it lacks, with what is in their place."""

    node: Node
    truth: Truth
    key: FactKey | None = None
    value: Value = None
    lacking: tuple[tuple[str, Value], ...] = ()
    of: tuple["NodeTrace", ...] = ()


@dataclass(frozen=True, slots=True)
class GuardTrace:
    guard: Guard
    trace: NodeTrace


@dataclass(frozen=True, slots=True)
class OfferTrace:
    """What the guards said of a variant with this offer; without candidates there are none."""

    offer: str | None
    guards: tuple[GuardTrace, ...]

    @property
    def truth(self) -> Truth:
        return conjunction(one.trace.truth for one in self.guards)


@dataclass(frozen=True, slots=True)
class VariantTrace:
    """A variant with each offer that it may have; `candidates` is UNKNOWN where these are."""

    variant: str
    offers: tuple[OfferTrace, ...]
    candidates: Truth = True


def explain(compiled: CompiledRules, facts: Facts) -> tuple[VariantTrace, ...]:
    """All variants in order, also those behind the one that was chosen."""
    rules = compiled.rules
    return tuple(_variant(rules, variant, facts) for variant in rules.variants)


def trace(node: Node, declared: Declared, facts: Facts, offer: str | None) -> NodeTrace:
    return _Tracer(declared, facts).trace(node, offer)


def _variant(rules: Rules, variant: Variant, facts: Facts) -> VariantTrace:
    tracer = _Tracer(rules.declared, facts)
    asked = guards(rules, variant)
    all_guards = (*entry_guards(rules), *asked.targeting, *asked.offering)
    selector = variant.offer.selector if variant.offer else None
    if selector is None:
        product = variant.offer.product if variant.offer else None
        return VariantTrace(variant.id, (tracer.offer(all_guards, product),))
    candidates = facts.candidates.get(selector)
    if not candidates:
        targeting = tracer.offer((*entry_guards(rules), *asked.targeting), None)
        return VariantTrace(variant.id, (targeting,), None if candidates is None else False)
    offers = tuple(tracer.offer(all_guards, product) for product in candidates)
    return VariantTrace(variant.id, offers)


class _Tracer:
    """Traces nodes on the same facts. What a leaf needs for that is made once, for all offers."""

    def __init__(self, declared: Declared, facts: Facts) -> None:
        self._declared = declared
        self._facts = facts
        self._made: dict[int, tuple[Test, Lack]] = {}

    def offer(self, asked: Sequence[Guarded], product: str | None) -> OfferTrace:
        traces = (GuardTrace(one.guard, self.trace(one.node, product)) for one in asked)
        return OfferTrace(product, tuple(traces))

    def trace(self, node: Node, offer: str | None) -> NodeTrace:
        match node:
            case Group() | Not():
                of = tuple(self.trace(child, offer) for child in children(node))
                truths = [child.truth for child in of]
                match node.op:
                    case "all":
                        truth = conjunction(truths)
                    case "any":
                        truth = disjunction(truths)
                    case _:
                        truth = negation(truths[0])
                return NodeTrace(node, truth, of=of)
            case _:
                return self._leaf(node, offer)

    def _leaf(self, leaf: Leaf | Known, offer: str | None) -> NodeTrace:
        if id(leaf) not in self._made:
            test = compile_condition(leaf, self._declared).test
            self._made[id(leaf)] = test, Lack(leaf, self._declared)
        test, lack = self._made[id(leaf)]
        truth = test(self._facts, offer)
        lacking = lack(self._facts, offer) if truth is None else {}
        key = leaf_keys(leaf, self._declared)[0]
        named = key.of(offer) if offer else key
        value = _typed(key, self._declared, read_fact(key, self._facts, offer))
        return NodeTrace(leaf, truth, named, value, tuple(sorted(lacking.items())))


def _typed(key: FactKey, declared: Declared, stored: Value) -> Value:
    convert = CONVERSIONS.get(key.type(declared)) if key.registered is None else None
    converted = convert(stored) if convert else None
    return stored if converted is None else converted


def to_data(traces: tuple[VariantTrace, ...]) -> list[dict[str, Any]]:
    """The traces as JSON has them."""
    return [
        {
            "variant": one.variant,
            "candidates": one.candidates,
            "offers": [
                {
                    "offer": offer.offer,
                    "truth": offer.truth,
                    "guards": [
                        {"guard": guard.guard, **node_to_data(guard.trace)}
                        for guard in offer.guards
                    ],
                }
                for offer in one.offers
            ],
        }
        for one in traces
    ]


def node_to_data(traced: NodeTrace) -> dict[str, Any]:
    """A node with what it came to, in place of its members theirs."""
    data: dict[str, Any] = {"truth": traced.truth}
    match traced.node:
        case Known(keys=keys):
            data |= {"op": "known", "facts": [str(key) for key in keys]}
        case Group() | Not():
            return data | {"op": traced.node.op, "of": [node_to_data(one) for one in traced.of]}
        case _:
            data |= traced.node.model_dump(mode="json", exclude_defaults=True)
            data |= {"fact": str(traced.key), "seen": plain(traced.value)}
    if traced.lacking:
        data["lacking"] = [name for name, _ in traced.lacking]
    return data


def plain(value: Value) -> Any:
    """A fact's value as JSON has it."""
    match value:
        case Money():
            return {"amount": str(value.amount), "currency": value.currency}
        case frozenset():
            return sorted(value)
        case tuple():
            return list(value)
        case Decimal() | date():
            return value.isoformat() if isinstance(value, date) else str(value)
        case _:
            return "STALE" if value is STALE else value


def decisive(traced: NodeTrace) -> Iterator[NodeTrace]:
    """The leaves that a node's truth rests on."""
    if not traced.of:
        yield traced
        return
    if isinstance(traced.node, Group):
        takes_all = traced.truth is None or (traced.node.op == "all") is traced.truth
        same = [one for one in traced.of if one.truth is traced.truth]
        for one in same if takes_all else same[:1]:
            yield from decisive(one)
    else:
        yield from decisive(traced.of[0])
