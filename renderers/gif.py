"""GIF files put together from parts that were encoded before.

Source: GIF89a specification (CompuServe, 1990). Its LZW codes are bits in a row, so what was
encoded apart can be joined only where a code ends on a byte. With 128 colours codes are 8 bits wide
until the table holds 256 entries: a run that starts with a clear code and ends before that is whole
bytes throughout, wherever it is put. A little is lost by starting anew so often.
"""

from collections.abc import Iterable
from io import BytesIO

from PIL import Image

COLOURS = 128
"""Of the palette that all parts of a file share."""

_CLEAR = 128
_END = 129
_FIRST_FREE = 130
_MOST_CODES = 126
"""Between two clear codes: with one more, the next would be 9 bits wide."""
_CODE_BITS = 7
_LONGEST_BLOCK = 255
_HEADER = 13
_FLAGS = 10
TRAILER = b"\x3b"

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def header(width: int, height: int, palette: bytes) -> bytes:
    """The beginning of a file; `palette` begins with 128 times red, green and blue. It plays once
    and stays on its last frame."""
    return b"GIF89a" + _shorts(width, height) + b"\xf6\x00\x00" + palette[: 3 * COLOURS]


def control(hundredths: int) -> bytes:
    """What precedes an image: how long it is shown. It stays where nothing is drawn over it."""
    return b"\x21\xf9\x04\x04" + _shorts(hundredths) + b"\x00\x00"


def run(pixels: bytes) -> bytes:
    """Pixels (colour numbers below 128, row by row) as codes that can follow any other run."""
    codes = bytearray((_CLEAR,))
    table: dict[int, int] = {}
    written = 0
    known, *rest = pixels
    for pixel in rest:
        longer = known << 8 | pixel
        if longer in table:
            known = table[longer]
            continue
        codes.append(known)
        written += 1
        if written == _MOST_CODES:
            codes.append(_CLEAR)
            table.clear()
            written = 0
        else:
            table[longer] = _FIRST_FREE + len(table)
        known = pixel
    codes.append(known)
    return bytes(codes)


def image(box: Box, runs: Iterable[bytes]) -> bytes:
    """An image of the runs of its pixels."""
    return _descriptor(box) + bytes((_CODE_BITS,)) + _blocks(b"".join(runs) + bytes((_END,)))


def packed_image(box: Box, pixels: Image.Image) -> bytes:
    """An image packed as closely as LZW can; `pixels` has mode P and the file's palette."""
    output = BytesIO()
    pixels.save(output, "GIF", interlace=0, optimize=False)
    data = output.getvalue()
    begins = _HEADER + 3 * 2 ** ((data[_FLAGS] & 7) + 1)
    return _descriptor(box) + data[begins + len(_descriptor(box)) : -len(TRAILER)]


def _descriptor(box: Box) -> bytes:
    left, top, right, bottom = box
    return b"\x2c" + _shorts(left, top, right - left, bottom - top) + b"\x00"


def _shorts(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


def _blocks(data: bytes) -> bytes:
    """Data in blocks that begin with their length, up to an empty one."""
    whole = len(data) - len(data) % _LONGEST_BLOCK
    blocks = [data[start : start + _LONGEST_BLOCK] for start in range(0, whole, _LONGEST_BLOCK)]
    rest = data[whole:]
    return b"\xff".join((b"", *blocks)) + bytes((len(rest),)) + rest + (b"\x00" if rest else b"")
