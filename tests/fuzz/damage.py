"""Files that are damaged: at any place, and at places that mean something."""

import struct
import zlib
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from tests.renderers.typeface.support import sfnt, tables_of

Part = tuple[bytes, bytes]
"""A name and what it holds."""
TELLING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at the edges, where programs err."""


def telling(size: int) -> st.SearchStrategy[int]:
    """A number of so many bytes."""
    most = 256**size - 1
    return st.sampled_from([number for number in TELLING if number <= most]) | st.integers(0, most)


@st.composite
def other_numbers(draw: st.DrawFn, data: bytes) -> bytes:
    """Some bytes, or numbers of two or four bytes, in either order, are others."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        size = draw(st.sampled_from([1, 2, 4]))
        if len(changed) < size:
            break
        at = draw(st.integers(0, len(changed) - size))
        order = draw(st.sampled_from(["big", "little"]))
        changed[at : at + size] = draw(telling(size)).to_bytes(size, order)  # type: ignore[arg-type]
    return bytes(changed)


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> bytes:
    """The file ends early, and perhaps goes on with something else."""
    end = draw(st.integers(0, len(data)))
    return data[:end] + draw(st.binary(max_size=20))


@st.composite
def moved(draw: st.DrawFn, data: bytes) -> bytes:
    """A piece is missing, stands twice, or elsewhere."""
    places = st.integers(0, len(data))
    at = draw(places)
    begin, end = sorted((draw(places), draw(places)))
    piece = data[begin:end]
    without = data[:begin] + data[end:]
    twice, elsewhere = data[:at] + piece + data[at:], without[:at] + piece + without[at:]
    return draw(st.sampled_from([without, twice, elsewhere]))


@st.composite
def spliced(draw: st.DrawFn, files: Sequence[bytes]) -> bytes:
    """The first half of one file and the second of another."""
    one, other = draw(st.sampled_from(files)), draw(st.sampled_from(files))
    return one[: draw(st.integers(0, len(one)))] + other[draw(st.integers(0, len(other))) :]


def damaged(files: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Some of these files, damaged anywhere."""
    whole = st.sampled_from(files)
    ways = (other_numbers, cut, moved)
    return st.one_of(*(whole.flatmap(way) for way in ways), spliced(files))


@st.composite
def rearranged(draw: st.DrawFn, parts: Sequence[Part]) -> list[Part]:
    """Parts of a file: one is damaged, missing, there twice, or in the place of another."""
    changed = list(parts)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(changed) - 1))
        name, data = changed[at]
        match draw(st.sampled_from(["damage", "damage", "damage", "drop", "repeat", "swap"])):
            case "damage":
                changed[at] = (name, draw(st.one_of(*(way(data) for way in (other_numbers, cut)))))
            case "drop" if len(changed) > 1:
                del changed[at]
            case "repeat":
                changed.insert(draw(st.integers(0, len(changed))), changed[at])
            case _:
                other = draw(st.integers(0, len(changed) - 1))
                changed[at], changed[other] = changed[other], changed[at]
    return changed


def by_parts(
    files: Sequence[bytes],
    apart: Callable[[bytes], Sequence[Part]],
    together: Callable[[Sequence[Part]], bytes],
) -> st.SearchStrategy[bytes]:
    """Files in which a part is damaged, and all that holds the parts together is right."""
    return st.sampled_from(files).flatmap(lambda data: rearranged(apart(data))).map(together)


def png_apart(data: bytes) -> list[Part]:
    parts, at = [], 8
    while at < len(data):
        [length] = struct.unpack_from(">I", data, at)
        parts.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return parts


def png_together(parts: Sequence[Part]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def webp_apart(data: bytes) -> list[Part]:
    parts, at = [], 12
    while at < len(data):
        [length] = struct.unpack_from("<I", data, at + 4)
        parts.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return parts


def webp_together(parts: Sequence[Part]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in parts
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_apart(data: bytes) -> list[Part]:
    """Segments up to the first scan, which is one with all that follows."""
    parts, at = [], 2
    while data[at + 1] != 0xDA:
        [length] = struct.unpack_from(">H", data, at + 2)
        parts.append((data[at : at + 2], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return [*parts, (b"", data[at:])]


def jpeg_together(parts: Sequence[Part]) -> bytes:
    return b"\xff\xd8" + b"".join(
        name + struct.pack(">H", (len(data) + 2) & 0xFFFF) + data if name else data
        for name, data in parts
    )


def gif_apart(data: bytes) -> list[Part]:
    """The head with its colours, then each block."""
    at = 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    parts = [(b"head", data[:at])]
    while at < len(data) and data[at] != 0x3B:
        begin = at
        if data[at] == 0x21:
            at += 2
        else:
            local = data[at + 9]
            at += 11 + (3 * 2 ** ((local & 7) + 1) if local & 0x80 else 0)
        while data[at]:
            at += 1 + data[at]
        at += 1
        parts.append((b"block", data[begin:at]))
    return [*parts, (b"end", data[at:])]


def gif_together(parts: Sequence[Part]) -> bytes:
    return b"".join(data for _, data in parts)


def font_apart(data: bytes) -> list[Part]:
    """The kind of a TTF or OTF file, then its tables."""
    return [(b"", data[:4]), *((tag.encode(), table) for tag, table in tables_of(data).items())]


def font_together(parts: Sequence[Part]) -> bytes:
    """Sound but for the tables; of two of one name the last."""
    kinds = [data for tag, data in parts if not tag]
    tables = {tag.decode(): data for tag, data in parts if tag}
    return sfnt(tables, (kinds or [b""])[-1][:4].ljust(4, b"\0"))
