"""Facts: literal, typed keys such as `order.status`, and the values that they have at an open.

A key is a source, for products also an id, and a field:
`recipient.first_name`, `product.vip-trip.stock`, `offer.price`, `message.parameters.campaign`,
`source.weather.temperature`.
`offer` stands for whichever product a variant sells, `now` for the moment of the open where the
recipient is, `cart.1` for what is first in the cart, `cart.1.instead` for what could take its
place.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from rules.moment import Moment

Value = Any
Record = Mapping[str, Value]
NOTHING: Record = MappingProxyType({})

ID = r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}"
"""What ids are made of: nothing in one is ever percent-encoded in a URL."""

MessageClass = Literal["transactional", "marketing"]
OrderStatus = Literal["received", "packed", "shipped", "delivered", "cancelled"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Verdict = Literal["human", "proxy", "prefetch", "scanner"]
Consent = Literal[
    "marketing",
    "tracking",
    "profiling",
    "marketing.email",
    "marketing.sms",
    "marketing.push",
    "marketing.post",
    "marketing.phone",
]
"""What a person can agree to. `marketing` is short for `marketing.email`, for what is opened is an
email."""


class FactType(StrEnum):
    """`texts` is a list of text, `localised` a text in several languages."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    TEXTS = "texts"
    LOCALISED = "localised"


class Money(NamedTuple):
    """An amount of a currency (ISO 4217)."""

    amount: Decimal
    currency: str


class Stale(Enum):
    """In the place of a value that is too old to be relied on: nothing is known of it."""

    STALE = "stale"


STALE = Stale.STALE


@dataclass(frozen=True, slots=True)
class Field:
    """What a fact can be: its type, the only `choices` of a text, the `least` and the `most` of a
    number and whether that is always `whole`."""

    type: FactType
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    whole: bool = False


_TEXT = Field(FactType.TEXT)
_INSTANT = Field(FactType.INSTANT)
_PRODUCT = {
    "stock": Field(FactType.NUMBER, least=0, whole=True),
    "price": Field(FactType.MONEY, least=0),
    "title": Field(FactType.LOCALISED),
    "category": _TEXT,
    "picture": _TEXT,
    "link": _TEXT,
    "bought": Field(FactType.BOOLEAN),
    "repeated": Field(FactType.BOOLEAN),
}

MOST_LINES = 10
"""Of a cart so many products have facts of their own."""

_INSTEAD = {name: _PRODUCT[name] for name in ("title", "price", "stock", "category", "picture")}
_LINE = MappingProxyType(
    _INSTEAD
    | {"quantity": Field(FactType.NUMBER, least=0, whole=True)}
    | {f"instead.{name}": known for name, known in _INSTEAD.items()}
)
"""`cart.N.FIELD`: of a product in the cart, and of the one that could take its place."""

FIELDS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "recipient": {
            "id": _TEXT,
            "first_name": _TEXT,
            "last_name": _TEXT,
            "locale": _TEXT,
            "time_zone": _TEXT,
            "consents": Field(FactType.TEXTS, choices=get_args(Consent)),
            "purchases": Field(FactType.TEXTS),
            "cart": Field(FactType.TEXTS),
            "watched": Field(FactType.TEXTS),
        },
        "message": {
            "class": Field(FactType.TEXT, choices=get_args(MessageClass)),
            "locale": _TEXT,
            "order": _TEXT,
            "sent_at": _INSTANT,
            "deadline": _INSTANT,
        },
        "order": {
            "status": Field(FactType.TEXT, choices=get_args(OrderStatus)),
            "carrier": _TEXT,
            "tracking": _TEXT,
            "expected": Field(FactType.DATE),
            "total": Field(FactType.MONEY, least=0),
        },
        "product": _PRODUCT,
        "offer": _PRODUCT,
        "cart": {
            "count": Field(FactType.NUMBER, least=0, whole=True),
            "sold_out": Field(FactType.NUMBER, least=0, whole=True),
            "total": Field(FactType.MONEY, least=0),
            **{
                f"{position}.{name}": known
                for position in range(1, MOST_LINES + 1)
                for name, known in _LINE.items()
            },
        },
        "source": {},
        "open": {"client": Field(FactType.TEXT, choices=get_args(Verdict))},
        "now": {
            "instant": _INSTANT,
            "date": Field(FactType.DATE),
            "weekday": Field(FactType.TEXT, choices=get_args(Weekday)),
            "hour": Field(FactType.NUMBER, least=0, most=24),
        },
        "shown": {},
    }
)
"""The registry. `bought` tells whether the recipient bought the product, `repeated` whether another
block of the message sells it. A `quantity` is that of the cart, but never more than the stock;
`count` is that of all, `sold_out` how many products of the cart are, `total` what the rest costs.
What a workspace adds are the attributes that it declares, and the values of its data sources."""

