"""Recipients: people, under an opaque id."""

from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

import orjson
from pydantic import (
    Field,
    GetJsonSchemaHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema

from dyncontent.catalog import stored_dates, stored_people
from dyncontent.catalog.consent import ConsentRecord, Consents
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
from rules.facts import Record
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


class Recipient(Profile):
    """A person with what they bought: product ids, each with the instant of the purchase, to the
    millisecond. `consented` tells of each consent when it was given or withdrawn last, in
    milliseconds since the epoch; `noted` that it stands in the history of consents too. Where it
    does not, it was said once, by a profile."""

    purchases: dict[Id, Instant] = Field(default_factory=dict)
    consented: dict[str, int] = Field(default_factory=dict)
    noted: SkipJsonSchema[bool] = False

    def encoded(self) -> bytes:
        """See catalog.stored_people."""
        return stored_people.encode(vars(self))

    @property
    def readable(self) -> bytes:
        """The same JSON, in a third of the time: there are many people."""
        fields = vars(self)
        said = {name: fields[name] for name, usual in _USUAL if fields[name] != usual}
        if consents := self.consents.said:
            said["consents"] = consents
        if self.cart is not None:
            said["cart"] = [line.short for line in self.cart]
        return orjson.dumps(said, _plain, orjson.OPT_UTC_Z)

    @classmethod
    def read(cls, raw: bytes) -> "Recipient":
        """What was encoded. It was checked when it was written: to check it again takes six times
        as long."""
        fields = _NOBODYS | stored_people.decode(raw)
        if (cart := fields["cart"]) is not None:
            fields["cart"] = tuple(map(CartLine.decode, cart))
        return cls.of_checked(fields)

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
    def facts(self) -> Record:
        return known(
            {
                "first_name": self.first_name,
                "last_name": self.last_name,
                "locale": self.locale,
                "time_zone": self.time_zone,
                "consents": self.consents.given,
                "purchases": frozenset(self.purchases),
                "cart": self.cart_products,
                "watched": self.watched,
            },
            self.attributes,
            "attributes",
        )


_PROFILE_FIELDS = tuple(Profile.model_fields)
NOBODY = Recipient()
_NOBODYS = dict(vars(NOBODY))
_USUAL = tuple(
    (name, usual) for name, usual in _NOBODYS.items() if name not in ("consents", "cart")
)


def _plain(amount: Amount) -> dict[str, str]:
    """What orjson does not know by itself."""
    return amount.model_dump(mode="json")


class Purchase(Definition):
    """One purchase; `at` is now where it is not given."""

    product: Id
    at: Instant | None = None
