"""Pictures that people upload: decoded with an allow-list, limited, and written anew, so that
what is stored is a picture and nothing else."""

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_PHOTOS = ("JPEG", "MPO")
"""What Pillow calls a JPEG file, and one with further pictures behind the first."""
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 6000
MOST_SCANS = 64
"""Times that a JPEG goes over its picture. Cameras and programs need some ten; a small file may ask
for a hundred thousand, each as long as decoding the whole."""
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
"""What is neither a byte of a scan, nor a restart within one, nor filling."""
_SCAN, _END = 0xDA, 0xD9
_TURN = ExifTags.Base.Orientation


class PictureError(ValueError):
    """Bytes that are not accepted as a picture: what was found, and what would be right."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is stored: `data` is a PNG or JPEG file, `id` names its content."""

    id: str
    type: str
    width: int
    height: int
    data: bytes


def accept(data: bytes) -> Picture:
    """The picture in an uploaded file, written anew without its metadata.

    Raises PictureError for another format, a broken file, or one beyond the limits.
    """
    if len(data) > MOST_BYTES:
        raise PictureError(f"a picture has at most {MOST_BYTES} bytes, this one {len(data)}")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as source:
            _check_size(source.width, source.height)
            opaque_photo = source.format in _PHOTOS
            if opaque_photo:
                _check_scans(data)
            image = _upright(source)
    except UnidentifiedImageError as error:
        raise PictureError(f"a picture is one of {', '.join(FORMATS)}") from error
    except PictureError:
        raise
    except Exception as error:  # Pillow raises errors of every kind on damaged files
        raise PictureError(f"the picture is broken: {error}") from error
    output = BytesIO()
    if opaque_photo:
        image.save(output, "JPEG", quality=92, subsampling=0)
    else:
        image.save(output, "PNG", compress_level=6)
    written = output.getvalue()
    digest = hashlib.blake2b(written, digest_size=16).hexdigest()
    kind = "image/jpeg" if opaque_photo else "image/png"
    return Picture(digest, kind, image.width, image.height, written)


def decode(data: bytes) -> Image.Image:
    """The pixels of a stored picture, mode RGB or RGBA."""
    with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
        return _plain(image)


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise PictureError(
            f"a picture has at most {MOST_PIXELS} pixels and sides of at most {LONGEST_SIDE},"
            f" this one is {width}x{height}"
        )


def _check_scans(data: bytes) -> None:
    scans, at = 0, 2
    while (found := _MARKER.search(data, at)) and (marker := data[found.start() + 1]) != _END:
        scans += marker == _SCAN
        if scans > MOST_SCANS:
            raise PictureError(f"a JPEG goes over its picture at most {MOST_SCANS} times")
        length = int.from_bytes(data[found.end() : found.end() + 2])
        at = found.end() + length


def _upright(source: Image.Image) -> Image.Image:
    """Turned as its metadata say. Only the turn is taken from them: Pillow cannot write all that
    cameras do."""
    image = _plain(source)
    image.getexif()[_TURN] = _turn(source)
    return ImageOps.exif_transpose(image)


def _turn(source: Image.Image) -> Any:
    """As metadata say it; damaged ones say nothing."""
    try:
        return source.getexif().get(_TURN, 1)
    except Exception:  # noqa: BLE001 (Pillow raises errors of every kind on them)
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """The pixels alone, mode RGB or RGBA."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info.clear()
    return plain
