"""Rows as products: what each says, and what becomes of a product that is there already."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from dyncontent.api.problems import invalid, refused
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.feed import Feed, ProductField
from dyncontent.catalog.links import LONGEST
from dyncontent.catalog.model import id_matches
from dyncontent.catalog.product import MOST_STOCK, Product
from dyncontent.errors import BadField, ProblemError
from dyncontent.feeds.amounts import ValueExpectedError, number, price
from dyncontent.feeds.availability import availability, is_unpublished
from dyncontent.feeds.columns import Mapped, first_filled, plain
from dyncontent.feeds.rows import Cell, Row
from renderers.localised import ANY
from rules.facts import ID, FactType
from rules.tree import LONGEST_TEXT, Amount

OLD_PRICE = "regular_price"
"""The attribute that holds the price before a sale."""

_WHOLE_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NEXT_ADDRESS = re.compile(r"[,|\s]+(?=https?://)")
_REPLACED = "\ufffd"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: its id, if one can be read, and why."""

    line: int
    id: str | None
    problem: ProblemError


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A row that says of itself that its product is not in the shop."""

    line: int
    id: str


@dataclass(frozen=True, slots=True)
class Stocked:
    """What a row says of a stock: how many, if it says so, and whether there is any."""

    count: int | None
    available: bool | None

    def onto(self, before: int | None, assumed: int | None) -> int | None:
        """What is in stock without a number keeps the number that is known, unless that says the
        contrary; then it is as many as are assumed, else unknown."""
        if self.available is False:
            return 0
        if self.count is not None:
            return self.count
        if self.available and before:
            return before
        return assumed if self.available else None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a row says of a product: `said` are fields to replace, `attributes` those to replace or,
    if they are None, to remove; what is not in them stays."""

    line: int
    id: str
    said: Mapping[str, Any] = field(default_factory=dict)
    title: Mapping[str, str] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    stock: Stocked | None = None
    assumed_stock: int | None = None

    def onto(self, before: Product | None) -> Product:
        """The product as it is from now on; `before` itself if nothing changes.

        Raises pydantic's ValidationError if it has too much of something by that.
        """
        base = before or Product()
        wanted: dict[str, Any] = {**self.said, "retired": False}
        if self.title is not None:
            wanted["title"] = {**(base.title or {}), **self.title}
        if self.stock is not None:
            wanted["stock"] = self.stock.onto(base.stock, self.assumed_stock)
        attributes = {**base.attributes, **self.attributes}
        wanted["attributes"] = {
            name: value for name, value in attributes.items() if value is not None
        }
        changes = {
            name: value for name, value in wanted.items() if not _same(getattr(base, name), value)
        }
        return base.replace(**changes) if changes or before is None else before


