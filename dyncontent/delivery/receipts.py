"""Receipts: what is kept of an open of a tracked person, so that its decision can be explained
later, by the same engine and the version of then: each fact that the block's rules can read, as it
was.

Facts are kept under their keys, as JSON has them. What a person bought is kept only as far as the
rules asked, product by product.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.model import zone
from dyncontent.delivery.record import Outcome
from dyncontent.delivery.showing import Showing
from dyncontent.delivery.urls import Address
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys
from rules.decide import CompiledRules
from rules.explain import plain
from rules.facts import (
    STALE,
    Declared,
    FactKey,
    Facts,
    FactType,
    Record,
    Selector,
    Value,
    parse_key,
)
from rules.moment import Moment
from rules.values import CONVERSIONS

MOST = 200
"""Receipts of a person, but for those since they were counted last."""
COUNTED = 1 / 16
"""How many of the receipts are counted when they are kept."""
MOST_CANDIDATES = 10
"""Of a selector are kept, and as many more as it took to find one that passes."""

_STALE = {"stale": True}
"""In the place of a value that was too old; no text in languages has such a one."""


def kept(
    keys: Keys, address: Address, showing: Showing, outcome: Outcome, at: float, hours: int
) -> tuple[Command, ...]:
    """The commands that keep a receipt of an open at `at` (seconds since the epoch) for so many
    hours; none for no hours."""
    if not hours:
        return ()
    milliseconds, span = round(at * 1000), hours * 3_600_000
    name = keys.receipts(address.recipient)
    written = orjson.dumps(_receipt(address, showing, outcome, milliseconds), plain)
    commands: tuple[Command, ...] = (
        ("XADD", name, "MINID", milliseconds - span, "*", "receipt", written),
        ("PEXPIRE", name, span),
    )
    if random.random() < COUNTED:  # noqa: S311
        commands += (("XTRIM", name, "MAXLEN", MOST),)
    return commands


def _receipt(address: Address, showing: Showing, outcome: Outcome, at: int) -> dict[str, Any]:
    facts = showing.situation.facts
    candidates = dict(_candidates(facts, showing.offer)) if facts.candidates else {}
    return {
        "at": at,
        "block": address.block,
        "version": outcome.version,
        "message": address.message,
        "locale": showing.situation.locale,
        "variant": outcome.variant,
        "offer": outcome.offer,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "swap": outcome.swap,
        "zone": str(facts.moment.zone) if facts.moment.zone else None,
        "arm": facts.arm,
        "candidates": candidates,
        "facts": _seen(showing.situation.block, facts, candidates),
    }


def _candidates(facts: Facts, offer: str | None) -> Iterator[tuple[str, list[str]]]:
    for selector, found in facts.candidates.items():
        names = list(found)
        needed = names.index(offer) + 1 if offer in names else 0
        yield f"{selector.kind} {selector.anchor}", names[: max(MOST_CANDIDATES, needed)]


_Names = tuple[tuple[str, str], ...]
"""Of facts of one record: each by its whole name, with its field."""


class _Asked(NamedTuple):
    """What the rules of a block can read: of each source, and of each product, what is in its
    record; which products' being among others is asked for; and the fields of whichever product is
    offered."""

    records: Sequence[tuple[str, _Names]]
    products: Sequence[tuple[str, _Names]]
    among: Sequence[tuple[str, str, str]]
    of_offers: Sequence[str]

    @classmethod
    def by(cls, keys: Iterable[FactKey]) -> "_Asked":
        found = sorted(key for key in keys if key.source != "now" and key != _PERSON)
        records: dict[str, _Names] = {}
        products: dict[str, _Names] = {}
        among: list[tuple[str, str, str]] = []
        for key in found:
            name = (str(key), key.field)
            if key.source == "product" and key.field in _MEMBERSHIPS:
                among.append((*name, key.product))
            elif key.source == "product":
                products[key.product] = (*products.get(key.product, ()), name)
            elif key.source != "offer":
                records[key.source] = (*records.get(key.source, ()), name)
        of_offers = [key.field for key in found if key.source == "offer"]
        return cls([*records.items()], [*products.items()], among, of_offers)


_MEMBERSHIPS = ("bought", "repeated")
_PERSON = FactKey("recipient", "id")


@lru_cache(maxsize=1024)
def _asked(rules: CompiledRules) -> _Asked:
    return _Asked.by(rules.keys)


def _seen(
    block: CompiledBlock, facts: Facts, candidates: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Each fact that is known of those that the rules can read, as it is stored; nothing of what
    follows from the moment and the person."""
    asked = _asked(block.rules)
    found: dict[str, Any] = {}
    for source, names in asked.records:
        _see(found, names, getattr(facts, source))
    for product, names in asked.products:
        if (record := facts.products.get(product)) is not None:
            _see(found, names, record)
    for name, field, product in asked.among:
        if (value := _of_product(facts, product, field)) is not None:
            found[name] = _STALE if value is STALE else value
    for product in {product for names in candidates.values() for product in names}:
        for field in asked.of_offers:
            value = _of_product(facts, product, field)
            if value is not None:
                found[f"product.{product}.{field}"] = _STALE if value is STALE else value
    return found


