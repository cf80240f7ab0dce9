"""Pictures, fitted into their boxes."""

from collections.abc import Iterable
from typing import Literal, Self

from PIL import Image, ImageChops, ImageOps
from pydantic import model_validator

from renderers import picture
from renderers.coverage import faded, rounded
from renderers.fields import Part, PictureSource, Radius, Share
from renderers.latest import Latest
from renderers.layers.layer import Layer
from renderers.pen import Pen
from renderers.reader import Content, Reader
from renderers.template import is_value

Fitted = tuple[Image.Image, Image.Image | None]
MOST_FITTED = 32 * 1024 * 1024
"""Bytes of the pixels of all fitted pictures that are kept."""


class Focus(Part):
    """The point of a picture that stays in sight when its sides are cropped, in parts of its
    width and height."""

    x: Share = 0.5
    y: Share = 0.5


class Crop(Part):
    """The part of a picture that is shown, in parts of its width and height."""

    left: Share = 0
    top: Share = 0
    right: Share = 1
    bottom: Share = 1

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("left is less than right, and top less than bottom")
        return self

    def of(self, image: Image.Image) -> Image.Image:
        width, height = image.size
        left, top = int(self.left * width), int(self.top * height)
        right, bottom = round(self.right * width), round(self.bottom * height)
        return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


WHOLE = Crop()
MIDDLE = Focus()


class PictureLayer(Layer):
    """A picture that fills its box (`cover`, what stands over is cropped around the `focus`) or
    fits in it (`contain`)."""

    kind: Literal["picture"]
    picture: PictureSource
    fit: Literal["cover", "contain"] = "cover"
    crop: Crop = WHOLE
    focus: Focus = MIDDLE
    radius: Radius = 0
    opacity: Share = 1

    @property
    def pictures(self) -> Iterable[str]:
        return (self.picture,)

    def content(self, reader: Reader) -> Content:
        if not is_value(self.picture):
            return (self.picture,)
        return (str(reader.value(self.picture)),)

    def paint(self, pen: Pen, content: Content) -> None:
        [name] = content
        area = pen.area(self)
        fitted, coverage = _fitted(
            pen.asset(name), area.size, self.fit, self.radius * pen.scale, self.crop, self.focus
        )
        if self.opacity < 1:
            full = coverage or rounded(fitted.size, 0)
            coverage = faded(full, round(self.opacity * 255))
        left, top = (area.width - fitted.width) // 2, (area.height - fitted.height) // 2
        pen.show(area.within(left, top, *fitted.size), fitted, coverage)


def _fitted(
    data: bytes, size: tuple[int, int], fit: str, radius: int, crop: Crop, focus: Focus
) -> Fitted:
    key = (data, size, fit, radius, crop, focus)
    return _FITTED.of(key, lambda: _fit(*key))


def _fit(
    data: bytes, size: tuple[int, int], fit: str, radius: int, crop: Crop, focus: Focus
) -> Fitted:
    """A picture (mode RGB) in the size in which it is shown, and its coverage where that is not
    full; in real pixels."""
    image = picture.decode(data)
    if crop != WHOLE:
        image = crop.of(image)
    if fit == "cover":
        centring = (focus.x, focus.y)
        fitted = ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=centring)
    else:
        fitted = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    if fitted.mode == "RGB" and not radius:
        return fitted, None
    coverage = rounded(fitted.size, radius)
    if fitted.mode == "RGBA":
        coverage = ImageChops.multiply(coverage, fitted.getchannel("A"))
    return fitted.convert("RGB"), coverage


def _size(fitted: Fitted) -> int:
    """Three bytes for each pixel, and one for its coverage."""
    image, _ = fitted
    return 4 * image.width * image.height


_FITTED: Latest[Fitted] = Latest(MOST_FITTED, _size)
