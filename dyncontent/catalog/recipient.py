"""Recipients: people, under an opaque id."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

import orjson
from pydantic import (
    Field,
    GetJsonSchemaHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema

from dyncontent.catalog import stored_dates
from dyncontent.catalog.consent import PURPOSES, ConsentRecord, Consents
from dyncontent.catalog.dated import Dated, put_dates
from dyncontent.catalog.instants import milliseconds, now
from dyncontent.catalog.model import (
    Attributes,
    Definition,
    Id,
    Instant,
    LocaleName,
    ShortText,
    TimeZone,
    known,
)
from rules.facts import Money, Record, Value
from rules.tree import Amount

MOST_OF_ONE = 1_000_000

ProductIds = Annotated[tuple[Id, ...], Field(max_length=200)]


class CartLine(Definition):
    """So many of a product in the cart. One of it is written as the product's id alone."""

    product: Id
    quantity: Annotated[int, Field(ge=1, le=MOST_OF_ONE)] = 1

    @model_validator(mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        return {"product": given} if isinstance(given, str) else given

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        line = handler.resolve_ref_schema(written)
        short = line["properties"]["product"]
        whole = dict(line)
        line.clear()
        line.update({"anyOf": [short, whole], "description": whole.pop("description")})
        return written

    @classmethod
    def decode(cls, short: Any) -> "CartLine":
        if isinstance(short, str):
            return cls.of_checked({"product": short, "quantity": 1})
        return cls.of_checked(short)

    @property
    def short(self) -> Any:
        return self.product if self.quantity == 1 else dict(self)

    @model_serializer
    def _short(self) -> Any:
        return self.short


Cart = Annotated[tuple[CartLine, ...], Field(max_length=200)]


class Profile(Dated):
    """What a sender knows of a person. `cart` and `watched` are of products, the latest first; a
    cart that is not known is absent, which is not empty."""

    first_name: ShortText | None = None
    last_name: ShortText | None = None
    locale: LocaleName | None = None
    time_zone: TimeZone | None = None
    consents: Consents = Consents()
    cart: Cart | None = None
    watched: ProductIds | None = None
    attributes: Attributes = Field(default_factory=dict)


class Unread(NamedTuple):
    """What of a stored person no open looks at, and the attributes, of which an open looks at the
    facts."""

    said: str
    dates: str
    products: Sequence[str]
    names: str
    values: Sequence[Any]
    others: dict[str, int] | None

    @property
    def facts(self) -> dict[str, Value]:
        return dict(
            zip(
                _fact_names(self.names),
                [value if type(value) is str else _fact(value) for value in self.values],
                strict=True,
            )
        )

    def read(self) -> dict[str, Any]:
        """The fields of a person."""
        dated = [
            purpose
            for purpose, letter in zip(_PURPOSES, self.said, strict=False)
            if letter in _DATED
        ]
        as_of, consented, purchases = stored_dates.decode(self.dates, dated, self.products)
        return {
            "as_of": as_of | (self.others or {}),
            "consented": consented,
            "purchases": purchases,
            "attributes": dict(zip(self.names.split(), map(_checked, self.values), strict=True)),
        }


class Recipient(Profile):
    """A person with what they bought: product ids, each with the instant of the purchase, to the
    millisecond. `consented` tells of each consent when it was given or withdrawn last, in
    milliseconds since the epoch; `noted` that it stands in the history of consents too. Where it
    does not, it was said once, by a profile."""

    purchases: dict[Id, Instant] = Field(default_factory=dict)
    consented: dict[str, int] = Field(default_factory=dict)
    noted: SkipJsonSchema[bool] = False

    def encoded(self) -> bytes:
        """A list in JSON, for there are very many people:

        - a letter for each consent, in the order of their fields, without the last that are as
          they would be anyway: y given, n withdrawn, - nothing said, in capitals where `consented`
          does not tell when; and a + if they are `noted`
        - the instants, see dyncontent.catalog.stored_dates
        - the ids of what was bought, and the names of the attributes, each joined by spaces
        - the values of the attributes, money as {"EUR": "19.90"}
        - the fields _FIELDS, and dates of others; what is absent at the end is left out
        """
        self._read_rest()
        fields = vars(self)
        dates, others = stored_dates.encode(self.as_of, self._consented_in_order, self.purchases)
        cart, attributes = self.cart, self.attributes
        stored = [
            self._said,
            dates,
            " ".join(self.purchases),
            " ".join(attributes),
            list(attributes.values()),
            *(fields[name] for name in _FIELDS),
            None if cart is None else [line.short for line in cart],
            others or None,
        ]
        while stored[-1] is None:
            stored.pop()
        return orjson.dumps(stored, _short)

    @property
    def readable(self) -> bytes:
        """The same JSON, in a third of the time: there are many people."""
        self._read_rest()
        fields = vars(self)
        said = {name: fields[name] for name, usual in _USUAL if fields[name] != usual}
        if consents := self.consents.said:
            said["consents"] = consents
        if self.cart is not None:
            said["cart"] = [line.short for line in self.cart]
        return orjson.dumps(said, _plain, orjson.OPT_UTC_Z)

    @classmethod
    def decode(cls, raw: bytes) -> "Recipient":
        """What was encoded, for an open: it was checked when it was written, and what an open does
        not look at is read when it is asked for."""
        stored = orjson.loads(raw)
        if type(stored) is dict:
            return cls._decode_readable(stored)
        said, dates, bought, names, values, *rest = stored
        fields = _ABSENT | dict(zip(_FIELDS_AND_REST, rest, strict=False))
        if (cart := fields["cart"]) is not None:
            fields["cart"] = tuple(map(CartLine.decode, cart))
        if (watched := fields["watched"]) is not None:
            fields["watched"] = tuple(watched)
        fields["consents"] = Consents.of_said(said)
        fields["noted"] = said.endswith("+")
        products = bought.split()
        fields["bought"] = frozenset(products)
        fields["unread"] = Unread(said, dates, products, names, values, fields.pop("others"))
        return cls.of_checked(fields)

    @classmethod
    def _decode_readable(cls, stored: dict[str, Any]) -> "Recipient":
        """Of JSON by the names of the fields, as people were stored once. What was said then of
        consents is in the history."""
        fields = _NOBODYS | stored
        if type(said := fields["consents"]) is dict:
            fields["consents"] = Consents.decode(*said.items())
        if (cart := fields["cart"]) is not None:
            fields["cart"] = tuple(map(CartLine.decode, cart))
        if (watched := fields["watched"]) is not None:
            fields["watched"] = tuple(watched)
        fields["attributes"] = {
            name: _checked(value) for name, value in fields["attributes"].items()
        }
        fields["purchases"] = {
            name: datetime.fromisoformat(at) for name, at in fields["purchases"].items()
        }
        fields["noted"] = bool(fields["consented"])
        return cls.of_checked(fields)

    @classmethod
    def read(cls, raw: bytes) -> "Recipient":
        """What was encoded, wholly."""
        person = cls.decode(raw)
        person._read_rest()  # noqa: SLF001
        return person

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What of one who was decoded for an open was not read yet."""
            if name in _READ_LATER and self._read_rest():
                return vars(self)[name]
            raise AttributeError(name)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        self._read_rest()
        return super().model_copy(update=update, deep=deep)

    def _read_rest(self) -> bool:
        """Whether something was not read yet."""
        fields = vars(self)
        unread: Unread | None = fields.pop("unread", None)
        if unread is not None:
            fields |= unread.read()
        return unread is not None

    @property
    def _said(self) -> str:
        """Of consents: see `encoded`."""
        letters = _letters(tuple(vars(self.consents).values()), tuple(self.consented))
        return f"{letters}+" if self.noted else letters

    @property
    def _consented_in_order(self) -> list[int]:
        return [self.consented[purpose] for purpose in _PURPOSES if purpose in self.consented]

    @property
    def told(self) -> "Recipient":
        return self.model_copy(update={"consented": {}, "as_of": {}, "noted": False})

    def with_profile(self, profile: Profile, at: datetime | None = None) -> "Recipient":
        """What a profile says is said `at` an instant, now if there is none, and stands against all
        that was said before."""
        when = milliseconds(at) if at else now()
        said = vars(profile)
        fields: dict[str, Any] = {name: said[name] for name in _PROFILE_FIELDS}
        consents, consented = profile.consents, self.consented
        if self is not NOBODY:
            fields["consents"] = consents = self.consents.stated(consents)
        if changed := self.consents.changes(consents):
            consented = {
                **consented,
                **{purpose: max(when, consented.get(purpose, 0) + 1) for purpose in changed},
            }
        fields["purchases"] = self.purchases
        fields["consented"] = consented
        fields["noted"] = self.noted or not self.consented.keys().isdisjoint(changed)
        fields["as_of"] = put_dates(self.as_of, when)
        return Recipient.of_checked(fields)

    def with_consent(self, record: ConsentRecord) -> "Recipient":
        """What was said last holds; of what was said at the same time, the withdrawal."""
        at, last = milliseconds(record.at), self.consented.get(record.purpose)
        if last is not None and (at < last or (at == last and record.given)):
            return self
        return self.replace(
            consents=self.consents.with_purpose(record.purpose, given=record.given),
            consented=self.consented | {record.purpose: at},
            noted=True,
        )

    def with_noted(self, *, noted: bool = True) -> "Recipient":
        return self if self.noted is noted else self.model_copy(update={"noted": noted})

    def with_purchase(self, product: str, at: datetime) -> "Recipient":
        return self.replace(purchases=self.purchases | {product: stored_dates.kept(at)})

    def without_purchase(self, product: str) -> "Recipient":
        kept = {key: at for key, at in self.purchases.items() if key != product}
        return self.replace(purchases=kept)

    @cached_property
    def cart_products(self) -> tuple[str, ...] | None:
        return None if self.cart is None else tuple(line.product for line in self.cart)

    @cached_property
    def bought(self) -> frozenset[str]:
        """The ids of what they bought."""
        return frozenset(self.purchases)

    @cached_property
    def facts(self) -> Record:
        unread: Unread | None = vars(self).get("unread")
        return known(
            {
                "first_name": self.first_name,
                "last_name": self.last_name,
                "locale": self.locale,
                "time_zone": self.time_zone,
                "consents": self.consents.given,
                "purchases": self.bought,
                "cart": self.cart_products,
                "watched": self.watched,
            },
            {} if unread else self.attributes,
            "attributes",
        ) | (unread.facts if unread else {})


_PROFILE_FIELDS = tuple(Profile.model_fields)
NOBODY = Recipient()
_NOBODYS = dict(vars(NOBODY))
_USUAL = tuple(
    (name, usual) for name, usual in _NOBODYS.items() if name not in ("consents", "cart")
)
_FIELDS = ("first_name", "last_name", "locale", "time_zone", "watched")
_FIELDS_AND_REST = (*_FIELDS, "cart", "others")
_SAID, _, _BOUGHT, _NAMES, _VALUES, *_REST = range(5 + len(_FIELDS_AND_REST))
_PLACES = dict(zip(_FIELDS_AND_REST, _REST, strict=True))
_PADDING = [None] * (5 + len(_FIELDS_AND_REST))
_ABSENT: dict[str, Any] = dict.fromkeys(_FIELDS_AND_REST)
_READ_LATER = frozenset(("as_of", "consented", "purchases", "attributes"))
_DATED = frozenset("yn?")
"""Letters of consents."""
_PURPOSES = tuple(PURPOSES)
_USUAL_CONSENTS = tuple(vars(Consents()).values())


def _checked(value: Any) -> Any:
    """The value of an attribute, as it was before it was JSON."""
    match value:
        case list():
            return tuple(value)
        case {"amount": _, "currency": _}:
            return Amount(**value)
        case dict() if (currency := next(iter(value))).isupper():
            return Amount(amount=value[currency], currency=currency)
        case _:
            return value


@lru_cache(1024)
def _fact_names(names: str) -> Sequence[str]:
    """Of attributes. Most people of a sender have the same."""
    return [f"attributes.{name}" for name in names.split()]


def _fact(value: Any) -> Value:
    """The value of an attribute as a fact, as it was before it was JSON."""
    if type(value) is list:
        return tuple(value)
    if type(value) is dict:
        if (currency := next(iter(value))).isupper():
            return Money(Decimal(value[currency]), currency)
        if "currency" in value:
            return Money(Decimal(value["amount"]), value["currency"])
    return value


def _plain(amount: Amount) -> dict[str, str]:
    """What orjson does not know by itself."""
    return amount.model_dump(mode="json")


Look = Callable[[Sequence[Any]], Value]
"""Finds a fact in what is stored of a person, as JSON has it; None if it is not known."""


class Glimpse(NamedTuple):
    """What an open needs of a person."""

    facts: Record
    tracking: bool
    time_zone: str | None
    locale: str | None


def glimpse(raw: bytes, looks: Iterable[tuple[str, Look]]) -> Glimpse:
    """Of what was encoded the same as `Recipient.decode` finds, in a third of the time: of the
    facts the consents, and those at which there are looks."""
    stored = orjson.loads(raw)
    if type(stored) is dict:
        stored = _as_list(stored)
    stored += _PADDING[len(stored) :]
    agreed, tracking = _agreed(stored[_SAID])
    facts: dict[str, Value] = {"consents": agreed}
    for name, look in looks:
        if (value := look(stored)) is not None:
            facts[name] = value
    return Glimpse(facts, tracking, stored[_PLACES["time_zone"]], stored[_PLACES["locale"]])


def look(field: str) -> Look:
    """At a fact of the recipient, by its name."""
    match field:
        case "purchases":
            return lambda stored: frozenset(stored[_BOUGHT].split())
        case "cart":
            return _cart_products
        case "watched":
            return lambda stored: (
                None if (ids := stored[_PLACES["watched"]]) is None else tuple(ids)
            )
    group, _, name = field.partition(".")
    if not name:
        place = _PLACES[group]
        return lambda stored: stored[place]
    return lambda stored: _attribute(stored, name)


def _watched(stored: Sequence[Any]) -> Value:
    return None if (ids := stored[_PLACES["watched"]]) is None else tuple(ids)


def _attribute(stored: Sequence[Any], name: str) -> Value:
    place = _places(stored[_NAMES]).get(name)
    return None if place is None else _fact(stored[_VALUES][place])


@lru_cache(1024)
def _places(names: str) -> Mapping[str, int]:
    """Of attributes among their values."""
    return {name: place for place, name in enumerate(names.split())}


def _cart_products(stored: Sequence[Any]) -> Value:
    if (cart := stored[_PLACES["cart"]]) is None:
        return None
    return tuple(line if type(line) is str else line["product"] for line in cart)


@cache
def _agreed(said: str) -> tuple[tuple[str, ...], bool]:
    """What is agreed to, and whether tracking is. There are few that differ."""
    consents = Consents.of_said(said)
    return consents.given, consents.tracking


def _as_list(stored: dict[str, Any]) -> list[Any]:
    """What is stored by the names of the fields, as it would be stored now, but for the dates."""
    consents = Consents.decode(*stored.get("consents", {}).items())
    attributes = stored.get("attributes", {})
    return [
        _letters(tuple(vars(consents).values()), ()),
        "",
        " ".join(stored.get("purchases", ())),
        " ".join(attributes),
        list(attributes.values()),
        *(stored.get(name) for name in _FIELDS_AND_REST),
    ]


def _short(amount: Amount) -> dict[str, str]:
    return {amount.currency: str(amount.amount)}


@lru_cache(1024)
def _letters(consents: Sequence[bool | None], dated: Sequence[str]) -> str:
    """For what is said of each purpose. There is little that differs."""
    letters = ""
    for purpose, said, usual in zip(_PURPOSES, consents, _USUAL_CONSENTS, strict=True):
        letter = "?" if said is None else "y" if said else "n"
        if purpose in dated:
            letters += letter
        else:
            letters += "-" if said is usual else letter.upper()
    return letters.rstrip("-")


class Purchase(Definition):
    """One purchase; `at` is now where it is not given."""

    product: Id
    at: Instant | None = None
