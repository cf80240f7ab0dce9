"""Step 2, facts: what is known at this open.

The block, the message and the products come from this process's copies while those are fresh; the
recipient and the order are asked of the store at every open.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import zone
from dyncontent.catalog.published import decode_live, decode_version
from dyncontent.catalog.recipient import Recipient
from dyncontent.catalog.source import KeptFacts, merged
from dyncontent.delivery.candidates import candidates, read_product
from dyncontent.delivery.cart import cart_facts
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.history import (
    Shown,
    claims_in_message,
    shown_in_message,
    times_shown,
)
from dyncontent.delivery.reading import Reading, Result
from dyncontent.delivery.traces import Proof
from dyncontent.delivery.urls import Address
from dyncontent.delivery.visit import Visit
from dyncontent.store.copies import MISSING, Copies
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from rules.facts import NOTHING, Facts, Record, Selector
from rules.moment import Moment


class Situation(NamedTuple):
    """A block, the facts of one moment, and the language to speak. `known` tells whether it is a
    person's, so that what is shown may be kept, as long as the `proof` holds; `tracked` whether
    they agreed to be tracked; `held` are the products that this block alone may sell in the
    message."""

    block: CompiledBlock
    facts: Facts
    locale: str
    known: bool
    tracked: bool
    held: frozenset[str] = frozenset()
    proof: Proof | None = None

    def without(self, product: str) -> "Situation":
        """The same, where another block sells a product."""
        offered = (self.facts.offered or frozenset()) | {product}
        return self._replace(facts=replace(self.facts, offered=offered))


def live_block(reading: Reading, keys: Keys, block: str) -> CompiledBlock | None:
    """The published version of a block."""
    key = keys.live(block)
    found: CompiledBlock | None = reading.get(key, lambda raw: decode_live(block, raw))
    return found


def last_block(copies: Copies, keys: Keys, block: str) -> CompiledBlock | None:
    """The published version as this process last saw it, for when the store cannot be asked."""
    last = copies.last(keys.live(block))
    return None if last is MISSING else last


def block_version(reading: Reading, keys: Keys, block: str, number: int) -> CompiledBlock | None:
    """A version of a block that was published at some time."""
    key = keys.version(block, number)
    found: CompiledBlock | None = reading.get(key, lambda raw: decode_version(block, raw))
    return found


_NO_ID = "~"
"""Begins no id: a lot that is drawn by what anybody could write tells nothing of whose id it is."""


class Asked(NamedTuple):
    """Who asks for a block, in which message, when, and by what. Without a `recipient` nobody's
    facts are read. One who is not vouched for has to be there, else it is nobody either. For
    nobody lots are drawn by what is `named`."""

    recipient: str
    message: str
    at: datetime
    verdict: Verdict
    named: str = ""
    is_vouched_for: bool = True

    @classmethod
    def of(cls, visit: Visit) -> "Asked":
        address = visit.address
        at = datetime.fromtimestamp(visit.at, UTC)
        return cls(
            address.recipient,
            address.message,
            at,
            visit.verdict,
            address.named,
            address.is_vouched_for,
        )


def situation(
    reading: Reading,
    keys: Keys,
    block: CompiledBlock | None,
    asked: Asked,
    also: Iterable[str] = (),
) -> Situation | None:
    """None as long as there is no block; to be run by Reading.run. `also` are the ids of products
    that are wanted besides those of the block."""
    person: Recipient | None = None
    if asked.recipient:
        name = keys.recipient(asked.recipient)
        person = reading.get_now(name, Recipient.read)
    is_known, proof = person is not None, None
    if asked.recipient and (is_known or asked.is_vouched_for):
        is_known, proof = _presence(reading, keys, asked.recipient, person)
    sent: Message | None = reading.get(keys.message(asked.message), Message.model_validate_json)
    if block is None:
        return None
    order: Order | None = None
    if block.reads_order and asked.recipient and sent is not None and sent.order is not None:
        order = reading.get_now(keys.order(sent.order), Order.model_validate_json)
    shown: Mapping[str, Shown] | None = None
    if block.reads_shown and asked.recipient:
        shown = shown_in_message(reading, keys, asked.recipient, asked.message)
    claims: Mapping[str, str] = {}
    if block.no_repeats and asked.recipient:
        claims = claims_in_message(reading, keys, asked.recipient, asked.message) or {}
    if not is_known:
        order, shown, claims = None, None, {}
    known = _candidates(reading, keys, block, person)
    wanted = block.products.union(also, *known.values()) if also or known else block.products
    cart = NOTHING
    if block.reads_cart:
        cart = cart_facts(reading, keys, person, with_instead=block.reads_instead)
    now = Moment(asked.at, zone_of(block, person.time_zone if person else None))
    tracked = person is not None and person.consents.tracking
    times: Mapping[str, int] = {}
    if block.caps and tracked:
        times = times_shown(reading, keys, block, asked.recipient, now)
    return Situation(
        block=block,
        facts=Facts(
            person=asked.recipient if is_known else "",
            recipient=person.facts if person else NOTHING,
            message=sent.facts if sent else NOTHING,
            order=order.facts if order else NOTHING,
            cart=cart,
            source=_sourced(reading, keys, block, asked.at) if block.sources else NOTHING,
            open=OPENS[asked.verdict],
            products=_products(reading, keys, wanted),
            candidates=known,
            moment=now,
            shown=times,
            lot="" if is_known else f"{_NO_ID}{asked.named}",
            **_in_message(block, shown, claims),
        ),
        locale=locale_of(block, person.locale if person else None, sent),
        known=is_known,
        tracked=tracked,
        proof=proof,
        held=frozenset(product for product, holder in claims.items() if holder == block.id),
    )


def _candidates(
    reading: Reading, keys: Keys, block: CompiledBlock, person: Recipient | None
) -> Mapping[Selector, Sequence[str]]:
    known: dict[Selector, Sequence[str]] = {}
    for selector in block.rules.selectors:
        if (names := candidates(reading, keys, selector, person)) is not None:
            known[selector] = names
    return known


def _products(reading: Reading, keys: Keys, wanted: Iterable[str]) -> Mapping[str, Record]:
    found: dict[str, Record] = {}
    for name in wanted:
        if (product := read_product(reading, keys, name)) is not None:
            found[name] = product.facts
    return found


OPENS: Mapping[Verdict, Record] = {one: {"client": one.value} for one in Verdict}


def _sourced(reading: Reading, keys: Keys, block: CompiledBlock, at: datetime) -> Record:
    """What was fetched of the block's data sources: nothing is ever asked for at an open."""
    found: list[KeptFacts | None] = [
        reading.get(keys.source_state(source), partial(KeptFacts.decode, source))
        for source in block.sources
    ]
    return merged([kept.at(at) for kept in found if kept is not None])


