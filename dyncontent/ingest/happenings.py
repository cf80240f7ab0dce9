"""What events tell, in this server's own words. Every source is put into these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dyncontent.errors import BadField, ProblemError


@dataclass(frozen=True, slots=True)
class Changed:
    """Fields of a document, `recipient`, `product`, `order` or `message`, as JSON; None removes
    one. An attribute is `attributes.NAME`, of a message `parameters.NAME`. What is not there is
    made where `create` is set."""

    kind: str
    name: str
    fields: Mapping[str, Any]
    create: bool = True


@dataclass(frozen=True, slots=True)
class CartStated:
    """This is in the cart, and nothing else: product ids with how many."""

    person: str
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CartChanged:
    """So many more of a product are in the cart, or fewer; None takes it out."""

    person: str
    product: str
    change: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Something is on one of a person's lists, or no longer: `watched`, or `attributes.NAME`."""

    person: str
    list: str
    item: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is known of an order by now. `lines` are the products with how many of each were
    ordered, `at` is when it was, `void` that it does not count as a purchase; None of each says
    nothing. An order that `is_new` was made when this happened. `fields` are those of the order's
    document."""

    order: str
    person: str | None = None
    lines: Mapping[str, int] | None = None
    at: datetime | None = None
    is_new: bool = False
    void: bool | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refunded:
    """So many of these products of an order were given back, or all of it (None). `refund` is the
    refund's own id."""

    order: str
    refund: str
    lines: Mapping[str, int] | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase without an order."""

    person: str
    product: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What was bought of a product until now was given back."""

    person: str
    product: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A person no longer consents to marketing."""

    person: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The variants among which a product's stock is divided: `listed` are all that there are,
    `totals` how many are left of some; None of either says nothing, None of a total that it is not
    known."""

    product: str
    listed: tuple[str, ...] | None = None
    totals: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    """How many of a variant are left in one place."""

    part: str
    place: str
    available: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A product is no longer in the shop, or it is there (again)."""

    product: str
    gone: bool = True


Happening = (
    Changed
    | CartStated
    | CartChanged
    | Listed
    | Ordered
    | Refunded
    | Bought
    | Returned
    | Withdrawn
    | Parts
    | Level
    | Gone
)


@dataclass(frozen=True, slots=True)
class Event:
    """What one event of a source tells. `at` is when it happened; None where it does not say. Of a
    `shaky` instant only its first telling counts. `refused` are parts of it that are not as they
    should be; the rest is taken."""

    id: str
    at: datetime | None
    happenings: tuple[Happening, ...] = ()
    refused: tuple[BadField, ...] = ()
    shaky: bool = False


Told = Event | ProblemError
"""An event, or why it is none."""
