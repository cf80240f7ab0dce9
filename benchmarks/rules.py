"""What it costs to ask a condition, to decide on a block, and to publish one.

    python -m benchmarks.rules [ROUNDS]

Every engine gets the same conditions and the same facts, in turn, on one core; before the clock
runs, all must give the same answers. A figure is the median over the rounds of the CPU time of one
call. Other engines know no decisions: they are asked which is the first of three conditions that
holds, each with all its guards, in one rule where they can, and they tell no reason.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from statistics import fmean, median
from timeit import Timer
from typing import Any, TypeVar

import orjson

from benchmarks import report
from benchmarks.engines import Data, Engine, engines, prepared_engines
from dyncontent.catalog.block import Block
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import Definition
from dyncontent.catalog.product import Product
from dyncontent.catalog.published import decode_version
from dyncontent.catalog.recipient import Recipient
from rules.compile import compile_condition
from rules.decide import CompiledRules, compile_rules, decide
from rules.facts import NOTHING, Facts
from rules.offer import Offer
from rules.tree import Condition, parse_condition
from rules.variant import Rules, Variant

ROUNDS = 25
SECONDS = 0.01
"""How long one engine is asked one thing in a round."""
OURS = "dyncontent"

Document = TypeVar("Document", bound=Definition)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    holding, failing, prepared = _tests(rounds)
    decisions = _decisions(rounds)
    ways = _ways(rounds)
    publishing = _publishing(rounds)
    report.bars("three conditions that hold", "us", holding)
    report.bars("three conditions of which the last does not hold", "us", failing)
    report.bars("three conditions that hold, of facts made ready before", "us", prepared)
    report.bars("a decision on three variants (with its reason: dyncontent alone)", "us", decisions)
    report.bars("our decision, by its outcome", "us", ways)
    report.bars("publishing a block of 50 variants", "ms", publishing)
    report.say("")
    targets = [
        report.Target("three conditions, us", holding[OURS], 0.25),
        report.Target("three conditions, times the fastest peer", _lead(holding), 4, "at_least"),
        report.Target("a whole decision, us", decisions[OURS], 2),
        report.Target("publishing 50 variants, ms", publishing["the whole block"], 20),
    ]
    figures = {
        "rounds": rounds,
        "holding_us": holding,
        "failing_us": failing,
        "prepared_us": prepared,
        "decision_us": decisions,
        "own_decision_us": ways,
        "publishing_ms": publishing,
    }
    report.write("rules", targets, figures)


def _lead(figures: Mapping[str, float]) -> float:
    """How many times the fastest peer takes what we do."""
    fastest = min(value for name, value in figures.items() if name != OURS)
    return round(fastest / figures[OURS], 2)


def _condition(tree: object) -> Condition:
    return parse_condition(json.dumps(tree), {})


def _all(*of: object) -> dict[str, Any]:
    return {"op": "all", "of": of}


# Measuring


def _calls(statement: str, **names: object) -> Timer:
    return Timer(statement, timer=time.process_time, globals=names)


def _measure(timers: Mapping[str, Sequence[Timer]], rounds: int) -> dict[str, float]:
    """Microseconds of a call, the mean of an engine's timers: in each round all take their turn."""
    turns = {name: [_turns(timer) for timer in those] for name, those in timers.items()}
    times: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(rounds):
        for name, those in timers.items():
            spent = [
                timer.timeit(often) / often for timer, often in zip(those, turns[name], strict=True)
            ]
            times[name].append(fmean(spent) * 1e6)
    return {name: round(median(found), 4) for name, found in times.items()}


def _turns(timer: Timer) -> int:
    """How many calls take about SECONDS. The engine gets warm on the way."""
    turns, spent = 1, 0.0
    while spent < SECONDS / 2:
        turns *= 2
        spent = timer.timeit(turns)
    return round(turns * SECONDS / spent)


def _agreed(answers: Mapping[str, object]) -> None:
    if len(set(answers.values())) != 1:
        raise SystemExit(f"the engines do not agree: {answers}")


# A test of three conditions

_PARCEL = _all(
    {"op": "equals", "fact": "order.status", "value": "shipped"},
    {"op": "in", "fact": "recipient.locale", "values": ["fi", "et"]},
    {"op": "above", "fact": "product.rome.stock", "value": 0},
)


def _parcel(stock: int) -> Data:
    return _as_received(
        {
            "order": {"status": "shipped"},
            "recipient": {"locale": "fi"},
            "product": {"rome": {"stock": stock}},
        }
    )


