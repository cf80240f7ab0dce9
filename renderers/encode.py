"""Pixels to files: PNG, JPEG and GIF.

A file is as small as it can be without a difference that is seen, and holds nothing but what shows
the picture. Where it is over a budget of bytes it is made worse, step by step, until it is not.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from types import MappingProxyType
from typing import Any

from isal import isal_zlib
from PIL import Image, ImageChops

from renderers import palette


class ImageType(StrEnum):
    """A type that every mail client shows, by the extension of its URLs."""

    PNG = "png"
    JPG = "jpg"
    GIF = "gif"


BY_EXTENSION: Mapping[str, ImageType] = MappingProxyType({kind.value: kind for kind in ImageType})

MEDIA_TYPES: Mapping[ImageType, str] = MappingProxyType(
    {ImageType.PNG: "image/png", ImageType.JPG: "image/jpeg", ImageType.GIF: "image/gif"}
)

BEST_QUALITY, LEAST_QUALITY = 88, 50
"""Of a JPEG."""
_FINE, _COARSE = 0, 2
"""Pillow's names: colours as fine as brightness (4:4:4), and half as fine (4:2:0)."""
_MARKED = 12
"""How far a colour's hue (YCbCr, of 255) may be off where hues are coarse, but for few pixels."""
_FEW = 0.002
"""Of the pixels."""

_LEVEL, _PALETTE_LEVEL = 4, 6
"""How hard to compress. With a palette there is so little to do that more is worth it."""
_WORTH_IT = 0.8
"""How much smaller a palette must make a file if it is not the very same picture."""
_SURELY = 0.5
"""Of a rough size: as small as no PNG without a palette is likely to be."""
_FEWER = (256, 128, 64, 32)
"""Colours, from the best to the smallest file."""


def encode(
    image: Image.Image, kind: ImageType, budget: int | None = None, *, sharp: bool = True
) -> bytes:
    """The file of an opaque picture (mode RGB): the best that has at most `budget` bytes, or the
    smallest if none has so few. `sharp` tells that there may be texts, shapes or codes on it."""
    if image.info:  # Pillow would write some of it
        image = image.copy()
        image.info.clear()
    match kind:
        case ImageType.PNG:
            return _within(budget, _png_steps(image, budget))
        case ImageType.JPG:
            return _jpeg(image, budget, sharp=sharp)
        case _:  # GIF
            return _within(budget, _gif_steps(image))


def _within(budget: int | None, steps: Iterator[bytes]) -> bytes:
    """The first file that is not over the budget, or the smallest."""
    smallest = next(steps)
    while budget is not None and len(smallest) > budget:
        following = next(steps, None)
        if following is None:
            break
        smallest = min(smallest, following, key=len)
    return smallest


def _png_steps(image: Image.Image, budget: int | None) -> Iterator[bytes]:
    yield _png(image, budget)
    for worse in _worse(image):
        yield _palette_png(worse)


def _gif_steps(image: Image.Image) -> Iterator[bytes]:
    same = palette.exact(image) or palette.alike(image)
    if same is not None:
        yield _written(same, "GIF", interlace=0)
    for worse in _worse(image):
        yield _written(worse, "GIF", interlace=0)


def _worse(image: Image.Image) -> Iterator[Image.Image]:
    """The picture in fewer and fewer colours; at last without dithering, which takes bytes."""
    for dithered in (True, False):
        for colours in _FEWER:
            yield palette.few(image, colours, dithered=dithered)


def _png(image: Image.Image, budget: int | None) -> bytes:
    """What cannot be told from the picture."""
    exact = palette.exact(image)
    shown = exact or palette.alike(image)
    if shown is None:
        return _written(image, "PNG", compress_level=_LEVEL)
    small = _palette_png(shown)
    if len(small) < _SURELY * _rough_size(image):
        return small
    full = _written(image, "PNG", compress_level=_LEVEL)
    is_over = budget is not None and len(full) > budget
    enough = 1 if exact or is_over else _WORTH_IT
    return small if len(small) <= enough * len(full) else full


def _palette_png(shown: Image.Image) -> bytes:
    return _written(shown, "PNG", compress_level=_PALETTE_LEVEL)


def _rough_size(image: Image.Image) -> int:
    """About the bytes of a PNG without a palette, found in a fifth of the time: those of the
    differences from what is above and to the left."""
    differences = ImageChops.subtract_modulo(image, ImageChops.offset(image, 1, 1))
    return len(isal_zlib.compress(differences.tobytes(), 1))


def _jpeg(image: Image.Image, budget: int | None, *, sharp: bool) -> bytes:
    hues = _FINE if sharp or not _has_soft_hues(image) else _COARSE
    ways = [{"progressive": True}, {"optimize": True}]
    files = [_jpeg_file(image, BEST_QUALITY, hues, way) for way in ways]
    best = min(files, key=len)
    if budget is None or len(best) <= budget:
        return best
    way = ways[files.index(best)]
    found, low, high = b"", LEAST_QUALITY, BEST_QUALITY - 1
    while low <= high:
        quality = (low + high) // 2
        tried = _jpeg_file(image, quality, hues, way)
        if len(tried) <= budget:
            found, low = tried, quality + 1
        else:
            high = quality - 1
    return found or _jpeg_file(image, LEAST_QUALITY, _COARSE, way)


def _jpeg_file(image: Image.Image, quality: int, hues: int, way: Mapping[str, bool]) -> bytes:
    """A file that is written in a way which takes a buffer of Pillow's, a byte a pixel; a picture
    so busy that it does not fit is written straight through."""
    options = {"quality": quality, "subsampling": hues}
    try:
        return _written(image, "JPEG", **way, **options)
    except OSError:
        return _written(image, "JPEG", **options)


def _has_soft_hues(image: Image.Image) -> bool:
    """Whether the picture looks the same with hues half as fine: a photograph mostly does, red
    letters on blue do not."""
    _, *hues = image.convert("YCbCr").split()
    for hue in hues:
        coarse = hue.reduce(2).resize(hue.size, Image.Resampling.BILINEAR)
        off = ImageChops.difference(hue, coarse).histogram()
        if sum(off[_MARKED:]) > _FEW * sum(off):
            return False
    return True


def _written(image: Image.Image, form: str, **options: Any) -> bytes:
    output = BytesIO()
    image.save(output, form, **options)
    return output.getvalue()


@lru_cache(maxsize=64)
def blank(kind: ImageType, width: int, height: int) -> bytes:
    """A picture that is seen as nothing: transparent, or white in a JPEG."""
    output = BytesIO()
    size = (width, height)
    match kind:
        case ImageType.PNG:
            Image.new("RGBA", size, (255, 255, 255, 0)).save(output, "PNG")
        case ImageType.JPG:
            Image.new("RGB", size, (255, 255, 255)).save(output, "JPEG")
        case _:  # GIF
            Image.new("P", size, 0).save(output, "GIF", transparency=0)
    return output.getvalue()


LAST_RESORT: Mapping[ImageType, bytes] = MappingProxyType(
    {kind: blank(kind, 1, 1) for kind in ImageType}
)
"""What is served when all else has failed: one pixel, nothing at whatever size it is shown."""
