"""Rectangles, pills and circles, in a colour or a gradient."""

from typing import Literal

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
        pen.paint(area, self.border.colour, rounded(area.size, radius))
        width, height = area.width - 2 * wide, area.height - 2 * wide
        if width > 0 and height > 0:
            inside = area.within(wide, wide, width, height)
            pen.paint(inside, self.colour, rounded(inside.size, max(0, radius - wide)))