def _as_received(data: Data) -> Data:
    """The same from its JSON: no text of it is the very object that a condition holds."""
    received: Data = orjson.loads(orjson.dumps(data))
    return received


def _tests(rounds: int) -> tuple[dict[str, float], ...]:
    """Where all three hold, where the last does not, and of facts that were made ready before."""
    condition = _condition(_PARCEL)
    test = compile_condition(condition, {}).test
    peers, ready = list(engines()), list(prepared_engines())
    asks = {one.name: one.compile(condition) for one in (*peers, *ready)}
    holding, failing = _parcel(3), _parcel(0)
    for data in (holding, failing):
        told = {one.name: asks[one.name](one.prepare(data)) for one in (*peers, *ready)}
        _agreed(told | {OURS: test(_facts(data), None)})

    def timers(data: Data, those: Sequence[Engine]) -> dict[str, list[Timer]]:
        ours = _calls("test(facts, None)", test=test, facts=_facts(data))
        return {OURS: [ours]} | {
            one.name: [_calls("ask(data)", ask=asks[one.name], data=one.prepare(data))]
            for one in those
        }

    return (
        _measure(timers(holding, peers), rounds),
        _measure(timers(failing, peers), rounds),
        _measure(timers(holding, ready), rounds),
    )


def _facts(data: Data) -> Facts:
    """The same facts as the server has them of its documents."""
    person = {
        **data["recipient"],
        "consents": dict.fromkeys(data["recipient"].get("consents", ()), True),
        "purchases": dict.fromkeys(data["recipient"].get("purchases", ()), "2026-11-01T12:00Z"),
    }
    return Facts(
        person="7f1d",
        recipient=_read(Recipient, person).facts,
        message=_read(Message, data["message"]).facts if "message" in data else NOTHING,
        order=_read(Order, data["order"]).facts if "order" in data else NOTHING,
        products={name: _read(Product, one).facts for name, one in data["product"].items()},
    )


def _read(kind: type[Document], data: Data) -> Document:
    return kind.model_validate_json(orjson.dumps(data))


# A decision on three variants

_VARIANTS = {
    "last-seats": ("rome", {"op": "at_most", "fact": "product.rome.stock", "value": 30}),
    "insured": ("oslo", {"op": "contains", "fact": "recipient.purchases", "value": "insurance"}),
    "at-home": ("riga", {"op": "in", "fact": "recipient.locale", "values": ["fi", "et"]}),
}
"""The product and the condition of each."""


def _visitor(stock: int, bought: Sequence[str], locale: str) -> Data:
    return _as_received(
        {
            "message": {"class": "marketing"},
            "recipient": {
                "locale": locale,
                "consents": ["marketing", "tracking"],
                "purchases": ["boots", *bought],
            },
            "product": {"rome": {"stock": stock}, "oslo": {"stock": 4}, "riga": {"stock": 7}},
        }
    )


_VISITORS = {
    "last-seats": _visitor(3, [], "fi"),
    "insured": _visitor(0, ["insurance"], "fi"),
    "at-home": _visitor(0, [], "fi"),
    None: _visitor(0, ["riga"], "sv"),
}
"""One for whom each variant is shown, and one for the fallback."""


def _guarded(product: str, condition: object) -> Condition:
    """A variant's condition with its guards, as other engines are asked it."""
    return _condition(
        _all(
            {"op": "equals", "fact": "message.class", "value": "marketing"},
            {"op": "contains", "fact": "recipient.consents", "value": "marketing"},
            condition,
            {"op": "above", "fact": f"product.{product}.stock", "value": 0},
            {
                "op": "not",
                "of": {"op": "contains", "fact": "recipient.purchases", "value": product},
            },
        )
    )


def _chosen_by(engine: Engine) -> Callable[[Data], str | None]:
    choices = [(name, _guarded(*asked)) for name, asked in _VARIANTS.items()]
    if engine.choose is not None:
        return engine.choose(choices)
    asks = [(name, engine.compile(condition)) for name, condition in choices]

    def choose(data: Data) -> str | None:
        for name, ask in asks:
            if ask(data):
                return name
        return None

    return choose


def _our_rules() -> CompiledRules:
    variants = (
        Variant(name, Offer(product=product), _condition(condition))
        for name, (product, condition) in _VARIANTS.items()
    )
    return compile_rules(Rules(tuple(variants), marketing=True))


