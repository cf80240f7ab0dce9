"""Prices, with the old one struck out."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from renderers.fields import Colour, FontName, TextBox
from renderers.layers.layer import Layer
from renderers.pen import Pen
from renderers.reader import Content, Reader, as_number
from renderers.template import (
    MissingValueError,
    TemplatedValue,
    Value,
    parse_locale,
    write_money,
    write_number,
)
from renderers.text.fit import Letters

_APART = "\u2002"
"""Between the two: half an em, and no place to break a line."""


class PriceLayer(TextBox, Layer):
    """A price, and where it is lower than the `old` one, that in lines or beside it, struck out.
    `old_size` is a part of the price's."""

    kind: Literal["price"]
    price: TemplatedValue
    old: TemplatedValue | None = None
    old_colour: Colour = "#5B6472"
    old_font: FontName = "regular"
    old_size: Annotated[float, Field(ge=0.3, le=1)] = 0.6
    old_place: Literal["before", "after", "above", "below"] = "after"

    @property
    def needed(self) -> Iterable[str | float]:
        return (self.price,)

    @property
    def optional(self) -> Iterable[str | float]:
        return (self.old,) if self.old else ()

    @property
    def numbers(self) -> Iterable[str | float]:
        return *self.needed, *self.optional

    @property
    def fonts(self) -> Iterable[str]:
        return self.font, self.old_font

    def content(self, reader: Reader) -> Content:
        """The price, and the old one, which is empty where there is none to tell."""
        price = reader.value(self.price)
        if as_number(price) is None:
            raise MissingValueError(self.price)
        return _written(price, reader.locale), self._old(price, reader)

    def _old(self, price: Value, reader: Reader) -> str:
        if self.old is None:
            return ""
        try:
            old = reader.value(self.old)
        except MissingValueError:
            return ""
        before, now = as_number(old), as_number(price)
        if before is None or now is None or before <= now or _currency(old) != _currency(price):
            return ""
        return _written(old, reader.locale)

    def paint(self, pen: Pen, content: Content) -> None:
        price, old = content
        area = pen.area(self)
        style = pen.style(self, area)
        if not old:
            pen.write(area, ((price, 0),), style)
            return
        struck = Letters(pen.faces(self.old_font), self.old_colour, self.old_size, strike=True)
        gap = ("\n" if self.old_place in ("above", "below") else _APART, 0)
        first, last = (old, 1), (price, 0)
        if self.old_place in ("after", "below"):
            first, last = last, first
        pen.write(area, (first, gap, last), replace(style, letters=(*style.letters, struck)))


def _currency(value: Value) -> str:
    match value:
        case (_, str(currency)):
            return currency
        case _:
            return ""


def _written(value: Value, locale: str) -> str:
    match value:
        case (Decimal() as amount, str(currency)):
            return write_money(amount, currency, parse_locale(locale))
        case _:
            return write_number(value, parse_locale(locale))