_SHOWN = Field(FactType.NUMBER, least=0, whole=True)
"""`shown.VARIANT`: how often this person was shown it within the period of its cap."""

Declared = Mapping[str, FactType]
"""The attributes of a workspace and the values of its data sources, with their types:
`recipient.attributes.plan` is a text, `product.attributes.size` that of every product and offer,
`source.weather.temperature` the one under this name of the data source `weather`."""

ADDED = r"[a-z][a-z0-9_]{0,63}"
"""What names are made of that a workspace gives: of attributes, data sources and their values."""

is_added_name = re.compile(ADDED).fullmatch
_SOURCED = re.compile(rf"{ADDED}\.{ADDED}")
ATTRIBUTE_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "recipient": "attributes",
        "message": "parameters",
        "order": "attributes",
        "product": "attributes",
        "offer": "attributes",
    }
)
"""What the sources that a workspace can add facts to call these."""
_OPEN_ENDED = {
    "source": _SOURCED,
    "shown": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"),
}
"""What the fields of those sources look like that have none of their own."""
_USAGE = {"source": "ID.NAME", "shown": "VARIANT"}


def _alone(source: str) -> list[str]:
    """The fields of a source but those of a cart's lines."""
    return [name for name in FIELDS[source] if not name[0].isdigit()]


def _names(source: str) -> str:
    fields = _alone(source)
    if source == "cart":
        fields.append(rf"([1-9]|{MOST_LINES})\.({'|'.join(map(re.escape, _LINE))})")
    if source in ATTRIBUTE_GROUPS:
        fields.append(rf"{ATTRIBUTE_GROUPS[source]}\.{ADDED}")
    return "|".join(fields or [_OPEN_ENDED[source].pattern])


FACT_NAME = "^({})$".format(
    "|".join(
        rf"{source}\.{ID}\.({_names(source)})"
        if source == "product"
        else rf"{source}\.({_names(source)})"
        for source in FIELDS
    )
)
"""What names of facts look like. Those of products are not told apart where an id holds dots."""


