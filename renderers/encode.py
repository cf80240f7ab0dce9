"""Pixels to files: PNG, JPEG and GIF."""

from collections.abc import Mapping
from enum import StrEnum
from io import BytesIO
from types import MappingProxyType

from PIL import Image


class ImageType(StrEnum):
    """A type that every mail client shows, by the extension of its URLs."""

    PNG = "png"
    JPG = "jpg"
    GIF = "gif"


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
            palette = image.quantize(256, Image.Quantize.FASTOCTREE)
            palette.save(output, "GIF")
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


def _blank(kind: ImageType) -> bytes:
    """One pixel: transparent, or white in a JPEG. At whatever size an email stretches it, it is
    seen as nothing."""
    output = BytesIO()
    match kind:
        case ImageType.PNG:
            Image.new("RGBA", (1, 1), (255, 255, 255, 0)).save(output, "PNG")
        case ImageType.JPG:
            Image.new("RGB", (1, 1), (255, 255, 255)).save(output, "JPEG")
        case _:  # GIF
            Image.new("P", (1, 1), 0).save(output, "GIF", transparency=0)
    return output.getvalue()


LAST_RESORT: Mapping[ImageType, bytes] = MappingProxyType(
    {kind: _blank(kind) for kind in ImageType}
)
"""What is served when all else has failed."""
