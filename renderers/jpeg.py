"""JPEG files of which one band of rows is new.

Source: ITU-T T.81 (1992), B.1.1.3 and F.2.1.3.1. With a restart marker behind each row of blocks a
row can be decoded by itself, so that rows of several files, of one size and with the same tables,
can be put in one.
"""

import re
from io import BytesIO

from PIL import Image

BLOCK = 8
"""Real pixels from one row of blocks to the next, where colours are as fine as brightness."""

_QUALITY = 88
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_SCAN = b"\xff\xda"
_END = b"\xff\xd9"


class Surroundings:
    """A picture (mode RGB) but for the rows from `top` to `bottom`, which are multiples of BLOCK
    (the bottom also the picture's own), ready to be joined with a band of these."""

    def __init__(self, image: Image.Image, top: int, bottom: int) -> None:
        head, rows = _parts(image)
        self._first = top // BLOCK
        self._head = head + _numbered(rows[: self._first], 0)
        after = -(-bottom // BLOCK)
        self._tail = _numbered(rows[after:], after)

    def file(self, band: Image.Image) -> bytes:
        """The whole picture with these rows."""
        _, rows = _parts(band)
        whole = self._head + _numbered(rows, self._first) + self._tail
        return whole[: -len(_END)] + _END  # in place of the last marker


def _numbered(rows: list[bytes], first: int) -> bytes:
    """Rows of blocks with a marker behind each; these count from 0 to 7."""
    return b"".join(
        row + bytes((0xFF, 0xD0 + (number % 8))) for number, row in enumerate(rows, first)
    )


def _parts(image: Image.Image) -> tuple[bytes, list[bytes]]:
    """What precedes the rows of blocks, and these."""
    output = BytesIO()
    image.save(output, "JPEG", quality=_QUALITY, subsampling=0, restart_marker_rows=1)
    data = output.getvalue()
    scan = data.index(_SCAN)
    begins = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    return data[:begins], _RESTART.split(data[begins : -len(_END)])
