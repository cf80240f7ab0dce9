"""What an open of a block needs, found once for as long as nothing in the catalogue changes.

Of most blocks only the person is asked of the store: their products are at hand, and so is the
message. Then the situation is made without a Reading, of the person's fields that the block reads.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.message import Message
from dyncontent.catalog.product import Product
from dyncontent.catalog.stored_people import glimpse
from dyncontent.delivery.facts import OPENS, Situation, locale_of, zone_of
from dyncontent.delivery.traces import Proof
from dyncontent.delivery.visit import Visit
from dyncontent.store.copies import MISSING
from dyncontent.store.store import Store
from rules.facts import NOTHING, Facts, Record, Selector
from rules.moment import Moment

MOST = 10_000
REMADE_SECONDS = 1.0
"""After which a plan is made again, for the copies that it rests on are to count as used."""


class Plan:
    """A block with its products."""

    __slots__ = ("_products", "block")

    def __init__(self, block: CompiledBlock, products: Mapping[str, Record]) -> None:
        self.block = block
        self._products = products

    def has(self, product: str) -> bool:
        return product in self._products

    def situation(self, visit: Visit, sent: Message, key: str, raw: bytes) -> Situation:
        """As facts.situation finds it, with of the person's facts no others than the block reads.
        `raw` is the person, stored under the key."""
        block = self.block
        person = glimpse(raw, block.looks)
        at = datetime.fromtimestamp(visit.at, UTC)
        facts = Facts(
            person=visit.address.recipient,
            recipient=person.facts,
            message=sent.facts,
            order=NOTHING,
            cart=NOTHING,
            source=NOTHING,
            open=OPENS[visit.verdict],
            products=self._products,
            candidates=_NO_CANDIDATES,
            moment=Moment(at, zone_of(block, person.time_zone)),
            shown=_NEVER_SHOWN,
        )
        return Situation(
            block,
            facts,
            locale=locale_of(block, person.locale, sent),
            known=True,
            tracked=person.tracking,
            proof=Proof(key, there=True),
        )


_NO_CANDIDATES: Mapping[Selector, Sequence[str]] = {}
_NEVER_SHOWN: Mapping[str, int] = {}


class Plans:
    """The plans of blocks, of what is at hand at present."""

    def __init__(self, store: Store) -> None:
        self._copies = store.copies
        self._keys = store.keys
        self._plans: dict[str, Plan | None] = {}
        self._mark = -1
        self._since = 0.0

    def find(self, visit: Visit) -> tuple[Plan, Message] | None:
        """None for a block that needs more than a plan has, and while something is not at hand."""
        copies, address = self._copies, visit.address
        if not address.recipient or address.fault is not None or not copies.fresh:
            return None
        mark = copies.start_reading()
        is_old = visit.started - self._since > REMADE_SECONDS
        if is_old or mark != self._mark or len(self._plans) > MOST:
            self._plans.clear()
            self._mark, self._since = mark, visit.started
        if address.block in self._plans:
            plan = self._plans[address.block]
        else:
            plan = self._made(address.block)
        if plan is None:
            return None
        sent = copies.find(self._keys.message(address.message))
        return None if sent is MISSING else (plan, sent)

    def _made(self, name: str) -> Plan | None:
        copies, keys = self._copies, self._keys
        block: CompiledBlock = copies.find(keys.live(name))
        if block is MISSING:
            return None
        if not block.is_plain:
            self._plans[name] = None
            return None
        products: dict[str, Product] = {}
        for product in block.products:
            products[product] = copies.find(keys.product(product))
            if products[product] is MISSING:
                return None
        facts = {product: found.facts for product, found in products.items()}
        self._plans[name] = plan = Plan(block, facts)
        return plan
