"""What drawing specs are made of: lengths, colours, boxes and letters.

Lengths are CSS pixels; x and y are from the top left corner.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

COLOUR = r"^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$"
OPAQUE_COLOUR = r"^#[0-9A-Fa-f]{6}$"
ASSET_ID = r"[0-9a-f]{32}"
"""An uploaded picture's, or font's: it names the content."""

MOST_LENGTH = 2000
Length = Annotated[int, Field(ge=1, le=MOST_LENGTH)]
Offset = Annotated[int, Field(ge=-MOST_LENGTH, le=MOST_LENGTH)]
Radius = Annotated[int, Field(ge=0, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
Colour = Annotated[
    str,
    StringConstraints(pattern=COLOUR),
    Field(examples=["#1B2A49", "#FFFFFF80"]),
]
OpaqueColour = Annotated[Colour, StringConstraints(pattern=OPAQUE_COLOUR)]

AssetId = Annotated[str, StringConstraints(pattern=rf"^{ASSET_ID}$")]
ShippedFont = Literal["regular", "semibold", "display", "serif"]
FontName = ShippedFont | AssetId
"""A shipped font, or the id of an uploaded one."""
MOST_FALLBACK_FONTS = 4


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Gradient(Part):
    """From one colour to another, `down` or to the `right`."""

    start: OpaqueColour
    end: OpaqueColour
    towards: Literal["down", "right"] = "down"


class Box(Part):
    x: Offset
    y: Offset
    width: Length
    height: Length


FontSize = Annotated[int, Field(ge=6, le=400)]


class TextBox(Box):
    """How a text is set: wrapped, and shrunk from `size` down to `smallest` until it fits its box;
    what does not fit even then ends with an ellipsis. `balance` makes the lines about equally
    long; `letter_spacing` is in ems; `start` is left, or right for a text that reads from right to
    left."""

    font: FontName = "regular"
    size: FontSize
    smallest: FontSize = 10
    colour: Colour = "#000000"
    align: Literal["start", "left", "centre", "right"] = "start"
    valign: Literal["top", "middle", "bottom"] = "top"
    line_height: Annotated[float, Field(ge=0.8, le=3)] = 1.25
    letter_spacing: Annotated[float, Field(ge=-0.2, le=2)] = 0
    balance: bool = False


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two boxes (left, top, right, bottom) have a part in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _without_spaces(text: str) -> str:
    return "".join(text.split())


OFFER_PICTURE = "{{ offer.picture }}"
_ID = r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}"
_OF_CART = r"cart\.([1-9]|10)(\.instead)?"
_OF_PRODUCT = rf"product\[ *(\'{_ID}\'|\"{_ID}\") *\]"
PICTURE_SOURCE = rf"^({ASSET_ID}|\{{\{{ *(offer|{_OF_PRODUCT}|{_OF_CART})\.picture *\}}\}})$"


def _picture(text: str) -> str:
    return text if "{" not in text else f"{{{{ {_without_spaces(text).strip('{}')} }}}}"


PictureSource = Annotated[
    str,
    StringConstraints(pattern=PICTURE_SOURCE),
    AfterValidator(_picture),
    Field(examples=["0123456789abcdef0123456789abcdef", OFFER_PICTURE]),
]
"""The id of an uploaded picture, or a product's: `{{ offer.picture }}`,
`{{ product['vip-trip'].picture }}`, `{{ cart.1.picture }}`."""
