"""Codes that machines read: QR, EAN and Code 128."""

from collections.abc import Iterable, Mapping
from typing import Literal, Self

from pydantic import ValidationInfo, model_validator

from renderers import codes
from renderers.coverage import rounded
from renderers.fields import Colour, OpaqueColour
from renderers.layers.layer import Layer
from renderers.pen import Pen
from renderers.reader import Content, Reader
from renderers.template import ALLOWED_VALUES, Templated, parse


class CodeLayer(Layer):
    """A code of a text, as large as whole pixels a module let it be, with the quiet zone that its
    kind needs. A text without values is checked when it is saved."""

    kind: Literal["code"]
    code: codes.Kind
    text: Templated
    level: codes.Level = "medium"
    colour: Colour = "#000000"
    background: OpaqueColour = "#FFFFFF"

    @model_validator(mode="after")
    def _can_be_drawn(self, info: ValidationInfo) -> Self:
        allowed = (info.context or {}).get(ALLOWED_VALUES)
        for text in self.text.values() if allowed else ():
            if not parse(text, allowed).paths:
                width, height = codes.smallest(self.code, text, self.level)
                if width > self.width or height > self.height:
                    raise ValueError(
                        f"the code needs at least {width} x {height}, its box is"
                        f" {self.width} x {self.height}"
                    )
        return self

    @property
    def texts(self) -> Iterable[Mapping[str, str]]:
        return (self.text,)

    def content(self, reader: Reader) -> Content:
        return (codes.check(self.code, reader.text(self.text, codes.MOST_CHARACTERS), self.level),)

    def paint(self, pen: Pen, content: Content) -> None:
        area = pen.area(self)
        coverage = codes.draw(self.code, content[0], *area.size, self.level)
        pen.paint(area, self.background, rounded(area.size, 0))
        pen.paint(area, self.colour, coverage)