def _decisions(rounds: int) -> dict[str, float]:
    rules = _our_rules()
    choosers = {one.name: _chosen_by(one) for one in engines()}
    for expected, data in _VISITORS.items():
        told = {name: choose(data) for name, choose in choosers.items()}
        told |= {"expected": expected, OURS: decide(rules, _facts(data)).variant}
        _agreed(told)
    timers = {
        name: [_calls("choose(data)", choose=choose, data=data) for data in _VISITORS.values()]
        for name, choose in choosers.items()
    }
    timers[OURS] = [
        _calls("decide(rules, facts)", decide=decide, rules=rules, facts=_facts(data))
        for data in _VISITORS.values()
    ]
    return _measure(timers, rounds)


def _ways(rounds: int) -> dict[str, float]:
    """Our own decision by its outcome; the dearest is one in which a fact is not known."""
    rules = _our_rules()
    visitors = {(name or "fallback"): _facts(data) for name, data in _VISITORS.items()}
    unknown = _facts(_visitor(0, [], "fi"))
    visitors["at-home, stock of the first not known"] = replace(
        unknown, products={**unknown.products, "rome": NOTHING}
    )
    timers = {
        name: [_calls("decide(rules, facts)", decide=decide, rules=rules, facts=facts)]
        for name, facts in visitors.items()
    }
    return _measure(timers, rounds)


# Publishing


def _publishing(rounds: int) -> dict[str, float]:
    """Milliseconds. The blocks are all different, so that nothing that is kept from one serves
    another; then each is read again."""
    random = Random(1)  # noqa: S311
    whole, again, alone = [], [], []
    gc.collect()
    gc.freeze()  # as the server does when it has started
    for number in range(rounds):
        raw = orjson.dumps({"number": 1, "block": _block(random, number)})
        started = time.process_time()
        decode_version("trip", raw)
        whole.append(time.process_time() - started)
        started = time.process_time()
        decode_version("trip", raw)
        again.append(time.process_time() - started)
        block = Block.model_validate_json(orjson.dumps(_block(random, number)))
        variants = (Variant(one.id, one.offer, one.condition) for one in block.variants)
        rules = Rules(tuple(variants), marketing=True)
        started = time.process_time()
        compile_rules(rules)
        alone.append(time.process_time() - started)
    figures = {
        "the whole block": median(whole),
        "its rules alone": median(alone),
        "a block of the same shapes": median(again),
    }
    return {name: round(value * 1000, 3) for name, value in figures.items()}


_LEAVES = (
    {"op": "equals", "fact": "order.status", "value": "shipped"},
    {"op": "in", "fact": "recipient.locale", "values": ["fi", "et"]},
    {"op": "starts_with", "fact": "recipient.first_name", "value": "A", "ignore_case": True},
    {"op": "contains_any", "fact": "recipient.cart", "values": ["rome", "oslo"]},
    {"op": "below", "fact": "offer.price", "value": {"amount": "99.50", "currency": "EUR"}},
    {"op": "within_next", "fact": "message.deadline", "duration": "P3D"},
    {"op": "at_least", "fact": "offer.stock", "value": 2},
    {"op": "is_set", "fact": "recipient.last_name"},
    {"op": "share", "percent": 50, "salt": "spring"},
    {"op": "not_equals", "fact": "now.weekday", "value": "sunday"},
)


def _block(random: Random, number: int) -> dict[str, Any]:
    """Each variant has a condition of three to five leaves in a shape of its own."""
    creative = {
        "kind": "canvas",
        "canvas": {
            "width": 600,
            "height": 200,
            "layers": [
                {
                    "kind": "text",
                    "text": f"Trip {number}: {{{{ offer.stock }}}} seats",
                    "font": "display",
                    "size": 30,
                    "colour": "#000000",
                    "x": 20,
                    "y": 20,
                    "width": 560,
                    "height": 80,
                }
            ],
        },
    }
    plain = {"kind": "canvas", "canvas": {"width": 600, "height": 200, "background": "#AABBCC"}}
    link = "https://shop.example/"
    return {
        "title": "Trips",
        "class": "marketing",
        "variants": [
            {
                "id": f"v{place}",
                "offer": {"product": f"trip-{place}"},
                "condition": {
                    "op": random.choice(("all", "any")),
                    "of": random.sample(_LEAVES, random.randint(3, 5)),
                },
                "creative": creative,
                "link": link,
                "alt": f"Trip {number}",
            }
            for place in range(50)
        ],
        "fallback": {"creative": plain, "link": link, "alt": "Trips"},
    }


if __name__ == "__main__":
    main()
