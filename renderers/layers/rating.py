"""Ratings: a row of stars."""

from typing import Annotated, Literal

from pydantic import Field

from renderers.coverage import polygon, star
from renderers.fields import Colour
from renderers.layers.layer import NumberLayer
from renderers.pen import Area, Pen
from renderers.reader import Content, Reader

STAR = star()


class RatingLayer(NumberLayer):
    """So many stars out of `most`; of a part of a star the left part is lit."""

    kind: Literal["rating"]
    most: Annotated[int, Field(ge=1, le=10)] = 5
    colour: Colour = "#F5A623"
    unlit: Colour = "#D5D9E0"
    gap: Annotated[int, Field(ge=0, le=100)] = 4

    def content(self, reader: Reader) -> Content:
        value = min(max(reader.number(self.value), 0), self.most)
        return (f"{value:.2f}",)

    def paint(self, pen: Pen, content: Content) -> None:
        lit, area, gap = float(content[0]), pen.area(self), self.gap * pen.scale
        side = min(area.height, (area.width - (self.most - 1) * gap) // self.most)
        if side < 1:
            return
        shape = polygon((side, side), STAR)
        for number in range(self.most):
            left = number * (side + gap)
            one = area.within(left, (area.height - side) // 2, side, side)
            pen.paint(one, self.unlit, shape)
            wide = round(min(max(lit - number, 0), 1) * side)
            if wide:
                part = Area(one.left, one.top, wide, side)
                pen.paint(part, self.colour, shape.crop((0, 0, wide, side)))
