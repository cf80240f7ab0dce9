"""Facts: literal, typed keys such as `order.status`, and the values that they have at an open.

A key is a source, for products also an id, and a field:
`recipient.first_name`, `product.vip-trip.stock`, `offer.price`, `message.parameters.campaign`.
`offer` stands for whichever product a variant sells.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

Value = Any
Record = Mapping[str, Value]
NOTHING: Record = MappingProxyType({})


class FactType(StrEnum):
    TEXT = "text"
    LOCALISED = "text in several languages"
    NUMBER = "number"
    MONEY = "money"
    INSTANT = "instant"
    DATE = "date"
    TEXTS = "list of text"
    ATTRIBUTE = "attribute"


_PRODUCT = {
    "stock": FactType.NUMBER,
    "price": FactType.MONEY,
    "title": FactType.LOCALISED,
    "category": FactType.TEXT,
    "picture": FactType.TEXT,
    "link": FactType.TEXT,
}

FIELDS: Mapping[str, Mapping[str, FactType]] = MappingProxyType(
    {
        "recipient": {
            "first_name": FactType.TEXT,
            "last_name": FactType.TEXT,
            "locale": FactType.TEXT,
            "time_zone": FactType.TEXT,
            "consents": FactType.TEXTS,
            "purchases": FactType.TEXTS,
        },
        "message": {
            "class": FactType.TEXT,
            "locale": FactType.TEXT,
            "order": FactType.TEXT,
            "sent_at": FactType.INSTANT,
            "deadline": FactType.INSTANT,
        },
        "order": {
            "status": FactType.TEXT,
            "carrier": FactType.TEXT,
            "tracking": FactType.TEXT,
            "expected": FactType.DATE,
            "total": FactType.MONEY,
        },
        "product": _PRODUCT,
        "offer": _PRODUCT,
    }
)


_ADDED = re.compile(r"[a-z][a-z0-9_]{0,63}")
_OPEN = {"message": "parameters"}
"""What a source calls the facts that a workspace adds; elsewhere `attributes`."""


@dataclass(frozen=True, slots=True)
class FactKey:
    """One fact's name; `product` is the product's id where the source is `product`."""

    source: str
    field: str
    product: str = ""

    def __str__(self) -> str:
        parts = (
            (self.source, self.product, self.field)
            if self.product
            else (
                self.source,
                self.field,
            )
        )
        return ".".join(parts)

    @property
    def type(self) -> FactType:
        return FIELDS[self.source].get(self.field, FactType.ATTRIBUTE)


@lru_cache(maxsize=4096)
def parse_key(text: str) -> FactKey:
    """The key that `text` names.

    Raises ValueError, with what would be right, for a name outside the registry.
    """
    source, _, rest = text.partition(".")
    if source not in FIELDS:
        raise ValueError(f"a fact begins with one of {', '.join(FIELDS)}, not {source!r}")
    product = ""
    if source == "product":
        product, rest = _split_product(rest)
        if not product:
            raise ValueError("a product's fact is product.ID.FIELD, such as product.vip-trip.stock")
    prefix = f"{_OPEN.get(source, 'attributes')}."
    is_open = rest.startswith(prefix) and _ADDED.fullmatch(rest.removeprefix(prefix)) is not None
    if rest not in FIELDS[source] and not is_open:
        known = ", ".join((*FIELDS[source], f"{prefix}NAME"))
        raise ValueError(f"{source} has the facts {known}, not {rest!r}")
    return FactKey(source, rest, product)


def _split_product(rest: str) -> tuple[str, str]:
    """An id may hold dots: what follows the last dot, or `attributes.NAME`, is the field."""
    product, _, field_name = rest.rpartition(".")
    if product.endswith(".attributes"):
        return product.removesuffix(".attributes"), f"attributes.{field_name}"
    return product, field_name


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one open. A source that is not known is empty; a value that is not
    known is absent, never a zero or an empty text.

    `products` maps product ids to their facts, `similar` a product's id to the ids of the
    products like it, best first.
    """

    recipient: Record = field(default_factory=dict)
    message: Record = field(default_factory=dict)
    order: Record = field(default_factory=dict)
    products: Mapping[str, Record] = field(default_factory=dict)
    similar: Mapping[str, Sequence[str]] = field(default_factory=dict)


Reader = Callable[[Facts, str | None], Value]


@lru_cache(maxsize=4096)
def reader(key: FactKey) -> Reader:
    """A function of the facts and the offer's product id that gives the value, None if absent."""
    name = key.field
    match key.source:
        case "recipient":
            return lambda facts, _: facts.recipient.get(name)
        case "message":
            return lambda facts, _: facts.message.get(name)
        case "order":
            return lambda facts, _: facts.order.get(name)
        case "product":
            product = key.product
            return lambda facts, _: facts.products.get(product, NOTHING).get(name)
        case _:
            return lambda facts, offer: (
                None if offer is None else facts.products.get(offer, NOTHING).get(name)
            )
