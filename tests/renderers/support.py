"""Pictures, layers and texts for the tests of renderers."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, settings
from PIL import Image

from renderers.canvas import Drawing, Filled, draw
from renderers.layers.layer import Layer
from renderers.layers.picture import PictureLayer
from renderers.layers.shape import ShapeLayer
from renderers.layers.text import TextLayer
from renderers.spec import Canvas
from renderers.template import Lookup, parse

Pixel = tuple[int, ...]

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A law takes as long as a busy machine needs."""

RED, GREEN, BLUE, WHITE, BLACK = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 255),
    (0, 0, 0),
)


def everything(_: str) -> bool:
    return True


def nothing(_: str) -> None:
    return None


def write(source: str, value: Any, locale: str = "en") -> str:
    """`source` with the same value wherever it shows one."""
    return parse(source, everything).write(lambda _: value, locale)


def written(image: Image.Image, format_: str, **options: Any) -> bytes:
    output = BytesIO()
    image.save(output, format_, **options)
    return output.getvalue()


def opened(data: bytes) -> Image.Image:
    """A file as it is, whole: not turned, not converted."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def pixel(image: Image.Image, x: int, y: int) -> Pixel:
    value = image.getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def quadrants(size: int = 20, mode: str = "RGB") -> Image.Image:
    """Red and green over blue and white."""
    image = Image.new(mode, (size, size), WHITE)
    half = size // 2
    image.paste(RED, (0, 0, half, half))
    image.paste(GREEN, (half, 0, size, half))
    image.paste(BLUE, (0, half, half, size))
    return image


def text_layer(**fields: Any) -> TextLayer:
    given = {"kind": "text", "text": "Hei", "x": 0, "y": 0, "width": 100, "height": 40, "size": 16}
    return TextLayer.model_validate(given | fields)


def shape_layer(**fields: Any) -> ShapeLayer:
    given = {"kind": "shape", "colour": "#FF0000", "x": 0, "y": 0, "width": 10, "height": 10}
    return ShapeLayer.model_validate(given | fields)


def picture_layer(**fields: Any) -> PictureLayer:
    given = {"kind": "picture", "picture": "0" * 32, "x": 0, "y": 0, "width": 20, "height": 20}
    return PictureLayer.model_validate(given | fields)


def canvas(*layers: Layer, **fields: Any) -> Canvas:
    return Canvas.model_validate({"width": 40, "height": 40, "layers": layers} | fields)


def filled(canvas: Canvas, lookup: Lookup = nothing, locale: str = "en") -> Filled:
    return Drawing(canvas, everything).fill(lookup, locale)


def drawn(canvas: Canvas, pictures: Mapping[str, bytes] | None = None) -> Image.Image:
    return draw(filled(canvas), pictures or {})
