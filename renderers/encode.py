"""Pixels to files: PNG, JPEG and GIF."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from types import MappingProxyType

from PIL import Image


class ImageType(StrEnum):
    """A type that every mail client shows, by the extension of its URLs."""

    PNG = "png"
    JPG = "jpg"
    GIF = "gif"


MOST_COLOURS = 256
"""Of a GIF. So few are kept as they are; of more, those that there is most of."""

BY_EXTENSION: Mapping[str, ImageType] = MappingProxyType({kind.value: kind for kind in ImageType})

MEDIA_TYPES: Mapping[ImageType, str] = MappingProxyType(
    {ImageType.PNG: "image/png", ImageType.JPG: "image/jpeg", ImageType.GIF: "image/gif"}
)


def encode(image: Image.Image, kind: ImageType) -> bytes:
    """The file of an opaque picture (mode RGB)."""
    output = BytesIO()
    match kind:
        case ImageType.PNG:
            image.save(output, "PNG", compress_level=4)
        case ImageType.JPG:
            return _jpeg(image)
        case _:  # GIF
            few = image.getcolors(MOST_COLOURS) is not None
            method = Image.Quantize.MEDIANCUT if few else Image.Quantize.FASTOCTREE
            image.quantize(MOST_COLOURS, method).save(output, "GIF")
    return output.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    """An optimised file has to fit in a buffer of Pillow's, a byte a pixel; a picture so busy
    that it does not is written straight through."""
    output = BytesIO()
    try:
        image.save(output, "JPEG", quality=88, subsampling=0, optimize=True)
    except OSError:
        output = BytesIO()
        image.save(output, "JPEG", quality=88, subsampling=0)
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
