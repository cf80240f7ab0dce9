"""A canvas: layers drawn over each other, with a person's values in its texts.

Three steps, so that the dear one is taken only once for the same content: a spec is compiled
into a Drawing, a Drawing is filled with values, and a Filled is drawn.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageOps

from renderers import picture, text
from renderers.encode import ImageType, encode
from renderers.localised import pick
from renderers.spec import (
    OFFER_PICTURE,
    Box,
    Canvas,
    Gradient,
    PictureLayer,
    ShapeLayer,
    TextLayer,
)
from renderers.template import Lookup, MissingValueError, parse

VERSION = 1
"""Part of every content key: raise it when the same spec and values come to look different."""

_SMOOTHING = 4
_OFFER_PICTURE_PATH = "offer.picture"


class MissingPictureError(LookupError):
    """A layer's picture is not among those given."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A canvas with its values: `texts` and `pictures` hold one entry for each text and picture
    layer, in order. `key` names the content: equal keys, equal pixels."""

    canvas: Canvas
    texts: tuple[str, ...]
    pictures: tuple[str, ...]
    key: str
    is_kept: ClassVar[bool] = True

    def file(self, pictures: Mapping[str, bytes], kind: ImageType) -> bytes:
        """The picture's file; raises as `draw`."""
        return encode(draw(self, pictures), kind)


class Drawing:
    """A canvas that is ready to be filled. `paths` are the values that it reads and `required`
    those without which it cannot be drawn; `pictures` are the ids of its fixed pictures,
    `locales` the languages of its texts."""

    def __init__(self, canvas: Canvas, allowed: Callable[[str], bool]) -> None:
        """Raises TemplateError if a text does anything but show values that are `allowed`."""
        self.canvas = canvas
        self._texts = tuple(
            {language: parse(source, allowed) for language, source in layer.text.items()}
            for layer in canvas.layers
            if isinstance(layer, TextLayer)
        )
        self._pictures = tuple(
            layer.picture for layer in canvas.layers if isinstance(layer, PictureLayer)
        )
        spec = canvas.model_dump_json().encode()
        self._digest = hashlib.blake2b(spec, digest_size=16, salt=b"canvas%d" % VERSION).digest()
        templates = [template for texts in self._texts for template in texts.values()]
        shown = {_OFFER_PICTURE_PATH} if OFFER_PICTURE in self._pictures else set()
        self.paths = shown.union(*(template.paths for template in templates))
        self.required = shown.union(*(template.required for template in templates))
        self.pictures = frozenset(self._pictures) - {OFFER_PICTURE}
        self.locales = frozenset(locale for texts in self._texts for locale in texts)

    def fill(self, lookup: Lookup, locale: str) -> Filled:
        """Raises MissingValueError if a required value is None."""
        texts = tuple(pick(choices, locale).write(lookup, locale) for choices in self._texts)
        pictures = tuple(
            _offered(lookup) if source == OFFER_PICTURE else source for source in self._pictures
        )
        digest = hashlib.blake2b(self._digest, digest_size=16)
        for value in (*texts, *pictures):
            encoded = value.encode()
            digest.update(len(encoded).to_bytes(4, "big") + encoded)
        return Filled(self.canvas, texts, pictures, digest.hexdigest())


def _offered(lookup: Lookup) -> str:
    picture_id = lookup(_OFFER_PICTURE_PATH)
    if picture_id is None:
        raise MissingValueError(_OFFER_PICTURE_PATH)
    return str(picture_id)


def draw(filled: Filled, pictures: Mapping[str, bytes]) -> Image.Image:
    """The pixels (mode RGB) of a filled canvas; `pictures` maps ids to stored picture files.

    Raises MissingPictureError if a layer's picture is not among them.
    """
    canvas = filled.canvas
    image = _background(canvas)
    texts, sources = iter(filled.texts), iter(filled.pictures)
    for layer in canvas.layers:
        match layer:
            case PictureLayer():
                source = next(sources)
                if source not in pictures:
                    raise MissingPictureError(source)
                _draw_picture(image, layer, pictures[source], canvas.scale)
            case ShapeLayer():
                size = _scaled(layer, canvas.scale)
                paint(image, layer, layer.colour, rounded(size, layer.radius * canvas.scale))
            case _:
                paint(image, layer, layer.colour, text.mask(next(texts), layer, canvas.scale))
    return image


def _background(canvas: Canvas) -> Image.Image:
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


def paint(image: Image.Image, box: Box, colour: str, coverage: Image.Image) -> None:
    """Paint a box in a colour, as far as it is covered; both in real pixels."""
    red, green, blue, *rest = ImageColor.getrgb(colour)
    if rest:
        alpha = rest[0]
        coverage = coverage.point(lambda value: value * alpha // 255)
    scale = coverage.width // box.width
    image.paste((red, green, blue), (box.x * scale, box.y * scale), coverage)


def _draw_picture(image: Image.Image, layer: PictureLayer, data: bytes, scale: int) -> None:
    size = _scaled(layer, scale)
    fitted, coverage = _fitted(data, size, layer.fit, layer.radius * scale)
    left = layer.x * scale + (size[0] - fitted.width) // 2
    top = layer.y * scale + (size[1] - fitted.height) // 2
    image.paste(fitted, (left, top), coverage)


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
