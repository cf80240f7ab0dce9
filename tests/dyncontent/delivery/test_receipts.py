"""Facts come back from a receipt as they were, as far as the rules can read them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from dyncontent.catalog.block import Block
from dyncontent.catalog.compiled import compile_block
from dyncontent.delivery.facts import Situation
from dyncontent.delivery.receipts import Receipt, kept
from dyncontent.delivery.record import Outcome
from dyncontent.delivery.showing import choose
from dyncontent.delivery.urls import Address, Purpose
from dyncontent.store.keys import Keys
from renderers.encode import ImageType
from rules.decide import decide
from rules.facts import STALE, Facts, FactType, Money, Selector
from rules.moment import Moment
from tests import samples
from tests.samples import HOST, RED

HOME = f"https://{HOST}/"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DECLARED = {"recipient.attributes.since": FactType.INSTANT}
CONDITION = {
    "op": "any",
    "of": [
        {"op": "above", "fact": "order.total", "value": {"amount": "1", "currency": "EUR"}},
        {"op": "after", "fact": "order.expected", "value": "today"},
        {"op": "before", "fact": "message.deadline", "value": "now"},
        {"op": "contains", "fact": "recipient.cart", "value": "rome"},
        {"op": "equals", "fact": "product.riga.repeated", "value": True},
        {"op": "equals", "fact": "recipient.first_name", "value": "stale"},
        {"op": "before", "fact": "recipient.attributes.since", "value": "now"},
        {"op": "equals", "fact": "product.riga.bought", "value": True},
    ],
}
FACTS = Facts(
    person="aino",
    recipient={
        "first_name": "stale",
        "last_name": "never asked",
        "consents": ("marketing",),
        "purchases": frozenset({"riga", "never asked"}),
        "cart": ("rome", "oslo"),
        "attributes.since": "2026-11-25T14:00:00+02:00",
    },
    message={"deadline": NOON, "class": "transactional"},
    order={"total": Money(Decimal("0.90"), "EUR"), "expected": date(2026, 11, 25)},
    open={"client": "human"},
    products={
        "rome": {"stock": 0, "title": {"en": "never asked"}},
        "oslo": {"stock": STALE},
        "malta": {"stock": 1},
    },
    candidates={Selector("cart"): ("rome", "oslo")},
    moment=Moment(NOON, UTC),
    offered=frozenset({"riga", "never asked"}),
)


def _kept(facts: Facts, declared: Any = DECLARED) -> tuple[Receipt, Any, bytes]:
    asks = samples.variant("asks", RED, HOME, condition=CONDITION)
    cart = samples.variant("cart", RED, HOME, offer={"personal": "cart"})
    definition = samples.block(asks, cart, **{"class": "transactional"})
    block = compile_block(
        "b", 3, Block.model_validate_json(orjson.dumps(definition), context={}), declared
    )
    situation = Situation(block, facts, "en", known=True, tracked=True)
    decision, showing = choose(situation)
    address = Address(Purpose.PICTURE, "b", ImageType.PNG, "aino", "m")
    outcome = Outcome.of(decision, situation)
    command, *_ = kept(Keys("p"), address, showing, outcome, NOON.timestamp(), 48)
    written = command[6]
    assert isinstance(written, bytes)
    return Receipt.read(b"1-0", {b"receipt": written}), block, written


def test_the_facts_that_rules_read_come_back_and_no_others() -> None:
    receipt, block, written = _kept(FACTS)
    assert b"never asked" not in written
    seen = receipt.seen("aino", DECLARED)
    assert seen.recipient["attributes.since"] == datetime(2026, 11, 25, 12, tzinfo=UTC)
    for record in ("message", "order"):
        given = getattr(FACTS, record)
        assert getattr(seen, record).items() <= given.items()
    assert seen.recipient["first_name"] == "stale"
    assert seen.recipient["cart"] == ("rome", "oslo")
    assert seen.recipient["purchases"] == {"riga"}
    assert seen.offered == frozenset({"riga"})
    assert seen.products["rome"]["stock"] == 0
    assert seen.products["oslo"]["stock"] is STALE
    assert seen.candidates == FACTS.candidates
    assert (seen.moment.at, str(seen.moment.zone)) == (NOON, "UTC")
    assert decide(block.rules, seen) == decide(block.rules, FACTS)


def test_what_is_not_known_stays_unknown() -> None:
    receipt, block, _ = _kept(Facts(moment=Moment(NOON)))
    seen = receipt.seen("", DECLARED)
    assert seen == Facts(moment=seen.moment)
    assert decide(block.rules, seen) == decide(block.rules, Facts(moment=Moment(NOON)))


@pytest.mark.parametrize("chosen", [2, 15])
def test_of_many_candidates_the_first_are_kept_and_as_many_as_it_took(chosen: int) -> None:
    names = tuple(f"p{number}" for number in range(40))
    products = {name: {"stock": int(name == f"p{chosen}")} for name in names}
    facts = Facts(
        recipient={"purchases": frozenset()},
        products=products,
        candidates={Selector("cart"): names},
        moment=Moment(NOON, UTC),
    )
    receipt, block, _ = _kept(facts)
    seen = receipt.seen("", DECLARED)
    assert seen.candidates[Selector("cart")] == names[: max(10, chosen + 1)]
    assert decide(block.rules, seen).offer == f"p{chosen}"


def test_for_no_hours_there_is_none() -> None:
    receipt: Any = None
    assert kept(Keys("p"), receipt, receipt, receipt, 0.0, 0) == ()
