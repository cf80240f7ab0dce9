"""The files that fonts come in: TTF, OTF, WOFF and WOFF2, taken apart into their tables.

Sizes are checked before anything is unpacked. Formats: OpenType 1.9, "Organization of an OpenType
font"; W3C, "WOFF File Format 1.0" and "WOFF File Format 2.0".
"""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO

import brotli
from fontTools.ttLib.woff2 import WOFF2DirectoryEntry, WOFF2Reader

from renderers.typeface.errors import TypefaceError, reading

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 32 * 1024 * 1024
MOST_TABLES = 64
MOST_POINTS = 5_000_000
"""Of all glyphs together."""
READ = (
    *("head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "name"),
    *("loca", "glyf", "CFF "),
    *("GSUB", "GPOS", "GDEF", "kern"),
    *("COLR", "CPAL"),
)
"""The tables that are looked at; of all others nothing is read."""
VARIABLE = "fvar"
_SFNT = (b"\0\1\0\0", b"true", b"OTTO")
_NEEDED = ("head", "hhea", "maxp", "hmtx", "cmap")
_WOFF2_HEADER = 48
_GLYF_STREAMS = struct.Struct(">HHHHIIIIIII")
"""Of `glyf` as WOFF2 packs it: version, options, glyphs, format of loca; then the sizes of the
streams: of contours, points, flags (one a point), ..."""


def unpack(data: bytes) -> dict[str, bytes]:
    """The tables of READ that a font file has, and `fvar`, empty, if the font is variable.

    Raises TypefaceError for another format, a broken file, or one beyond the limits.
    """
    if len(data) > MOST_BYTES:
        raise TypefaceError(f"a font has at most {MOST_BYTES} bytes, this one {len(data)}")
    match data[:4]:
        case b"ttcf":
            raise TypefaceError("this is a collection of fonts: upload each of its fonts by itself")
        case b"wOFF":
            read, kind = _woff, data[4:8]
        case b"wOF2":
            read, kind = _woff2, data[4:8]
        case kind:
            read = _sfnt
    if kind not in _SFNT:
        raise TypefaceError("a font is one of TTF, OTF, WOFF, WOFF2")
    with reading("its list of tables"):
        tables = read(data)
    for tag in _NEEDED:
        if not tables.get(tag):
            raise TypefaceError(f"the font has no table {tag.strip()}; export it again")
    return tables


def _wanted(tags: Iterable[str]) -> list[str]:
    """Raises TypefaceError for too many, or one twice."""
    tags = list(tags)
    if not 0 < len(tags) <= MOST_TABLES or len(set(tags)) < len(tags):
        raise TypefaceError(f"a font has 1 to {MOST_TABLES} tables, each once")
    return [tag for tag in tags if tag in READ]


def _check_apart(places: Iterable[tuple[int, int]], first: int, end: int) -> None:
    """`places` are the begins and lengths of tables in a file."""
    at = first
    for begin, length in sorted(place for place in places if place[1]):
        if begin < at:
            raise TypefaceError("tables of the font overlap; export it again")
        at = begin + length
    if at > end:
        raise TypefaceError("the font ends within a table: is the file whole?")


def _check_unpacked(size: int) -> None:
    if size > MOST_UNPACKED:
        raise TypefaceError(f"a font has at most {MOST_UNPACKED} bytes unpacked, this one {size}")


def _variable(tables: dict[str, bytes], tags: Iterable[str]) -> dict[str, bytes]:
    return tables | ({VARIABLE: b""} if VARIABLE in tags else {})


def _sfnt(data: bytes) -> dict[str, bytes]:
    [count] = struct.unpack_from(">H", data, 4)
    entries = {}
    tags = []
    for number in range(min(count, MOST_TABLES + 1)):
        tag, _, begin, length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        tags.append(tag.decode("latin-1"))
        entries[tags[-1]] = (begin, length)
    wanted = _wanted(tags)
    _check_apart(entries.values(), 12 + 16 * count, len(data))
    parts = {tag: data[entries[tag][0] : sum(entries[tag])] for tag in wanted}
    return _variable(parts, tags)


def _woff(data: bytes) -> dict[str, bytes]:
    [count] = struct.unpack_from(">H", data, 12)
    entries = {}
    tags = []
    for number in range(min(count, MOST_TABLES + 1)):
        tag, begin, packed, length, _ = struct.unpack_from(">4sIIII", data, 44 + 20 * number)
        tags.append(tag.decode("latin-1"))
        entries[tags[-1]] = (begin, packed, length)
    wanted = _wanted(tags)
    _check_apart((entry[:2] for entry in entries.values()), 44 + 20 * count, len(data))
    _check_unpacked(sum(entry[2] for entry in entries.values()))
    parts = {}
    for tag in wanted:
        begin, packed, length = entries[tag]
        part = data[begin : begin + packed]
        if packed != length:
            part = zlib.decompressobj().decompress(part, length + 1)
        if len(part) != length:
            raise TypefaceError(f"the table {tag.strip()} has another size than the font says")
        parts[tag] = part
    return _variable(parts, tags)


def _woff2(data: bytes) -> dict[str, bytes]:
    [count] = struct.unpack_from(">H", data, 12)
    [packed] = struct.unpack_from(">I", data, 20)
    file = BytesIO(data)
    file.seek(_WOFF2_HEADER)
    entries = {}
    tags = []
    for _ in range(min(count, MOST_TABLES + 1)):
        entry = WOFF2DirectoryEntry()
        entry.fromFile(file)
        tags.append(str(entry.tag))
        entries[tags[-1]] = entry
    wanted = _wanted(tags)
    size = sum(entry.length for entry in entries.values())
    _check_unpacked(size)
    _check_unpacked(sum(entry.origLength for entry in entries.values()))
    begin = file.tell()
    unpacked = brotli.Decompressor().process(
        data[begin : begin + packed], output_buffer_limit=size + 1
    )
    if len(unpacked) != size:
        raise TypefaceError("the tables have another size than the font says")
    _check_transforms(entries, unpacked)
    # What follows the tables, which may be packed too, is not told to the reader.
    reader = WOFF2Reader(BytesIO(data[:28] + bytes(_WOFF2_HEADER - 28) + data[_WOFF2_HEADER:]))
    return _variable({tag: reader[tag] for tag in wanted}, tags)


def _check_transforms(entries: dict[str, WOFF2DirectoryEntry], unpacked: bytes) -> None:
    """Letters that come in streams tell how many points they have; widths that come without their
    bearings must come with such letters, for those are looked at to find them."""
    begin = 0
    points = None
    for tag, entry in entries.items():
        if tag == "glyf" and entry.transformed:
            points = _GLYF_STREAMS.unpack_from(unpacked, begin)[6]
        begin += entry.length
    if points is not None and points > MOST_POINTS:
        raise TypefaceError(f"a font has at most {MOST_POINTS} points, this one {points}")
    if points is None and "hmtx" in entries and entries["hmtx"].transformed:
        raise TypefaceError("the table hmtx is packed and glyf is not; export the font again")
