"""Texts, with parts that look otherwise than the rest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from renderers.fields import Colour, FontName, Part, TextBox
from renderers.layers.layer import Layer
from renderers.pen import Pen
from renderers.reader import Content, Reader
from renderers.template import Templated
from renderers.text.fit import Letters

_NAME = "[a-z][a-z0-9_]{0,19}"
STYLE_NAME = f"^{_NAME}$"
StyleName = Annotated[str, StringConstraints(pattern=STYLE_NAME)]
_TAG = re.compile(f"<(/?)({_NAME})>")
MOST_STYLES = 8


class TextStyle(Part):
    """How a part of a text differs from the rest; `size` is a part of the text's own."""

    font: FontName | None = None
    colour: Colour | None = None
    size: Annotated[float, Field(ge=0.3, le=3)] = 1
    strike: bool = False
    underline: bool = False


class TextLayer(TextBox, Layer):
    """A text. With a style `strong`, `Only <strong>7</strong> seats` shows the 7 in it; a value is
    never a tag."""

    kind: Literal["text"]
    text: Templated
    styles: dict[StyleName, TextStyle] = Field(default_factory=dict, max_length=MOST_STYLES)

    @property
    def texts(self) -> Iterable[Mapping[str, str]]:
        return (self.text,)

    @property
    def fonts(self) -> Iterable[str]:
        return (self.font, *(style.font for style in self.styles.values() if style.font))

    def content(self, reader: Reader) -> Content:
        """Texts, and before each the name of its style."""
        if not self.styles:
            return "", reader.text(self.text)
        content: list[str] = []
        style = ""
        for text, is_value in reader.parts(self.text):
            begin = 0
            for tag in () if is_value else _TAG.finditer(text):
                closing, name = tag.groups()
                if name in self.styles:
                    content += style, text[begin : tag.start()]
                    style, begin = "" if closing else name, tag.end()
            content += style, text[begin:]
        return tuple(content)

    def paint(self, pen: Pen, content: Content) -> None:
        area = pen.area(self)
        style = pen.style(self, area)
        if not self.styles:
            pen.write(area, ((content[1], 0),), style)
            return
        numbers = {"": 0}
        letters = [*style.letters]
        for name, other in self.styles.items():
            numbers[name] = len(letters)
            letters.append(
                Letters(
                    fonts=pen.faces(other.font or self.font),
                    colour=other.colour or self.colour,
                    ratio=other.size,
                    strike=other.strike,
                    underline=other.underline,
                )
            )
        spans = [
            (text, numbers[name])
            for name, text in zip(content[::2], content[1::2], strict=True)
            if text
        ]
        pen.write(area, spans, replace(style, letters=tuple(letters)))
