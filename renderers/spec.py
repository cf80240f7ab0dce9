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
from renderers.localised import PLAIN_TEXT_TOO, Locale
from renderers.template import Templated, parse

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


class TextBox(Box):
    """How a text is set: wrapped, and shrunk from `size` down to `smallest` until it fits its box;
    what does not fit even then ends with an ellipsis. `balance` makes the lines about equally
    long."""

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


class TextLayer(TextBox):
    kind: Literal["text"]
    text: Templated


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


UNIT_SECONDS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
Unit = Literal["days", "hours", "minutes", "seconds"]
MOST_FRAMES = 120


LABEL_VALUE = "value"
"""The name under which a unit's label finds its number."""


def is_label_value(path: str) -> bool:
    return path == LABEL_VALUE


def _label(source: str) -> str:
    parse(source, is_label_value)
    return source


LabelText = Annotated[
    dict[Locale, Annotated[str, Field(max_length=200), AfterValidator(_label)]],
    Field(min_length=1, max_length=40, examples=["{{ value | plural(one='day', other='days') }}"]),
    PLAIN_TEXT_TOO,
]


class UnitLabel(TextBox):
    """What stands beside a number, in the form that goes with it; without a text the unit's name
    in the reader's language."""

    text: LabelText | None = None
    align: Literal["left", "centre", "right"] = "centre"


class CountdownUnit(TextBox):
    """The number of a unit, in two digits or more, on a `tile` if that has a colour."""

    unit: Unit
    align: Literal["left", "centre", "right"] = "centre"
    valign: Literal["top", "middle", "bottom"] = "middle"
    tile: Colour | None = None
    radius: Annotated[int, Field(ge=0, le=1000)] = 0
    label: UnitLabel | None = None

    @property
    def area(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of all that changes with it."""
        boxes = [self, self.label] if self.label else [self]
        return (
            min(box.x for box in boxes),
            min(box.y for box in boxes),
            max(box.x + box.width for box in boxes),
            max(box.y + box.height for box in boxes),
        )


class Countdown(Part):
    """An animated clock on a `face`, which is the same for all people. It counts `down` to an
    instant or `up` from it, a frame for each second, or each minute if it shows no seconds; when
    it is over, `expired` is shown. The largest unit holds what is over: 49 hours, if there are no
    days."""

    face: Canvas
    expired: Canvas
    units: Annotated[tuple[CountdownUnit, ...], Field(min_length=1, max_length=4)]
    direction: Literal["down", "up"] = "down"
    frames: Annotated[int, Field(ge=1, le=MOST_FRAMES)] = 60

    @property
    def step(self) -> int:
        """Seconds from one frame to the next."""
        return UNIT_SECONDS[self.units[-1].unit]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        face, expired = self.face, self.expired
        if (face.width, face.height, face.scale) != (expired.width, expired.height, expired.scale):
            raise ValueError("expired is of the same size and scale as the face")
        names = [one.unit for one in self.units]
        if sorted(set(names), key=list(UNIT_SECONDS).index) != names:
            raise ValueError(f"the units are some of {', '.join(UNIT_SECONDS)}, in this order")
        if UNIT_SECONDS[names[-1]] > UNIT_SECONDS["minutes"]:
            raise ValueError("the smallest unit is seconds or minutes")
        for number, one in enumerate(self.units):
            left, top, right, bottom = one.area
            if left < 0 or top < 0 or right > face.width or bottom > face.height:
                raise ValueError(f"{one.unit} stand outside of the face")
            for other in self.units[:number]:
                if overlap(one.area, other.area):
                    raise ValueError(f"{one.unit} and {other.unit} overlap")
        return self


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two boxes (left, top, right, bottom) have a part in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
