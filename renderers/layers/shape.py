"""Rectangles, pills and circles, in a colour or a gradient."""

from typing import Literal

from PIL import Image, ImageChops

from renderers.coverage import rounded
from renderers.fields import Colour, Gradient, Length, Part, Radius
from renderers.layers.layer import Layer
from renderers.pen import Pen
from renderers.reader import Content, Reader


class Border(Part):
    """A line within the edge of a shape."""

    width: Length
    colour: Colour


class ShapeLayer(Layer):
    """A rectangle; with a radius of half its height a pill, of half its side a circle."""

    kind: Literal["shape"]
    colour: Colour | Gradient
    radius: Radius = 0
    border: Border | None = None

    def content(self, _: Reader) -> Content:
        return ()

    def paint(self, pen: Pen, _: Content) -> None:
        area, radius = pen.area(self), self.radius * pen.scale
        if self.border is None:
            pen.paint(area, self.colour, rounded(area.size, radius))
            return
        wide = self.border.width * pen.scale
        whole = rounded(area.size, radius)
        width, height = area.width - 2 * wide, area.height - 2 * wide
        if width < 1 or height < 1:
            pen.paint(area, self.border.colour, whole)
            return
        inside = area.within(wide, wide, width, height)
        filled = rounded(inside.size, max(0, radius - wide))
        edge = whole if self._is_opaque else _without(whole, filled, wide)
        pen.paint(area, self.border.colour, edge)
        pen.paint(inside, self.colour, filled)

    @property
    def _is_opaque(self) -> bool:
        return isinstance(self.colour, Gradient) or self.colour[7:].upper() in ("", "FF")


def _without(whole: Image.Image, part: Image.Image, edge: int) -> Image.Image:
    """A coverage without a part of it that is so far from its edges."""
    ring = whole.copy()
    around = whole.crop((edge, edge, edge + part.width, edge + part.height))
    ring.paste(ImageChops.subtract(around, part), (edge, edge))
    return ring
