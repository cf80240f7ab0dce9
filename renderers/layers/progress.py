"""How far something is: a bar, or the steps of a way."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from renderers.coverage import line, rounded
from renderers.fields import Colour, FontName, FontSize, Length, Part, Radius
from renderers.layers.layer import Layer, NumberLayer
from renderers.pen import Area, Pen
from renderers.reader import Content, Reader
from renderers.template import Templated, TemplatedValue, is_value
from renderers.text.fit import Letters, Style

_CHECK = ((0.27, 0.52), (0.44, 0.68), (0.74, 0.34))
"""The corners of a check mark, in parts of the dot that it stands on."""
_CHECK_THICK = 0.11
_BAR = 5
"""How many times as large a dot is as the bar between two is thick."""


class ProgressLayer(NumberLayer):
    """A bar that is filled as far as `value` is of `most`."""

    kind: Literal["progress"]
    most: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 100
    colour: Colour = "#1F7A4D"
    track: Colour = "#E2E6EC"
    radius: Radius = 1000

    def content(self, reader: Reader) -> Content:
        share = min(max(reader.number(self.value) / self.most, 0), 1)
        return (f"{share:.4f}",)

    def paint(self, pen: Pen, content: Content) -> None:
        area, radius = pen.area(self), self.radius * pen.scale
        pen.paint(area, self.track, rounded(area.size, radius))
        wide = round(float(content[0]) * area.width)
        if wide:
            # As round as the whole: a little of it is a dot, not a sliver.
            filled = Area(area.left, area.top, max(wide, min(area.height, area.width)), area.height)
            pen.paint(filled, self.colour, rounded(filled.size, radius))


StepName = Annotated[str, StringConstraints(pattern=r"^[^{]", max_length=100)]
"""Never to be taken for a value."""


class Step(Part):
    """A step of a way: the value by which it is known, and what stands below it."""

    id: StepName
    label: Templated | None = None


class StepsLayer(Layer):
    """The steps of a way as dots with bars between them: those that are done and the one that is
    reached are lit. `reached` is the id of a step, or a value that is one; where it is neither, no
    step is reached. A dot is as large as there is room for."""

    kind: Literal["steps"]
    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=8)]
    reached: TemplatedValue | StepName
    dot: Length = 24
    colour: Colour = "#1F7A4D"
    track: Colour = "#D5D9E0"
    mark: Colour = "#FFFFFF"
    font: FontName = "regular"
    reached_font: FontName = "semibold"
    size: FontSize = 14
    smallest: FontSize = 10
    label_colour: Colour = "#1B2A49"

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [step.id for step in self.steps]
        if len(set(names)) < len(names):
            raise ValueError("two steps have the same id")
        if not is_value(self.reached) and self.reached not in names:
            raise ValueError(f"reached is one of {', '.join(names)}, or a value")
        return self

    @property
    def texts(self) -> Iterable[Mapping[str, str]]:
        return [step.label for step in self.steps if step.label]

    @property
    def needed(self) -> Iterable[str | float]:
        return (self.reached,)

    @property
    def fonts(self) -> Iterable[str]:
        return self.font, self.reached_font

    def content(self, reader: Reader) -> Content:
        """The id of the step that is reached, and all labels."""
        reached = str(reader.value(self.reached)) if is_value(self.reached) else self.reached
        return reached, *(reader.text(step.label) if step.label else "" for step in self.steps)

    def paint(self, pen: Pen, content: Content) -> None:
        area, most = pen.area(self), len(self.steps)
        reached, *labels = content
        names = [step.id for step in self.steps]
        at = names.index(reached) if reached in names else -1
        column = area.width // most
        dot = min(self.dot * pen.scale, column, area.height)
        if dot < 1:
            return
        lefts = [column * number + (column - dot) // 2 for number in range(most)]
        thick = max(1, dot // _BAR)
        for number in range(most - 1):
            begin, wide = lefts[number] + dot // 2, lefts[number + 1] - lefts[number]
            bar = area.within(begin, (dot - thick) // 2, wide, thick)
            pen.paint(bar, self.colour if number < at else self.track, rounded(bar.size, 0))
        for number, (left, label) in enumerate(zip(lefts, labels, strict=True)):
            one = area.within(left, 0, dot, dot)
            lit = number <= at
            pen.paint(one, self.colour if lit else self.track, rounded(one.size, dot))
            if lit:
                pen.paint(one, self.mark, line(one.size, _CHECK, dot * _CHECK_THICK))
            font = self.reached_font if number == at else self.font
            below = area.within(column * number, dot, column, area.height - dot)
            self._label(pen, below, label, font)

    def _label(self, pen: Pen, room: Area, label: str, font: str) -> None:
        size = self.size * pen.scale
        width, height = room.width - size // 2, room.height - size // 2
        if not label or width < 1 or height < 1:
            return
        style = Style(
            letters=(Letters(pen.faces(font), self.label_colour),),
            size=size,
            smallest=min(self.smallest, self.size) * pen.scale,
            width=width,
            height=height,
            align="centre",
            language=pen.language,
        )
        pen.write(room.within(size // 4, size // 2, width, height), ((label, 0),), style)
