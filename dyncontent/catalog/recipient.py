"""Recipients: people, under an opaque id."""

from datetime import datetime
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from dyncontent.catalog.model import (
    Attributes,
    Definition,
    Id,
    Instant,
    LocaleName,
    ShortText,
    known,
)
from rules.facts import Record


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a time zone is an IANA name such as Europe/Tallinn") from error
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]


class Consents(Definition):
    """What the person agreed to; nothing is taken for granted."""

    marketing: bool = False
    tracking: bool = False


class Profile(Definition):
    """What a sender knows of a person."""

    first_name: ShortText | None = None
    last_name: ShortText | None = None
    locale: LocaleName | None = None
    time_zone: TimeZone | None = None
    consents: Consents = Consents()
    attributes: Attributes = Field(default_factory=dict)


class Recipient(Profile):
    """A person with what they bought: product ids, each with the instant of the purchase."""

    purchases: dict[Id, Instant] = Field(default_factory=dict)

    def with_profile(self, profile: Profile) -> "Recipient":
        return Recipient(**dict(profile), purchases=self.purchases)

    def with_purchase(self, product: str, at: datetime) -> "Recipient":
        return self.replace(purchases=self.purchases | {product: at})

    def without_purchase(self, product: str) -> "Recipient":
        kept = {key: at for key, at in self.purchases.items() if key != product}
        return self.replace(purchases=kept)

    @cached_property
    def facts(self) -> Record:
        return known(
            {
                "first_name": self.first_name,
                "last_name": self.last_name,
                "locale": self.locale,
                "time_zone": self.time_zone,
                "consents": tuple(name for name, given in self.consents if given),
                "purchases": frozenset(self.purchases),
            },
            self.attributes,
            "attributes",
        )


class Purchase(Definition):
    """One purchase; `at` is now where it is not given."""

    product: Id
    at: Instant | None = None