class FactKey(NamedTuple):
    """One fact's name; `product` is the product's id where the source is `product`."""

    source: str
    field: str
    product: str = ""

    def __str__(self) -> str:
        return ".".join(part for part in (self.source, self.product, self.field) if part)

    @property
    def name(self) -> str:
        """The field, of a cart's line without the line: `cart.1.instead.price` has a price."""
        return self.field.rpartition(".")[2] if self.source == "cart" else self.field

    @property
    def registered(self) -> Field | None:
        """What the registry knows of it; None for what a workspace added."""
        return _SHOWN if self.source == "shown" else FIELDS[self.source].get(self.field)

    @property
    def declaration(self) -> str:
        """The name under which the type of what a workspace added is declared."""
        source = "product" if self.source == "offer" else self.source
        return f"{source}.{self.field}"

    def type(self, declared: Declared) -> FactType | None:
        """None for what is not declared."""
        known = self.registered
        return declared.get(self.declaration) if known is None else known.type

    def of(self, product: str) -> "FactKey":
        """The same of the product that is offered, if this is a fact of the offer."""
        return FactKey("product", self.field, product) if self.source == "offer" else self

    @property
    def rests_on(self) -> "FactKey":
        """The fact that someone must provide for this one to be known."""
        if self.field == "bought" and self.source in ("product", "offer"):
            return FactKey("recipient", "purchases")
        if self.source == "now" and self.field != "instant":
            return FactKey("recipient", "time_zone")
        return self


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
        if re.fullmatch(ID, product) is None:
            raise ValueError("a product's fact is product.ID.FIELD, such as product.vip-trip.stock")
    known = rest in FIELDS[source] or _is_added(source, rest)
    if not known and not (source in _OPEN_ENDED and _OPEN_ENDED[source].fullmatch(rest)):
        added = [f"{ATTRIBUTE_GROUPS[source]}.NAME"] if source in ATTRIBUTE_GROUPS else []
        lines = [f"N.{name}" for name in _LINE] if source == "cart" else []
        names = ", ".join((*_alone(source), *lines, *added)) or _USAGE[source]
        raise ValueError(f"{source} has the facts {names}, not {rest!r}")
    # Records have the same names as keys: a lookup need not compare letters.
    return FactKey(sys.intern(source), sys.intern(rest), sys.intern(product))


def _is_added(source: str, rest: str) -> bool:
    group, _, name = rest.partition(".")
    return group == ATTRIBUTE_GROUPS.get(source) and is_added_name(name) is not None


def _split_product(rest: str) -> tuple[str, str]:
    """An id may hold dots: what follows the last dot, or `attributes.NAME`, is the field."""
    product, _, field_name = rest.rpartition(".")
    if product.endswith(".attributes"):
        return product.removesuffix(".attributes"), f"attributes.{field_name}"
    return product, field_name


class Selector(NamedTuple):
    """Where the candidates for an offer come from; `anchor` is the product, the category or the
    list that it begins at, empty where the recipient is enough."""

    kind: str
    anchor: str = ""

    @property
    def rests_on(self) -> str:
        """What someone must provide for it to be known: a product, or a fact of the recipient."""
        if self.anchor:
            return f"product.{self.anchor}"
        return f"recipient.{'purchases' if self.kind == 'recommended' else self.kind}"


@dataclass(slots=True)
class Facts:
    """What is known at one open. A source that is not known is empty; a value that is not known
    is absent, never a zero or an empty text.

    `source` has the values of data sources, `weather.temperature`, and STALE in the place of those
    that are too old. `person` is the recipient's id; `lot` is by what lots are drawn where that is
    not to be known. `products` maps product ids to their facts; `candidates` each
    selector to the ids of its products, best first, without those selectors that are not known.
    `shown` maps variants to how often this person was shown them within the period of their cap;
    `arm` is the variant that the block showed this person in this message last, `offered` the
    products that other blocks of the message sell.

    Nothing of them is changed once they are made; to have Python see to that would take longer than
    a decision.
    """

    person: str = ""
    recipient: Record = field(default_factory=dict)
    message: Record = field(default_factory=dict)
    order: Record = field(default_factory=dict)
    cart: Record = field(default_factory=dict)
    source: Record = field(default_factory=dict)
    open: Record = field(default_factory=dict)
    products: Mapping[str, Record] = field(default_factory=dict)
    candidates: Mapping[Selector, Sequence[str]] = field(default_factory=dict)
    moment: Moment = field(default_factory=Moment)
    shown: Mapping[str, int] = field(default_factory=dict)
    arm: str | None = None
    offered: frozenset[str] | None = None
    lot: str = ""

    @property
    def unit(self) -> str:
        """By what lots are drawn: the same for the same person."""
        return self.lot or self.person
