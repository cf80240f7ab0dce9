"""The kinds of documents that are upserted, each with its place in the store and what else a
write of it changes there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import Definition, encode
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import Profile, Recipient
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import Command
from dyncontent.store.store import Store

Stored = TypeVar("Stored", bound=Definition)


@dataclass(frozen=True)
class Kind(Generic[Stored]):
    """`body` is what a client writes, `stored` what is kept; `combine` makes the one of the
    other and of what was kept before. `writes` gives the commands of a write beside the
    document's own."""

    name: str
    body: type[Definition]
    stored: type[Stored]
    key: Callable[[Keys, str], str]
    combine: Callable[[Stored | None, Any], Stored] = lambda _, body: body
    writes: Callable[[Store, str, Stored | None, Stored], Iterable[Command]] = lambda *_: ()


def _merge_profile(before: Recipient | None, profile: Profile) -> Recipient:
    """A new profile leaves the purchases as they are."""
    return (before or Recipient()).with_profile(profile)


def _product_writes(
    store: Store, product_id: str, before: Product | None, after: Product
) -> Iterable[Command]:
    was, now = _place(store.keys, before), _place(store.keys, after)
    if was is not None and was != now:
        yield ("ZREM", was[0], product_id)
        yield store.changed(was[0])
    if now is not None and was != now:
        yield ("ZADD", now[0], now[1], product_id)
        yield store.changed(now[0])
    yield store.changed(store.keys.product(product_id))


def _place(keys: Keys, product: Product | None) -> tuple[str, str] | None:
    """Where a product stands in the index of its category: the index and the price."""
    if product is None or product.category is None or product.price is None:
        return None
    return keys.category(product.category, product.price.currency), str(product.price.amount)


PRODUCT = Kind("product", Product, Product, Keys.product, writes=_product_writes)
MESSAGE = Kind(
    "message",
    Message,
    Message,
    Keys.message,
    writes=lambda store, name, _before, _after: (store.changed(store.keys.message(name)),),
)
ORDER = Kind("order", Order, Order, Keys.order)
RECIPIENT = Kind("recipient", Profile, Recipient, Keys.recipient, combine=_merge_profile)


def write(
    store: Store, kind: Kind[Stored], name: str, before: Stored | None, after: Stored
) -> tuple[Command, ...]:
    """All the commands of writing a document."""
    document = ("SET", kind.key(store.keys, name), encode(after))
    return (document, *kind.writes(store, name, before, after))
