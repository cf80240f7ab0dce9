"""PNG files of which one band of rows is new.

Source: PNG Specification, third edition (W3C, 2025), and RFC 1950 and 1951. The pixels of a PNG are
one stream of deflate, but a stream may be flushed to a whole byte: what is above and below the band
is compressed once, the band by itself, and the stream is the three in turn. Its check sum follows
from theirs.
"""

import struct
import zlib

from isal import isal_zlib
from PIL import Image, ImageChops

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ZLIB_HEADER = b"\x78\x9c"
_BASE = 65521
"""Of Adler-32: the largest prime below 2**16."""
_NONE, _SUB, _UP = 0, 1, 2
_WORTH_IT = 0.9
"""By how much smaller filtered rows must be: it takes time to make them."""
_LEVEL_ONCE, _LEVEL_OFTEN = 9, 1
"""How hard to compress what is kept, by zlib, and what is made for one person, by ISA-L."""


class Surroundings:
    """A picture (mode RGB) but for the rows from `top` to `bottom`, ready to be joined with a
    band of these."""

    def __init__(self, image: Image.Image, top: int, bottom: int) -> None:
        width, height = image.size
        above = _filtered(image.crop((0, 0, width, top)), _UP)
        below = _filtered(image.crop((0, bottom, width, height)), _UP)
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        flushed = _kept(above, zlib.Z_SYNC_FLUSH) if above else b""
        self._head = _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", _ZLIB_HEADER + flushed)
        self._tail = _chunk(b"IDAT", _kept(below, zlib.Z_FINISH))
        self._end = _chunk(b"IEND", b"")
        self._sum_above = isal_zlib.adler32(above)
        self._sum_below, self._size_below = isal_zlib.adler32(below), len(below)
        band = image.crop((0, top, width, bottom))
        sizes = {kind: len(_made(_filtered(band, kind))) for kind in (_NONE, _SUB, _UP)}
        smallest = min(sizes, key=sizes.__getitem__)
        self._filter = smallest if sizes[smallest] < _WORTH_IT * sizes[_NONE] else _NONE

    def file(self, band: Image.Image) -> bytes:
        """The whole picture with these rows."""
        rows = _filtered(band, self._filter)
        so_far = isal_zlib.adler32(rows, self._sum_above)
        checked = _joined(so_far, self._sum_below, self._size_below).to_bytes(4, "big")
        chunks = _chunk(b"IDAT", _made(rows)), self._tail, _chunk(b"IDAT", checked)
        return b"".join((self._head, *chunks, self._end))


def _joined(first: int, second: int, size: int) -> int:
    """The Adler-32 of two parts, of which the second has a size: the low half counts bytes, the
    high half what the low one came to after each."""
    low = ((first & 0xFFFF) + (second & 0xFFFF) - 1) % _BASE
    high = ((first >> 16) + (second >> 16) + size * ((first & 0xFFFF) - 1)) % _BASE
    return high << 16 | low


def _filtered(image: Image.Image, kind: int) -> bytearray:
    """Rows of pixels as differences from what is beside or above them, each behind a byte that
    tells which."""
    width, height = image.size
    if not height:
        return bytearray()
    if kind == _SUB:
        image = _difference(image, 1, 0)
    elif kind == _UP:
        image = _difference(image, 0, 1)
    stride = 3 * width + 1
    rows = bytearray(height * stride)
    rows[1:] = image.tobytes("raw", ("RGB", stride, 1))[:-1]
    rows[::stride] = bytes((kind,)) * height
    if kind == _UP:
        rows[0] = _NONE  # what stands above the first row is not known here
    return rows


def _difference(image: Image.Image, right: int, down: int) -> Image.Image:
    moved = Image.new("RGB", image.size)
    moved.paste(image, (right, down))
    return ImageChops.subtract_modulo(image, moved)


def _kept(data: bytearray, flush: int) -> bytes:
    packer = zlib.compressobj(_LEVEL_ONCE, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return packer.compress(data) + packer.flush(flush)


def _made(data: bytearray) -> bytes:
    """Eight times as fast as zlib, up to a whole byte."""
    packer = isal_zlib.compressobj(_LEVEL_OFTEN, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    compressed: bytes = packer.compress(data) + packer.flush(isal_zlib.Z_SYNC_FLUSH)
    return compressed


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = isal_zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checked)
