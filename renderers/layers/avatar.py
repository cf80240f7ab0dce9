"""Avatars: a person's initials on a colour that is theirs."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field
from uniseg.graphemecluster import grapheme_clusters

from renderers.coverage import rounded
from renderers.fields import Colour, FontName, OpaqueColour, Radius
from renderers.layers.layer import Layer
from renderers.pen import Pen
from renderers.reader import Content, Reader
from renderers.template import Templated
from renderers.text.fit import Letters, Style

_HEIGHT = 0.42
"""Of letters, to the avatar's height."""


class AvatarLayer(Layer):
    """The first letters of a name's first and last words. The same name has always the same of the
    `colours`, in each of which `colour` must be readable."""

    kind: Literal["avatar"]
    name: Templated
    colours: Annotated[tuple[OpaqueColour, ...], Field(min_length=1, max_length=20)] = (
        "#1F5FA8",
        "#8A3FA0",
        "#1F7A4D",
        "#A8471F",
        "#44546A",
        "#A61E4D",
    )
    colour: Colour = "#FFFFFF"
    font: FontName = "semibold"
    radius: Radius = 1000

    @property
    def texts(self) -> Iterable[Mapping[str, str]]:
        return (self.name,)

    @property
    def fonts(self) -> Iterable[str]:
        return (self.font,)

    def content(self, reader: Reader) -> Content:
        """The initials and the colour."""
        name = " ".join(reader.text(self.name).split())
        digest = hashlib.blake2b(name.encode(), digest_size=4).digest()
        colour = self.colours[int.from_bytes(digest, "big") * len(self.colours) >> 32]
        return initials(name), colour

    def paint(self, pen: Pen, content: Content) -> None:
        letters, colour = content
        area = pen.area(self)
        pen.paint(area, colour, rounded(area.size, self.radius * pen.scale))
        size = max(1, round(area.height * _HEIGHT))
        style = Style(
            letters=(Letters(pen.faces(self.font), self.colour),),
            size=size,
            smallest=max(1, size // 2),
            width=area.width,
            height=area.height,
            align="centre",
            valign="middle",
            language=pen.language,
        )
        pen.write(area, ((letters, 0),), style)


def initials(name: str) -> str:
    """`MO` of `Märt Ots`; one letter of a single word."""
    words = name.split()
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(next(iter(grapheme_clusters(word))).upper() for word in ends)
