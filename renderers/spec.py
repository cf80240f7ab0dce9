"""The drawing spec of a canvas: what a designer makes once and a thousand people see.

Lengths are CSS pixels from the top left corner; `scale` tells how many real pixels one CSS pixel
gets. Layers are drawn in order.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    model_validator,
)

from renderers.fonts import Font
from renderers.template import Templated

MOST_PIXELS = 4_000_000
MOST_PAINTED = 8 * MOST_PIXELS

COLOUR = r"^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$"
OPAQUE_COLOUR = r"^#[0-9A-Fa-f]{6}$"
PICTURE_ID = r"[0-9a-f]{32}"
PICTURE_SOURCE = rf"^({PICTURE_ID}|\{{\{{ *offer\.picture *\}}\}})$"

Length = Annotated[int, Field(ge=1, le=2000)]
Offset = Annotated[int, Field(ge=-2000, le=2000)]
Colour = Annotated[
    str,
    StringConstraints(pattern=COLOUR),
    Field(examples=["#1B2A49", "#FFFFFF80"]),
]
OpaqueColour = Annotated[Colour, StringConstraints(pattern=OPAQUE_COLOUR)]
FontName = Literal["regular", "semibold", "display", "serif"]
OFFER_PICTURE = "{{ offer.picture }}"


def _picture(text: str) -> str:
    return OFFER_PICTURE if text.replace(" ", "") == OFFER_PICTURE.replace(" ", "") else text


PictureSource = Annotated[
    str,
    StringConstraints(pattern=PICTURE_SOURCE),
    AfterValidator(_picture),
    Field(examples=["0123456789abcdef0123456789abcdef", OFFER_PICTURE]),
]
"""The id of an uploaded picture, or the offered product's."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Gradient(Part):
    """From one colour to another, `down` the canvas or to the `right`."""

    start: OpaqueColour
    end: OpaqueColour
    towards: Literal["down", "right"] = "down"


class Box(Part):
    x: Offset
    y: Offset
    width: Length
    height: Length


class PictureLayer(Box):
    """A picture that fills its box (`cover`, what stands over is cropped evenly) or fits in it
    (`contain`)."""

    kind: Literal["picture"]
    picture: PictureSource
    fit: Literal["cover", "contain"] = "cover"
    radius: Annotated[int, Field(ge=0, le=1000)] = 0


class ShapeLayer(Box):
    """A rectangle; with a radius of half its height a pill, of half its side a circle."""

    kind: Literal["shape"]
    colour: Colour
    radius: Annotated[int, Field(ge=0, le=1000)] = 0


class TextLayer(Box):
    """Text, wrapped, and shrunk from `size` down to `smallest` until it fits its box; what does
    not fit even then ends with an ellipsis. `balance` makes the lines about equally long."""

    kind: Literal["text"]
    text: Templated
    font: FontName = "regular"
    size: Annotated[int, Field(ge=6, le=400)]
    smallest: Annotated[int, Field(ge=6, le=400)] = 10
    colour: Colour = "#000000"
    align: Literal["left", "centre", "right"] = "left"
    valign: Literal["top", "middle", "bottom"] = "top"
    line_height: Annotated[float, Field(ge=0.8, le=3)] = 1.25
    balance: bool = False

    @property
    def typeface(self) -> Font:
        return Font[self.font.upper()]


Layer = Annotated[PictureLayer | ShapeLayer | TextLayer, Discriminator("kind")]


class Canvas(Part):
    width: Length
    height: Length
    scale: Literal[1, 2, 3] = 1
    background: OpaqueColour | Gradient = "#FFFFFF"
    layers: tuple[Layer, ...] = Field(default=(), max_length=60)

    @model_validator(mode="after")
    def _small_enough(self) -> Self:
        pixels = self.width * self.height * self.scale**2
        if pixels > MOST_PIXELS:
            raise ValueError(f"a picture has at most {MOST_PIXELS} pixels, this one {pixels}")
        sizes = [layer.width * layer.height * self.scale**2 for layer in self.layers]
        if max(sizes, default=0) > MOST_PIXELS:
            raise ValueError(f"a layer has at most {MOST_PIXELS} pixels, one has {max(sizes)}")
        if sum(sizes) > MOST_PAINTED:
            raise ValueError(f"the layers have at most {MOST_PAINTED} pixels, these {sum(sizes)}")
        return self