async def read_for(
    store: Store, address: Address, needs: Callable[[Reading], Result | None]
) -> Result:
    """What a URL is answered from. Of one that is not ours the block alone is read, for its
    fallback.

    Raises StoreError, or DeliveryError for such a URL and for a block that is not published.
    """
    if address.fault is not None:
        if address.block:
            await Reading(store).run(lambda reading: live_block(reading, store.keys, address.block))
        raise DeliveryError(address.fault)
    found = await Reading(store).run(needs)
    if found is None:
        raise DeliveryError(Fault.BLOCK_UNKNOWN)
    return found


async def asked_situation(store: Store, visit: Visit) -> Situation:
    """The situation in which a URL finds its published block; raises as `read_for`."""
    asked = Asked.of(visit)

    def needs(reading: Reading) -> Situation | None:
        block = live_block(reading, store.keys, visit.address.block)
        if asked.recipient and not reading.is_begun:
            _begin(reading, store.keys, block, asked)
            return None
        return situation(reading, store.keys, block, asked)

    return await read_for(store, visit.address, needs)


def _begin(reading: Reading, keys: Keys, block: CompiledBlock | None, asked: Asked) -> None:
    """Ask for what is a person's alone, which is never at hand: without it the rest need not be
    looked at yet."""
    reading.get_now(keys.recipient(asked.recipient), Recipient.read)
    reading.get(keys.message(asked.message), Message.model_validate_json)
    if block is not None and block.reads_shown:
        shown_in_message(reading, keys, asked.recipient, asked.message)
    if block is not None and block.no_repeats:
        claims_in_message(reading, keys, asked.recipient, asked.message)


def _presence(
    reading: Reading, keys: Keys, recipient: str, person: Recipient | None
) -> tuple[bool, Proof | None]:
    """Whether there is such a person, for all we know, and what proves it. Who is not stored may
    come later, unless they were erased."""
    name = keys.recipient(recipient)
    if person is not None or not reading.has(name):
        return True, Proof(name, there=True)
    pepper: bytes | None = reading.get(keys.pepper, bytes)
    if pepper is None:  # nobody was ever erased
        return True, Proof(keys.pepper, there=False)
    erased = keys.erased(pepper, recipient)
    if reading.ask_now(erased, ("EXISTS", erased), bool):
        return False, None
    return True, Proof(erased, there=False)


def _in_message(
    block: CompiledBlock, shown: Mapping[str, Shown] | None, claims: Mapping[str, str]
) -> dict[str, Any]:
    """What this message showed the person: the block's own arm, and the offers of the others."""
    if shown is None:
        return {}
    own = shown.get(block.id)
    others = {one.offer for name, one in shown.items() if name != block.id and one.offer}
    others |= {product for product, holder in claims.items() if holder != block.id}
    return {"arm": own and own.variant, "offered": frozenset(others)}


def zone_of(block: CompiledBlock, own: str | None) -> ZoneInfo | None:
    """The person's own time zone, else the block's."""
    name = own or block.block.time_zone
    return zone(name) if name else None


def locale_of(block: CompiledBlock, own: str | None, sent: Message | None) -> str:
    """The email's own language, else the person's, else the block's."""
    return (sent and sent.locale) or own or block.block.locale
