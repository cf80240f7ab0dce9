"""The drawing specs: what a designer makes once and a thousand people see.

Lengths are CSS pixels from the top left corner; `scale` tells how many real pixels one CSS pixel
gets. Layers are drawn in order.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, model_validator

from renderers.fields import (
    MOST_FALLBACK_FONTS,
    AssetId,
    Colour,
    Gradient,
    Length,
    OpaqueColour,
    Part,
    Radius,
    TextBox,
    overlap,
)
from renderers.layers.avatar import AvatarLayer
from renderers.layers.badge import BadgeLayer
from renderers.layers.chart import ChartLayer
from renderers.layers.code import CodeLayer
from renderers.layers.picture import PictureLayer
from renderers.layers.price import PriceLayer
from renderers.layers.progress import ProgressLayer, StepsLayer
from renderers.layers.rating import RatingLayer
from renderers.layers.shape import ShapeLayer
from renderers.layers.text import TextLayer
from renderers.localised import PLAIN_TEXT_TOO, Locale
from renderers.template import parse

MOST_PIXELS = 4_000_000
MOST_PAINTED = 4 * MOST_PIXELS
MOST_WRITTEN = 10_000
"""Characters of all texts of a canvas in one language."""
MOST_LAYERS = 60

AnyLayer = Annotated[
    PictureLayer
    | ShapeLayer
    | TextLayer
    | RatingLayer
    | ProgressLayer
    | StepsLayer
    | PriceLayer
    | BadgeLayer
    | CodeLayer
    | ChartLayer
    | AvatarLayer,
    Discriminator("kind"),
]


class Canvas(Part):
    """Layers on a background. `fallback_fonts` are uploaded fonts for what a text's own lacks."""

    width: Length
    height: Length
    scale: Literal[1, 2, 3] = 1
    background: OpaqueColour | Gradient = "#FFFFFF"
    fallback_fonts: tuple[AssetId, ...] = Field(default=(), max_length=MOST_FALLBACK_FONTS)
    layers: tuple[AnyLayer, ...] = Field(default=(), max_length=MOST_LAYERS)

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
        written = sum(max(map(len, texts.values())) for one in self.layers for texts in one.texts)
        if written > MOST_WRITTEN:
            raise ValueError(f"the texts have at most {MOST_WRITTEN} characters, these {written}")
        return self

    @property
    def fonts(self) -> Iterable[str]:
        """The fonts that its texts ask for."""
        yield from self.fallback_fonts
        for layer in self.layers:
            yield from layer.fonts


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
"""A text, or one for each language, that may show its number."""


class UnitLabel(TextBox):
    """What stands beside a number, in the form that goes with it; without a text the unit's name
    in the reader's language."""

    text: LabelText | None = None
    align: Literal["start", "left", "centre", "right"] = "centre"


class CountdownUnit(TextBox):
    """The number of a unit, in two digits or more, on a `tile` if that has a colour."""

    unit: Unit
    align: Literal["start", "left", "centre", "right"] = "centre"
    valign: Literal["top", "middle", "bottom"] = "middle"
    tile: Colour | None = None
    radius: Radius = 0
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
    def fonts(self) -> Iterable[str]:
        """The fonts that it asks for."""
        yield from (*self.face.fonts, *self.expired.fonts)
        for unit in self.units:
            yield from (unit.font, *((unit.label.font,) if unit.label else ()))

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
