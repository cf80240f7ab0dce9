"""The card with each person's own name on it: as it is published, and as it must come out."""

from io import BytesIO
from typing import Any

import orjson
from PIL import Image

from benchmarks import drawings
from renderers.canvas import Drawing, Filled, draw
from renderers.encode import ImageType
from renderers.paint import paint_layer
from renderers.spec import Canvas

CRUISE = "cruise"
_NAME, _TITLE = "recipient.last_name", f"product.{CRUISE}.title"
_LOCALE = "fi"


def spec(photo: str) -> dict[str, Any]:
    """With an uploaded photo, for a person's last name and the cruise's title."""
    card: dict[str, Any] = orjson.loads(drawings.card().model_dump_json(exclude_defaults=True))
    for layer in card["layers"]:
        if layer["kind"] == "picture":
            layer["picture"] = photo
        elif "{{" in str(layer["text"]):
            layer["text"] = f"{{{{ {_NAME} }}}}, {{{{ {_TITLE} }}}}"
    return card


class Cards:
    """Draws what everybody must be shown, without a server."""

    def __init__(self) -> None:
        canvas = Canvas.model_validate_json(orjson.dumps(spec(drawings.PHOTO)))
        self._drawing = Drawing(canvas, lambda _: True)
        self._pictures = {drawings.PHOTO: drawings.photo()}

    def of(self, name: str, title: str) -> bytes:
        """A PNG, byte by byte as our server answers it."""
        return self._filled(name, title).file(self._pictures, ImageType.PNG)

    def places(self, name: str, title: str) -> list[tuple[int, int, int, int]]:
        """As `drawings.places`."""
        return drawings.places(self._filled(name, title))

    def _filled(self, name: str, title: str) -> Filled:
        return self._drawing.fill({_NAME: name, _TITLE: title}.get, _LOCALE)

    def base(self) -> bytes:
        """A PNG of all that is the same for everybody, in all colours: of a palette others would
        make one as well, and fewer colours."""
        canvas, personal = self._drawing.canvas, self._filled("", "").personal
        layers = [layer for place, layer in enumerate(canvas.layers) if place not in personal]
        same = canvas.model_copy(update={"layers": tuple(layers)})
        filled = Drawing(same, lambda _: True).fill(lambda _: None, _LOCALE)
        return _png(draw(filled, self._pictures))

    def words(self, name: str, title: str) -> tuple[bytes, tuple[int, int]]:
        """A PNG of the rest, letters on nothing, and where its left upper corner belongs."""
        filled = self._filled(name, title)
        canvas = filled.canvas
        page = Image.new("RGB", (canvas.width, canvas.height), drawings.WHITE)
        for place in filled.personal:
            paint_layer(page, canvas, place, filled.contents[place], filled.language, {})
        paper = 255 - int(drawings.NAVY[1:3], 16)
        alphas = [min(255, (255 - red) * 255 // paper) for red in range(256)]
        ink = page.getchannel("R").point(alphas)
        box = ink.getbbox() or (0, 0, 1, 1)
        words = Image.new("RGBA", page.size, drawings.NAVY)
        words.putalpha(ink)
        return _png(words.crop(box)), box[:2]


def _png(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, "PNG")
    return output.getvalue()
