"""JPEG files of which one band of rows is new.

Source: ITU-T T.81 (1992), B.1.1.3 and F.2.1.3.1. Behind a restart marker blocks can be decoded by
themselves, so that stretches of blocks from several files with the same tables can be put in one.
A row of blocks is one to MOST_STRETCHES of them.
"""

import re
from io import BytesIO

from PIL import Image

BLOCK = 8
"""Real pixels from one block to the next, where colours are as fine as brightness."""
MOST_STRETCHES = 5
"""Each costs some bytes."""

_QUALITY = 88
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_SCAN = b"\xff\xda"
_END = b"\xff\xd9"


class Surroundings:
    """A picture (mode RGB) but for the rows from `top` to `bottom`, which are multiples of BLOCK
    (the bottom also the picture's own), ready to be joined with a band of these, which differs
    from the picture from `left` to `right` alone."""

    def __init__(self, image: Image.Image, top: int, bottom: int, left: int, right: int) -> None:
        blocks = -(-image.width // BLOCK)
        self._length = _stretch(blocks)
        wide, a_row = self._length * BLOCK, blocks // self._length
        self._first = min(left // wide, a_row - 1)
        self._last = max(self._first + 1, -(-right // wide))
        self._sides = self._first * wide, min(image.width, self._last * wide)
        head, stretches = _parts(image, self._length)
        begin, end = top // BLOCK * a_row, -(-bottom // BLOCK) * a_row
        rows = (stretches[start : start + a_row] for start in range(begin, end, a_row))
        self._begin = begin
        self._head = head + _numbered(stretches[:begin], 0)
        self._beside = [(row[: self._first], row[self._last :]) for row in rows]
        self._tail = _numbered(stretches[end:], end)

    def file(self, band: Image.Image) -> bytes:
        """The whole picture with these rows."""
        _, new = _parts(band.crop((self._sides[0], 0, self._sides[1], band.height)), self._length)
        wide = self._last - self._first
        joined: list[bytes] = []
        for number, (before, after) in enumerate(self._beside):
            joined += before
            joined += new[number * wide : (number + 1) * wide]
            joined += after
        whole = self._head + _numbered(joined, self._begin) + self._tail
        return whole[: -len(_END)] + _END  # in place of the last marker


def _stretch(blocks: int) -> int:
    """How many blocks a stretch has: all rows are of the same number of stretches."""
    return next(blocks // parts for parts in range(MOST_STRETCHES, 0, -1) if not blocks % parts)


def _numbered(stretches: list[bytes], first: int) -> bytes:
    """Stretches with a marker behind each; these count from 0 to 7."""
    return b"".join(
        one + bytes((0xFF, 0xD0 + (number % 8))) for number, one in enumerate(stretches, first)
    )


def _parts(image: Image.Image, length: int) -> tuple[bytes, list[bytes]]:
    """What precedes the blocks, and these in stretches of a length."""
    output = BytesIO()
    image.save(output, "JPEG", quality=_QUALITY, subsampling=0, restart_marker_blocks=length)
    data = output.getvalue()
    scan = data.index(_SCAN)
    begins = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    return data[:begins], _RESTART.split(data[begins : -len(_END)])
