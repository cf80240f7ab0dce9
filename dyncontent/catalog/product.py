"""Products: what a shop sells, how many are left, and what is similar."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from operator import itemgetter
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from dyncontent.catalog.dated import Dated
from dyncontent.catalog.links import Link
from dyncontent.catalog.model import Attributes, Definition, Id, ShortText, known, one_of
from renderers.fields import AssetId
from renderers.localised import Localised
from rules.facts import Record
from rules.tree import Amount

MOST_SIMILAR = 50
MOST_STOCK = 1_000_000_000

Stock = Annotated[int, Field(ge=0, le=MOST_STOCK)]


class Product(Dated):
    """`alternatives` are the ids of similar products, best first. A stock that is not known is
    absent, which is not zero. What is `retired` is out of the shop: whatever its stock is, none
    is left for an email."""

    title: Localised | None = None
    stock: Stock | None = None
    price: Amount | None = None
    category: ShortText | None = None
    picture: AssetId | None = None
    link: Link | None = None
    alternatives: tuple[Id, ...] = Field(default=(), max_length=MOST_SIMILAR)
    attributes: Attributes = Field(default_factory=dict)
    retired: bool = False

    @cached_property
    def facts(self) -> Record:
        return known(
            {
                "title": self.title,
                "stock": 0 if self.retired else self.stock,
                "price": self.price and self.price.fact,
                "category": self.category,
                "picture": self.picture,
                "link": self.link,
            },
            self.attributes,
            "attributes",
        )


class StockChange(Definition):
    """A change of the stock: to `set`, or by `change`, which may be negative."""

    model_config = ConfigDict(json_schema_extra=one_of("set", "change"))

    set: Stock | None = None
    change: Annotated[int, Field(ge=-MOST_STOCK, le=MOST_STOCK)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.set is None) == (self.change is None):
            raise ValueError("a change of stock has either set or change")
        return self


def nearest(
    product_id: str, product: Product, category: Sequence[tuple[str, float]]
) -> Sequence[str]:
    """The ids of the other products of a category (pairs of id and price, in the order of the
    price) by nearest price, then by id."""
    if product.price is None:
        return ()
    own = float(product.price.amount)
    middle = bisect_left(category, own, key=itemgetter(1))
    near = category[max(0, middle - MOST_SIMILAR - 1) : middle + MOST_SIMILAR + 1]
    others = [member for member in near if member[0] != product_id]
    others.sort(key=lambda member: (abs(member[1] - own), member[0]))
    return [member for member, _ in others][:MOST_SIMILAR]


def similar(
    product_id: str, product: Product, category: Sequence[tuple[str, float]]
) -> Sequence[str]:
    """The ids of the products like this one: its own alternatives, then those of its category by
    nearest price; best first."""
    found = dict.fromkeys((*product.alternatives, *nearest(product_id, product, category)))
    found.pop(product_id, None)
    return tuple(found)[:MOST_SIMILAR]
