"""What is drawn to be measured, and for whom: a countdown, and a card with a name on it."""

from collections.abc import Iterator
from io import BytesIO
from itertools import count, cycle, product
from typing import Any

import orjson
from PIL import Image, ImageOps

from renderers.canvas import Drawing, Filled
from renderers.layers.text import TextLayer
from renderers.paint import paint_layer
from renderers.spec import Canvas, Countdown

NAVY, CREAM, WHITE = "#1B2A49", "#F4EFE6", "#FFFFFF"
DAY = 86_400
DAYS = 20
"""How far off the instants are."""
JPEG_QUALITY = 88


def countdown() -> Countdown:
    units = [
        {
            "unit": unit,
            "x": 90 + 110 * place,
            "y": 70,
            "width": 90,
            "height": 70,
            "font": "display",
            "size": 48,
            "colour": WHITE,
            "tile": NAVY,
            "radius": 10,
            "label": {
                "x": 90 + 110 * place,
                "y": 146,
                "width": 90,
                "height": 26,
                "size": 16,
                "colour": NAVY,
            },
        }
        for place, unit in enumerate(("days", "hours", "minutes", "seconds"))
    ]
    face = {"width": 600, "height": 200, "background": CREAM}
    over = {**face, "background": NAVY}
    spec = {"face": face, "expired": over, "units": units}
    return Countdown.model_validate_json(orjson.dumps(spec))


def moments() -> Iterator[int]:
    """Seconds to go, all over the days and hours: each time others."""
    for seconds in count(3 * DAY, 79_193):
        yield seconds % ((DAYS - 1) * DAY) + 100


PHOTO = "0" * 32
"""The id of the card's photo."""


def card() -> Canvas:
    spec: dict[str, Any] = {
        "width": 600,
        "height": 300,
        "background": {"start": "#F4EFE6", "end": "#C9D6E8"},
        "layers": [
            {
                "kind": "picture",
                "picture": PHOTO,
                "x": 380,
                "y": 30,
                "width": 190,
                "height": 240,
            },
            {
                "kind": "text",
                "text": "{{ name }}, your trip to Rome is still waiting for you",
                "font": "display",
                "size": 26,
                "colour": NAVY,
                "x": 30,
                "y": 100,
                "width": 330,
                "height": 100,
            },
            {
                "kind": "text",
                "text": "Book your seat",
                "size": 18,
                "colour": NAVY,
                "x": 30,
                "y": 230,
                "width": 300,
                "height": 40,
            },
        ],
    }
    return Canvas.model_validate_json(orjson.dumps(spec))


def fill(drawing: Drawing, name: str) -> Filled:
    """The card for a person."""
    return drawing.fill(lambda _: name, "en")


def places(filled: Filled) -> list[tuple[int, int, int, int]]:
    """What each layer fills: left, top, right, bottom. Of a text, where its letters stand."""
    canvas = filled.canvas
    found = []
    for number, layer in enumerate(canvas.layers):
        box = (layer.x, layer.y, layer.x + layer.width, layer.y + layer.height)
        if isinstance(layer, TextLayer):
            page = Image.new("RGB", (canvas.width, canvas.height), WHITE)
            paint_layer(page, canvas, number, filled.contents[number], filled.language, {})
            box = ImageOps.invert(page).getbbox() or box
        found.append(box)
    return found


def photo() -> bytes:
    """A PNG, in the size in which the card shows it."""
    output = BytesIO()
    drawn = Image.effect_mandelbrot((190, 240), (-2, -1.2, 0.6, 1.2), 60).convert("RGB")
    drawn.save(output, "PNG")
    return output.getvalue()


_SYLLABLES = (
    "ai",
    "no",
    "mär",
    "tin",
    "ol",
    "ga",
    "vä",
    "lja",
    "kri",
    "jü",
    "õn",
    "ne",
    "so",
    "ül",
)


def people() -> Iterator[str]:
    """Names, of which none comes again before all the others have come."""
    for first, second, third, last in cycle(product(_SYLLABLES, repeat=4)):
        yield f"{first}{second}{third}{last}".capitalize()
