"""Which column of a feed says what of a product: as its definition has it, else by its name.

The names are those of Google Merchant's product data specification and of the exports of common
shops. Of the names of one field those that come first go before.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from dyncontent.catalog.feed import Feed, ProductField
from dyncontent.feeds.rows import Cell, FeedError

NAMES: Mapping[ProductField, Sequence[str]] = {
    "id": ("id", "product_id", "item_id", "offer_id", "sku", "product_code", "code", "article"),
    "title": ("title", "name", "product_name", "product_title", "nimi", "nimetus", "название"),
    "link": ("link", "url", "product_url", "product_link", "permalink", "external_url"),
    "price": ("price", "regular_price", "unit_price", "hind", "hinta", "цена"),
    "sale_price": ("sale_price", "special_price", "discount_price", "discounted_price"),
    "sale_period": ("sale_price_effective_date",),
    "sale_from": ("date_sale_price_starts", "special_price_from_date", "special_from_date"),
    "sale_to": ("date_sale_price_ends", "special_price_to_date", "special_to_date"),
    "old_price": ("old_price", "compare_at_price", "list_price", "msrp"),
    "category": (
        "product_type",
        "category",
        "categories",
        "product_category",
        "google_product_category",
        "kategooria",
        "kategoria",
        "категория",
    ),
    "stock": (
        "quantity",
        "stock",
        "stock_quantity",
        "qty",
        "inventory",
        "inventory_quantity",
        "sell_on_google_quantity",
        "quantity_to_sell_on_facebook",
        "laoseis",
        "saldo",
        "varastosaldo",
        "остаток",
    ),
    "availability": (
        "availability",
        "availability_status",
        "stock_status",
        "in_stock",
        "is_in_stock",
        "available",
        "saadavus",
        "saatavuus",
    ),
    "published": ("published",),
    "alternatives": ("alternatives",),
}
ATTRIBUTES: Mapping[str, Sequence[str]] = {
    "brand": ("brand", "vendor", "manufacturer"),
    "image_link": ("image_link", "image_url", "image_src", "image", "images", "thumbnail"),
    "item_group_id": ("item_group_id",),
}
"""What is kept as attributes where a feed names none."""

SHOPIFY: Mapping[ProductField, Sequence[str]] = {
    "id": ("variant_sku", "handle"),
    "price": ("variant_price",),
    "old_price": ("variant_compare_at_price",),
    "category": ("type", "product_category"),
    "stock": ("variant_inventory_qty",),
    "availability": ("variant_inventory_tracker",),
    "published": ("status", "published"),
}
"""Of a product export of Shopify; a field has the first of these that is filled."""
_SEVERAL = frozenset(("category",))
"""Fields that are taken of any of their columns that is filled."""
_OF_SHOPIFY = frozenset(("handle", "variant_price"))

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BRACKETED = re.compile(r".*\[(\w+)\]\s*")


@dataclass(frozen=True, slots=True)
class Mapped:
    """`fields` and `attributes` are the columns of each; the first that is filled counts."""

    fields: Mapping[ProductField, Sequence[str]]
    attributes: Mapping[str, Sequence[str]]

    def get(self, field: ProductField, values: Mapping[str, Cell]) -> Cell:
        """Empty if no column is filled."""
        return first_filled(self.fields.get(field, ()), values)

    def uses(self, column: str) -> list[str]:
        """What a column is taken for."""
        return [
            *(str(field) for field, columns in self.fields.items() if column in columns),
            *(
                f"attributes.{name}"
                for name, columns in self.attributes.items()
                if column in columns
            ),
        ]


def first_filled(columns: Sequence[str], values: Mapping[str, Cell]) -> Cell:
    for column in columns:
        value = values.get(column, "")
        if value if isinstance(value, tuple) else value.strip():
            return value
    return ""


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name as it is compared: `g:Sale price`, `Sale price [sale_price]` and `salePrice`
    are the same."""
    if match := _BRACKETED.fullmatch(name):
        name = match[1]
    words = _CAMEL.sub(" ", name.removeprefix("g:")).lower()
    return re.sub(r"\W+|_+", "_", words).strip("_")


def is_shopify(names: Collection[str]) -> bool:
    """Whether columns with these plain names are those of an export of Shopify."""
    return _OF_SHOPIFY.issubset(names)


def mapped(feed: Feed, columns: Iterable[str]) -> Mapped:
    """Raises FeedError if a column that the feed names is not there, or none has the ids."""
    known = list(columns)
    by_name: dict[str, str] = {}
    for column in known:
        by_name.setdefault(plain(column), column)
    shopify = is_shopify(by_name)
    fields: dict[ProductField, Sequence[str]] = {}
    for field in get_args(ProductField):
        if field in feed.columns:
            found = _named(feed.columns[field], known, f"columns.{field}")
        elif shopify and field in SHOPIFY:
            found = [by_name[name] for name in SHOPIFY[field] if name in by_name]
        elif shopify and field == "link" and feed.link_prefix:
            found = [by_name["handle"]]
        else:
            most = None if field in _SEVERAL else 1
            found = [by_name[name] for name in NAMES[field] if name in by_name][:most]
        if found:
            fields[field] = found
    if "id" not in fields:
        message = f"No column has the ids of the products: name one as columns.id. {_told(known)}"
        raise FeedError("NO_ID_COLUMN", message)
    attributes = {
        name: found
        for name, names in ATTRIBUTES.items()
        if (found := [by_name[one] for one in names if one in by_name][:1])
    }
    if feed.attributes is not None:
        attributes = {
            name: _named(column, known, f"attributes.{name}")
            for name, column in feed.attributes.items()
        }
    return Mapped(fields, attributes)


def _named(columns: Sequence[str] | str | None, known: Sequence[str], where: str) -> list[str]:
    wanted = [columns] if isinstance(columns, str) else list(columns or ())
    found = [column for column in wanted if column in known]
    if wanted and not found:
        message = f"{where} is {', '.join(wanted)}, and there is no such column. {_told(known)}"
        raise FeedError("NO_SUCH_COLUMN", message)
    return found


def _told(columns: Sequence[str]) -> str:
    told = ", ".join(columns[:30]) or "none"
    return f"The columns are: {told}" + (", …" if len(columns) > 30 else "")
