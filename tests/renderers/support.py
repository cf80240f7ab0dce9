"""Pictures, layers and texts for the tests of renderers."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, settings
from PIL import Image, ImageChops

from renderers import fonts
from renderers.canvas import Drawing, Filled, draw
from renderers.fonts import Font
from renderers.layers.avatar import AvatarLayer
from renderers.layers.badge import BadgeLayer
from renderers.layers.chart import ChartLayer
from renderers.layers.code import CodeLayer
from renderers.layers.layer import Layer
from renderers.layers.picture import PictureLayer
from renderers.layers.price import PriceLayer
from renderers.layers.progress import ProgressLayer, StepsLayer
from renderers.layers.rating import RatingLayer
from renderers.layers.shape import ShapeLayer
from renderers.layers.text import TextLayer
from renderers.spec import Canvas
from renderers.template import Lookup, parse
from renderers.text.draw import draw as draw_text
from renderers.text.fit import Letters, Style

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


def rating_layer(**fields: Any) -> RatingLayer:
    given = {"kind": "rating", "value": 3, "x": 0, "y": 0, "width": 100, "height": 20, "gap": 0}
    return RatingLayer.model_validate(given | fields)


def progress_layer(**fields: Any) -> ProgressLayer:
    given = {"kind": "progress", "value": 50, "x": 0, "y": 0, "width": 100, "height": 10}
    return ProgressLayer.model_validate(given | fields)


def steps_layer(*ids: str, **fields: Any) -> StepsLayer:
    steps = tuple({"id": id} for id in ids or ("paid", "packed", "sent"))
    given = {"kind": "steps", "steps": steps, "reached": "{{ s }}", "dot": 20}
    box = {"x": 0, "y": 0, "width": 120, "height": 20}
    return StepsLayer.model_validate(given | box | fields)


def price_layer(**fields: Any) -> PriceLayer:
    given = {"kind": "price", "price": "{{ p }}", "old": "{{ old }}", "size": 20}
    box = {"x": 0, "y": 0, "width": 200, "height": 60}
    return PriceLayer.model_validate(given | box | fields)


def badge_layer(**fields: Any) -> BadgeLayer:
    given = {"kind": "badge", "text": "Uusi", "background": "#FF0000", "size": 16}
    box = {"x": 0, "y": 0, "width": 100, "height": 40}
    return BadgeLayer.model_validate(given | box | fields)


def code_layer(**fields: Any) -> CodeLayer:
    given = {"kind": "code", "code": "qr", "text": "AB-12"}
    box = {"x": 0, "y": 0, "width": 40, "height": 40}
    return CodeLayer.model_validate(given | box | fields)


def chart_layer(*values: float | str, **fields: Any) -> ChartLayer:
    given = {"kind": "chart", "values": values, "gap": 0, "radius": 0, "colour": "#FF0000"}
    box = {"x": 0, "y": 0, "width": 40, "height": 40}
    return ChartLayer.model_validate(given | box | fields)


def avatar_layer(**fields: Any) -> AvatarLayer:
    given = {"kind": "avatar", "name": "{{ a }}", "x": 0, "y": 0, "width": 40, "height": 40}
    return AvatarLayer.model_validate(given | fields)


def canvas(*layers: Layer, **fields: Any) -> Canvas:
    return Canvas.model_validate({"width": 40, "height": 40, "layers": layers} | fields)


def filled(canvas: Canvas, lookup: Lookup = nothing, locale: str = "en") -> Filled:
    return Drawing(canvas, everything).fill(lookup, locale)


def drawn(
    canvas: Canvas,
    assets: Mapping[str, bytes] | None = None,
    lookup: Lookup = nothing,
    locale: str = "en",
) -> Image.Image:
    return draw(filled(canvas, lookup, locale), assets or {})


def contents(layer: Layer, lookup: Lookup = nothing, locale: str = "en") -> tuple[str, ...] | None:
    """What a layer shows."""
    [content] = filled(canvas(layer), lookup, locale).contents
    return content


def near(found: Pixel, expected: Pixel, tolerance: int = 3) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True))


def changed(image: Image.Image, background: Pixel = WHITE) -> tuple[int, int, int, int] | None:
    """The box of all pixels that differ from the background."""
    return ImageChops.difference(image, Image.new("RGB", image.size, background)).getbbox()


def amount_of(image: Image.Image, colour: Pixel) -> int:
    """How many pixels have a colour."""
    return sum(
        count
        for count, found in image.getcolors(image.width * image.height) or ()
        if found == colour
    )


def letters(font: Font = Font.REGULAR, colour: str = "#000000", **fields: Any) -> Letters:
    return Letters(fonts.chain(fonts.shipped(font)), colour, **fields)


def text_style(*parts: Letters, **fields: Any) -> Style:
    given: dict[str, Any] = {"size": 16, "smallest": 16, "width": 200, "height": 100}
    return Style(letters=parts or (letters(),), **given | fields)


def written_text(text: str | Sequence[tuple[str, int]], style: Style) -> Image.Image:
    """A text on a white picture of the size of its box."""
    image = Image.new("RGB", (style.width, style.height), WHITE)
    draw_text(image, ((text, 0),) if isinstance(text, str) else text, style, 0, 0)
    return image


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """The box of what is not white."""
    box = ImageChops.difference(image, Image.new("RGB", image.size, WHITE)).getbbox()
    assert box is not None
    return box


def subset(font: Font, code_points: Iterable[int]) -> bytes:
    """A shipped font with no other letters."""
    subsetter = Subsetter(Options(layout_features=["*"], notdef_outline=True))
    subsetter.populate(unicodes=code_points)
    output = BytesIO()
    with TTFont(files(fonts) / font) as whole:
        subsetter.subset(whole)
        whole.save(output)
    return output.getvalue()
