"""The layers of a canvas, painted."""

from collections.abc import Mapping
from functools import lru_cache

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageOps

from renderers import picture, text
from renderers.spec import Box, Canvas, Gradient, PictureLayer, ShapeLayer

_SMOOTHING = 4


class MissingPictureError(LookupError):
    """A layer's picture is not among those given."""


def draw_layer(
    image: Image.Image,
    canvas: Canvas,
    number: int,
    content: str,
    pictures: Mapping[str, bytes],
    top: int = 0,
) -> None:
    """Draw one of a canvas's layers on an image of it that begins at `top`, in real pixels.
    `content` is the text or the picture's id; `pictures` maps ids to stored picture files.

    Raises MissingPictureError if the layer's picture is not among them.
    """
    layer, scale = canvas.layers[number], canvas.scale
    match layer:
        case PictureLayer():
            if content not in pictures:
                raise MissingPictureError(content)
            _draw_picture(image, layer, pictures[content], scale, top)
        case ShapeLayer():
            coverage = rounded(_scaled(layer, scale), layer.radius * scale)
            paint(image, layer, layer.colour, coverage, top)
        case _:
            paint(image, layer, layer.colour, text.mask(content, layer, scale), top)


def background(canvas: Canvas) -> Image.Image:
    size = (canvas.width * canvas.scale, canvas.height * canvas.scale)
    if not isinstance(canvas.background, Gradient):
        return Image.new("RGB", size, canvas.background)
    gradient = canvas.background
    ramp = Image.linear_gradient("L")
    if gradient.towards == "right":
        ramp = ramp.transpose(Image.Transpose.ROTATE_90)
    return ImageOps.colorize(
        ramp.resize(size, Image.Resampling.BILINEAR), gradient.start, gradient.end
    )


def _scaled(box: Box, scale: int) -> tuple[int, int]:
    return box.width * scale, box.height * scale


@lru_cache(maxsize=64)
def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """The coverage of a box with round corners, in real pixels."""
    width, height = size
    radius = min(radius, width // 2, height // 2)
    if radius == 0:
        return Image.new("L", (width, height), 255)
    coverage = Image.new("L", (width, height), 255)
    large = Image.new("L", (2 * radius * _SMOOTHING, 2 * radius * _SMOOTHING))
    ImageDraw.Draw(large).ellipse((0, 0, large.width - 1, large.height - 1), fill=255)
    disc = large.reduce(_SMOOTHING)
    for x, left in ((0, 0), (radius, width - radius)):
        for y, top in ((0, 0), (radius, height - radius)):
            coverage.paste(disc.crop((x, y, x + radius, y + radius)), (left, top))
    return coverage


def paint(image: Image.Image, box: Box, colour: str, coverage: Image.Image, top: int = 0) -> None:
    """Paint a box in a colour, as far as it is covered, in real pixels, on an image that begins at
    `top`."""
    red, green, blue, *rest = ImageColor.getrgb(colour)
    if rest:
        alpha = rest[0]
        coverage = coverage.point(lambda value: value * alpha // 255)
    scale = coverage.width // box.width
    image.paste((red, green, blue), (box.x * scale, box.y * scale - top), coverage)


def _draw_picture(
    image: Image.Image, layer: PictureLayer, data: bytes, scale: int, top: int
) -> None:
    size = _scaled(layer, scale)
    fitted, coverage = _fitted(data, size, layer.fit, layer.radius * scale)
    left = layer.x * scale + (size[0] - fitted.width) // 2
    down = layer.y * scale + (size[1] - fitted.height) // 2
    image.paste(fitted, (left, down - top), coverage)


@lru_cache(maxsize=16)
def _fitted(
    data: bytes, size: tuple[int, int], fit: str, radius: int
) -> tuple[Image.Image, Image.Image | None]:
    """A picture (mode RGB) in the size in which it is shown, and its coverage where that is not
    full; in real pixels."""
    fitting = ImageOps.fit if fit == "cover" else ImageOps.contain
    fitted = fitting(picture.decode(data), size, Image.Resampling.LANCZOS)
    if fitted.mode == "RGB" and not radius:
        return fitted, None
    coverage = rounded(fitted.size, radius)
    if fitted.mode == "RGBA":
        coverage = ImageChops.multiply(coverage, fitted.getchannel("A"))
    return fitted.convert("RGB"), coverage