class Reading:
    """Reads rows by the definition of a feed. `at` is the instant at which they are true; `decimal`
    is the decimal sign of numbers that can be read in two ways, if it is known."""

    def __init__(
        self,
        feed: Feed,
        mapped: Mapped,
        types: AttributeTypes,
        context: dict[str, Any],
        at: datetime,
        decimal: str | None,
    ) -> None:
        self._feed = feed
        self._mapped = mapped
        self._types = types
        self._context = context
        self._at = at
        self._decimal = decimal

    def read(self, row: Row) -> Offer | Unlisted | Refused:
        name = _one(self._mapped.get("id", row.values))
        if not id_matches(name) or name.endswith(".attributes"):
            problem = invalid([BadField("id", name[:200], f"an id that matches {ID}")])
            return Refused(row.line, None, problem)
        if is_unpublished(self._cell("published", row)):
            return Unlisted(row.line, name)
        try:
            return self._offer(name, row)
        except ProblemError as problem:
            return Refused(row.line, name, problem)

    def _offer(self, name: str, row: Row) -> Offer:
        fields = self._mapped.fields
        said: dict[str, Any] = {}
        attributes: dict[str, Any] = {
            attribute: self._attribute(attribute, first_filled(columns, row.values))
            for attribute, columns in self._mapped.attributes.items()
        }
        if fields.keys() & {"price", "sale_price"}:
            now, old = self._prices(row)
            said["price"] = now
            kept = self._types.product.get(OLD_PRICE, FactType.MONEY) is FactType.MONEY
            if kept and fields.keys() & {"sale_price", "old_price"}:
                attributes.setdefault(OLD_PRICE, old)
        if "link" in fields:
            said["link"] = self._link(row)
        if "category" in fields:
            said["category"] = self._category(row)
        if "alternatives" in fields:
            said["alternatives"] = tuple(
                one for one in _several(self._cell("alternatives", row)) if one != name
            )
        title = None
        if "title" in fields and (text := _clean(self._cell("title", row), "title")):
            title = {self._feed.locale or ANY: text}
        checked = self._checked(
            {
                **said,
                "title": title,
                "attributes": {
                    key: value for key, value in attributes.items() if value is not None
                },
            }
        )
        return Offer(
            row.line,
            name,
            {key: getattr(checked, key) for key in said},
            checked.title,
            {**dict.fromkeys(attributes), **checked.attributes},
            self._stocked(row),
            self._feed.assumed_stock,
        )

    def _checked(self, document: dict[str, Any]) -> Product:
        try:
            product = Product.model_validate(document, context=self._context)
        except ValidationError as error:
            raise refused(error, document) from error
        for name, kind in self._types.wrong("product", product.attributes):
            raise _bad(f"attributes.{name}", product.attributes[name], f"{kind}, as declared")
        return product

    def _cell(self, field_name: ProductField, row: Row) -> str:
        return _one(self._mapped.get(field_name, row.values))

    def _prices(self, row: Row) -> tuple[Amount | None, Amount | None]:
        """What is paid now, and what it was before a sale. A sale price of zero is none."""
        full, sale, old = (self._price(name, row) for name in ("price", "sale_price", "old_price"))
        if sale is not None and sale.amount and self._on_sale(row) and _is_less(sale, full):
            return sale, full
        if full is not None and old is not None and _is_less(full, old):
            return full, old
        return full, None

    def _price(self, name: ProductField, row: Row) -> Amount | None:
        text = self._cell(name, row)
        if not text:
            return None
        found: Amount = _expecting(
            name, text, lambda: price(text, self._feed.currency, self._decimal)
        )
        return found

    def _on_sale(self, row: Row) -> bool:
        start, end = self._cell("sale_from", row), self._cell("sale_to", row)
        if period := self._cell("sale_period", row):
            start, slash, end = (part.strip() for part in period.partition("/"))
            if not slash:
                raise _bad("sale_period", period, "two instants with / between them")
        begun = not start or _instant("sale_from", start) <= self._at
        return begun and not (end and _instant("sale_to", end, last=True) <= self._at)

    def _link(self, row: Row) -> str | None:
        link = self._cell("link", row)
        if not link:
            return None
        if _WHOLE_ADDRESS.match(link):
            return link
        prefix = self._feed.link_prefix
        if prefix is None:
            raise _bad("link", link, "a whole address, or the feed's link_prefix before it")
        return prefix + link.removeprefix("/" if prefix.endswith("/") else "")

    def _category(self, row: Row) -> str | None:
        columns = self._mapped.fields["category"]
        text = _clean(self._cell("category", row), "category")
        if any(plain(column) == "categories" for column in columns):
            text = re.split(r"(?<!\\), ?", text)[0].replace("\\,", ",")
        return text or None

    def _stocked(self, row: Row) -> Stocked | None:
        fields = self._mapped.fields
        if not fields.keys() & {"stock", "availability"}:
            return None
        count, available = None, None
        if text := self._cell("stock", row):
            count = _expecting("stock", text, lambda: _count(text))
        if text := self._cell("availability", row):
            available = availability(text)
            if available is None:
                raise _bad("availability", text, "in_stock, out_of_stock, preorder or backorder")
        return Stocked(count, available)

    def _attribute(self, name: str, cell: Cell) -> Any:
        """None for one that is empty."""
        kind = self._types.product.get(name)
        text = _one(cell)
        if not text:
            return None
        where = f"attributes.{name}"
        match kind:
            case FactType.NUMBER:
                value = _expecting(where, text, lambda: number(text, self._decimal))
                return int(value) if value == value.to_integral_value() else float(value)
            case FactType.MONEY:
                return _expecting(
                    where, text, lambda: price(text, self._feed.currency, self._decimal)
                )
            case FactType.BOOLEAN:
                said = availability(text)
                if said is None:
                    raise _bad(where, text, "true or false")
                return said
            case FactType.TEXTS:
                return _several(cell)
            case FactType.LOCALISED:
                return {self._feed.locale or ANY: _short(_clean(text, where))}
            case _:
                return _short_address(text) if "://" in text[:10] else _short(_clean(text, where))


def _is_less(amount: Amount, other: Amount | None) -> bool:
    """Also where there is no other."""
    return other is None or (amount.currency == other.currency and amount.amount < other.amount)


def _expecting(where: str, text: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ValueExpectedError as error:
        raise _bad(where, text, str(error)) from error


def _bad(where: str, value: Any, expected: str) -> ProblemError:
    told = value[:200] if isinstance(value, str) else str(value)
    return invalid([BadField(where, told, expected)])


def _one(cell: Cell) -> str:
    """The first of several."""
    if isinstance(cell, tuple):
        cell = next((one for one in cell if one.strip()), "")
    return cell.strip()


def _several(cell: Cell) -> tuple[str, ...]:
    parts = cell if isinstance(cell, tuple) else re.split(r"[,|]", cell)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _clean(text: str, where: str) -> str:
    """Raises ProblemError for a text of which some was lost."""
    if _REPLACED in text:
        raise _bad(where, text, "text in the encoding of the rest (encoding)")
    return text


def _short(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - 1].rstrip() + "…"


def _short_address(text: str) -> str | None:
    """The first of several; None if it is too long, for a part of it leads nowhere."""
    first = _NEXT_ADDRESS.split(text)[0]
    return first if len(first) <= min(LONGEST_TEXT, LONGEST) else None


def _count(text: str) -> int:
    """A stock below zero is oversold: none is left."""
    value = number(text, ".")
    if value != value.to_integral_value() or value > MOST_STOCK:
        raise ValueExpectedError(f"a whole number up to {MOST_STOCK}")
    return max(0, int(value))


def _instant(where: str, text: str, *, last: bool = False) -> datetime:
    """A day without a time begins, or if it is the `last` one ends, in UTC."""
    try:
        if len(text) == len("2026-01-31"):
            midnight = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return midnight + timedelta(days=1) if last else midnight
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise _bad(where, text, "an instant such as 2026-01-31T10:00+02:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return type(one) is type(other) and bool(one == other)
