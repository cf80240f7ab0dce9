"""Step 2, facts: what is known at this open.

The block, the message and the products come from this process's copies while those are fresh; the
recipient and the order are asked of the store at every open.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.product import Product, similar
from dyncontent.catalog.published import decode_version
from dyncontent.catalog.recipient import Recipient
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.reading import Reading, Result
from dyncontent.delivery.urls import Address
from dyncontent.store.copies import MISSING, Copies
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from rules.facts import NOTHING, Facts, Record


@dataclass(frozen=True, slots=True)
class Situation:
    """A block, the facts of one moment, and the language to speak. `tracked` tells whether the
    person agreed to be tracked."""

    block: CompiledBlock
    facts: Facts
    locale: str
    tracked: bool


def live_block(reading: Reading, keys: Keys, block: str) -> CompiledBlock | None:
    """The published version of a block."""
    key = keys.live(block)
    found: CompiledBlock | None = reading.get(key, lambda raw: decode_version(block, raw))
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


def situation(
    reading: Reading,
    keys: Keys,
    block: CompiledBlock | None,
    recipient: str,
    message: str,
    also: Iterable[str] = (),
) -> Situation | None:
    """None as long as there is no block; to be run by Reading.run. `also` are the ids of products
    that are wanted besides those of the block."""
    person: Recipient | None = reading.get_now(
        keys.recipient(recipient), Recipient.model_validate_json
    )
    sent: Message | None = reading.get(keys.message(message), Message.model_validate_json)
    if block is None:
        return None
    order: Order | None = None
    if block.reads_order and sent is not None and sent.order is not None:
        order = reading.get_now(keys.order(sent.order), Order.model_validate_json)
    found = {anchor: _similar(reading, keys, anchor) for anchor in block.similar}
    alike = {anchor: products for anchor, products in found.items() if products is not None}
    wanted = block.products.union(also, *alike.values())
    products = {product: _product(reading, keys, product) for product in wanted}
    return Situation(
        block=block,
        facts=Facts(
            recipient=person.facts if person else NOTHING,
            message=sent.facts if sent else NOTHING,
            order=order.facts if order else NOTHING,
            products={name: _facts(product) for name, product in products.items()},
            similar=alike,
        ),
        locale=_locale(block, person, sent),
        tracked=person is not None and person.consents.tracking,
    )


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


async def asked_situation(store: Store, address: Address) -> Situation:
    """The situation in which a URL finds its published block; raises as `read_for`."""

    def needs(reading: Reading) -> Situation | None:
        block = live_block(reading, store.keys, address.block)
        return situation(reading, store.keys, block, address.recipient, address.message)

    return await read_for(store, address, needs)


def _product(reading: Reading, keys: Keys, product: str) -> Product | None:
    found: Product | None = reading.get(keys.product(product), Product.model_validate_json)
    return found


def _facts(product: Product | None) -> Record:
    return product.facts if product else NOTHING


def _similar(reading: Reading, keys: Keys, anchor: str) -> Sequence[str] | None:
    """The products like another one; None if that one is not known."""
    product = _product(reading, keys, anchor)
    if product is None:
        return None
    category: Sequence[tuple[str, float]] | None = None
    if product.category is not None and product.price is not None:
        key = keys.category(product.category, product.price.currency)
        category = reading.ask(key, ("ZRANGE", key, 0, -1, "WITHSCORES"), _members)
    return similar(anchor, product, category or ())


def _members(reply: Sequence[bytes]) -> Sequence[tuple[str, float]]:
    """Pairs of product id and price, from names and scores in turn."""
    names, scores = reply[::2], reply[1::2]
    return tuple((name.decode(), float(score)) for name, score in zip(names, scores, strict=True))


def _locale(block: CompiledBlock, person: Recipient | None, sent: Message | None) -> str:
    """The email's own language, else the person's, else the block's."""
    if sent is not None and sent.locale is not None:
        return sent.locale
    if person is not None and person.locale is not None:
        return person.locale
    return block.block.locale