def _see(found: dict[str, Any], names: _Names, record: Record) -> None:
    for name, field in names:
        if (value := record.get(field)) is not None:
            found[name] = _STALE if value is STALE else value


def _of_product(facts: Facts, product: str, field: str) -> Value:
    if field == "bought":
        return _among(product, facts.recipient.get("purchases"))
    if field == "repeated":
        return _among(product, facts.offered)
    record = facts.products.get(product)
    return None if record is None else record.get(field)


def _among(product: str, products: Value) -> Value:
    if products is None or products is STALE:
        return products
    return product in products


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was kept, under its id in the person's stream."""

    id: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, id: bytes, fields: Mapping[bytes, bytes]) -> "Receipt":
        return cls(id.decode(), orjson.loads(fields[b"receipt"]))

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.content["at"] / 1000, UTC)

    def seen(self, recipient: str, declared: Declared) -> Facts:
        """The facts of a recipient as they were, as far as the rules could read them; `declared`
        are the types of attributes in the block's version of then."""
        records: dict[str, dict[str, Value]] = {}
        products: dict[str, dict[str, Value]] = {}
        among: dict[str, set[str]] = {}
        for name, told in self.content["facts"].items():
            key = parse_key(name)
            value = _value(key.type(declared), told)
            match key:
                case FactKey("product", "bought" | "repeated" as which):
                    among.setdefault(which, set()).update((key.product,) if told is True else ())
                case FactKey("product", field):
                    products.setdefault(key.product, {})[field] = value
                case _:
                    records.setdefault(key.source, {})[key.field] = value
        if "bought" in among:
            whole = records.setdefault("recipient", {}).get("purchases", ())
            records["recipient"]["purchases"] = frozenset((*whole, *among["bought"]))
        candidates = {
            Selector(*name.split(" ", 1)): tuple(found)
            for name, found in self.content["candidates"].items()
        }
        where = self.content["zone"]
        return Facts(
            person=recipient,
            recipient=records.get("recipient", {}),
            message=records.get("message", {}),
            order=records.get("order", {}),
            cart=records.get("cart", {}),
            source=records.get("source", {}),
            open=records.get("open", {}),
            products=products,
            candidates=candidates,
            moment=Moment(self.at, zone(where) if where else None),
            shown=records.get("shown", {}),
            arm=self.content["arm"],
            offered=frozenset(among["repeated"]) if "repeated" in among else None,
        )


def _value(kind: FactType | None, told: Any) -> Value:
    """What `rules.explain.plain` made JSON of."""
    if told == _STALE:
        return STALE
    match kind:
        case FactType.TEXTS:
            return tuple(told)
        case FactType.MONEY | FactType.INSTANT | FactType.DATE:
            return CONVERSIONS[kind](told)
        case _:
            return told
