"""Small charts: how something went, at a glance."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from renderers.coverage import Point, line, polygon, rounded
from renderers.fields import Colour, Radius
from renderers.layers.layer import Layer
from renderers.pen import Area, Pen
from renderers.reader import Content, Reader
from renderers.template import TemplatedNumber

_DOT = 3
"""How many times as wide as the line the dot at its end is."""


class ChartLayer(Layer):
    """`bars` from zero up or down, or a `line` with a dot at its end, which may be `filled` below.
    The last value is drawn in another colour if there is a `last_colour`."""

    kind: Literal["chart"]
    chart: Literal["bars", "line"] = "bars"
    values: Annotated[tuple[TemplatedNumber, ...], Field(min_length=1, max_length=60)]
    colour: Colour = "#1F5FA8"
    last_colour: Colour | None = None
    gap: Annotated[int, Field(ge=0, le=100)] = 3
    radius: Radius = 2
    thick: Annotated[int, Field(ge=1, le=20)] = 2
    filled: Colour | None = None

    @property
    def needed(self) -> Iterable[str | float]:
        return self.values

    @property
    def numbers(self) -> Iterable[str | float]:
        return self.values

    def content(self, reader: Reader) -> Content:
        return tuple(repr(reader.number(value)) for value in self.values)

    def paint(self, pen: Pen, content: Content) -> None:
        exact = [float(number) for number in content]
        largest = max(map(abs, exact)) or 1
        # From -1 to 1, for the way from the least to the most of floats is beyond them.
        numbers = [number / largest for number in exact]
        if self.chart == "bars":
            self._bars(pen, pen.area(self), numbers)
        else:
            self._line(pen, pen.area(self), numbers)

    def _bars(self, pen: Pen, area: Area, numbers: list[float]) -> None:
        highest, lowest = max(*numbers, 0), min(*numbers, 0)
        span = (highest - lowest) or 1
        gap = min(self.gap * pen.scale, area.width // (2 * len(numbers)))
        zero = round(area.height * highest / span)
        for number, value in enumerate(numbers):
            left = round(number * (area.width + gap) / len(numbers))
            right = round((number + 1) * (area.width + gap) / len(numbers)) - gap
            end = round(area.height * (highest - value) / span)
            top, bottom = min(zero, end), max(zero, end)
            if right <= left or bottom <= top:
                continue
            bar = area.within(left, top, right - left, bottom - top)
            shape = rounded(bar.size, self.radius * pen.scale)
            pen.paint(bar, self._colour(number, numbers), shape)

    def _line(self, pen: Pen, area: Area, numbers: list[float]) -> None:
        thick = self.thick * pen.scale
        room = thick * _DOT / 2
        left, top = room / area.width, room / area.height
        points = tuple(
            (left + x * max(0, 1 - 2 * left), top + y * max(0, 1 - 2 * top))
            for x, y in _corners(numbers)
        )
        if self.filled is not None:
            below: tuple[Point, ...] = (*points, (points[-1][0], 1), (points[0][0], 1))
            pen.paint(area, self.filled, polygon(area.size, below))
        pen.paint(area, self.colour, line(area.size, points, thick))
        side = min(thick * _DOT, *area.size)
        x, y = (
            min(max(0, round(place * whole - side / 2)), whole - side)
            for place, whole in zip(points[-1], area.size, strict=True)
        )
        dot = area.within(x, y, side, side)
        pen.paint(dot, self._colour(len(numbers) - 1, numbers), rounded(dot.size, side))

    def _colour(self, number: int, numbers: list[float]) -> str:
        is_last = number == len(numbers) - 1
        return self.last_colour if is_last and self.last_colour else self.colour


def _corners(numbers: list[float]) -> Iterable[Point]:
    """Where the values are, in parts of width and height."""
    highest, lowest = max(numbers), min(numbers)
    for number, value in enumerate(numbers):
        across = number / (len(numbers) - 1) if len(numbers) > 1 else 1
        yield across, (highest - value) / (highest - lowest) if highest > lowest else 0.5
