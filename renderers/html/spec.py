"""The spec of a block as HTML: what is written live instead of drawn.

Lengths are CSS pixels. Elements stand under each other, in order; a spacer is the only distance
between them.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Field

from renderers.fields import Length, OpaqueColour, Part
from renderers.template import Templated

STACKS = {
    "arial": "Arial,Helvetica,sans-serif",
    "verdana": "Verdana,Geneva,sans-serif",
    "tahoma": "Tahoma,Geneva,sans-serif",
    "trebuchet": "Trebuchet MS,Tahoma,sans-serif",
    "georgia": "Georgia,Times New Roman,serif",
    "times": "Times New Roman,Times,serif",
    "courier": "Courier New,Courier,monospace",
}
"""Fonts that are on every reader's machine, each with what stands in for it."""

FontName = Literal["arial", "verdana", "tahoma", "trebuchet", "georgia", "times", "courier"]
Align = Literal["start", "left", "centre", "right"]
"""`start` is where a line of the language begins."""
Space = Annotated[int, Field(ge=0, le=100)]
Radius = Annotated[int, Field(ge=0, le=100)]


class Lettering(Part):
    """A text and how it is set; `line_height` is a multiple of the size."""

    text: Templated
    font: FontName = "arial"
    size: Annotated[int, Field(ge=8, le=96)] = 16
    colour: OpaqueColour = "#1F2328"
    align: Align = "start"
    bold: bool = False
    italic: bool = False
    line_height: Annotated[float, Field(ge=1, le=3)] = 1.5
    letter_spacing: Annotated[float, Field(ge=-2, le=20)] = 0


class Heading(Lettering):
    """A heading, which screen readers find by its level."""

    kind: Literal["heading"]
    level: Literal[1, 2, 3, 4, 5, 6] = 2
    size: Annotated[int, Field(ge=8, le=96)] = 28
    bold: bool = True
    line_height: Annotated[float, Field(ge=1, le=3)] = 1.2


class Paragraph(Lettering):
    kind: Literal["text"]


class Button(Lettering):
    """A link that looks like a button, at least as high as `height`; `padding` is what stands
    beside its text, unless it is `wide`: then it fills its row. `align` places it."""

    kind: Literal["button"]
    colour: OpaqueColour = "#FFFFFF"
    background: OpaqueColour = "#1B2A49"
    bold: bool = True
    line_height: Annotated[float, Field(ge=1, le=3)] = 1.25
    height: Annotated[int, Field(ge=20, le=100)] = 44
    padding: Space = 28
    radius: Radius = 6
    wide: bool = False


class Picture(Part):
    """The block's own picture, linked. It is as wide as there is room for, but never wider than it
    is drawn; with `bleed` it goes over the padding to the edges."""

    kind: Literal["picture"]
    width: Length | None = None
    align: Align = "centre"
    radius: Radius = 0
    bleed: bool = False


class Rule(Part):
    """A line from side to side."""

    kind: Literal["rule"]
    colour: OpaqueColour = "#D8DCE3"
    thickness: Annotated[int, Field(ge=1, le=20)] = 1


class Spacer(Part):
    kind: Literal["spacer"]
    height: Annotated[int, Field(ge=1, le=400)] = 16


Single = Annotated[Heading | Paragraph | Button | Picture | Rule | Spacer, Discriminator("kind")]


class Column(Part):
    """A part of a row; `share` is how much of its width it gets."""

    elements: Annotated[tuple[Single, ...], Field(min_length=1, max_length=12)]
    share: Annotated[int, Field(ge=1, le=12)] = 1
    valign: Literal["top", "middle", "bottom"] = "top"
    background: OpaqueColour | None = None
    padding: Space = 0
    radius: Radius = 0


class Columns(Part):
    """Two or three columns side by side, on phones too."""

    kind: Literal["columns"]
    columns: Annotated[tuple[Column, ...], Field(min_length=2, max_length=3)]
    gap: Space = 16


Element = Annotated[
    Heading | Paragraph | Button | Picture | Rule | Spacer | Columns, Discriminator("kind")
]


class HtmlBlock(Part):
    """A block as HTML; as wide as the block's pictures where it has no `width` of its own. Where
    there is less room it gets narrower."""

    width: Length | None = None
    background: OpaqueColour | None = None
    border: OpaqueColour | None = None
    padding: Space = 0
    radius: Radius = 0
    elements: Annotated[tuple[Element, ...], Field(min_length=1, max_length=30)]

    @property
    def texts(self) -> Iterator[dict[str, str]]:
        """Every text, by language."""
        for element in self.elements:
            parts = element.columns if isinstance(element, Columns) else ()
            for one in (element, *(inner for column in parts for inner in column.elements)):
                if isinstance(one, Lettering):
                    yield one.text


LINKED_PICTURE = HtmlBlock(elements=(Picture(kind="picture"),))
"""What a block without a spec is."""
