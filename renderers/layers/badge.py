"""Badges: a few words on a patch of colour that is as large as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from renderers.coverage import polygon, rounded, star
from renderers.fields import Colour, Radius, TextBox
from renderers.layers.layer import Layer
from renderers.pen import Area, Pen
from renderers.reader import Content, Reader
from renderers.template import Templated
from renderers.text.fit import Style, fit

_BURST = star(16, 0.88)
_BURST_ROOM = 0.66
"""The part of a burst's sides that a text has."""


class BadgeLayer(TextBox, Layer):
    """A text on a `pill` that hugs it, or on a `burst` that fills the box. Where the text is empty
    there is no badge."""

    kind: Literal["badge"]
    text: Templated
    background: Colour
    shape: Literal["pill", "burst"] = "pill"
    radius: Radius = 1000
    padding: Annotated[int, Field(ge=0, le=200)] = 10
    align: Literal["start", "left", "centre", "right"] = "left"

    @property
    def texts(self) -> Iterable[Mapping[str, str]]:
        return (self.text,)

    @property
    def fonts(self) -> Iterable[str]:
        return (self.font,)

    def content(self, reader: Reader) -> Content:
        return (reader.text(self.text),)

    def paint(self, pen: Pen, content: Content) -> None:
        spans, area = ((content[0], 0),), pen.area(self)
        if not content[0].strip():
            return
        if self.shape == "burst":
            side = min(area.size)
            patch = _placed(area, side, side, "centre", "middle")
            pen.paint(patch, self.background, polygon(patch.size, _BURST))
            within = max(1, round(side * _BURST_ROOM))
            room = _placed(patch, within, within, "centre", "middle")
            pen.write(room, spans, self._style(pen, room))
            return
        edge = self.padding * pen.scale
        room = Area(0, 0, max(1, area.width - 2 * edge), max(1, area.height - edge))
        setting = fit(spans, self._style(pen, room))
        wide = min(area.width, ceil(setting.width) + 2 * edge)
        high = min(area.height, setting.height + edge)
        patch = _placed(area, wide, high, self.align, self.valign)
        pen.paint(patch, self.background, rounded(patch.size, self.radius * pen.scale))
        lines = "\n".join(line.text for line in setting.lines)
        size = setting.size.pixels
        style = replace(self._style(pen, patch), size=size, smallest=size, balance=False)
        pen.write(patch, ((lines, 0),), style)

    def _style(self, pen: Pen, area: Area) -> Style:
        return replace(pen.style(self, area), align="centre", valign="middle")


def _placed(area: Area, width: int, height: int, align: str, valign: str) -> Area:
    """A part of an area, of a size, where it is aligned."""
    right, down = area.width - width, area.height - height
    left = {"centre": right // 2, "right": right}.get(align, 0)
    top = {"middle": down // 2, "bottom": down}.get(valign, 0)
    return area.within(left, top, width, height)
