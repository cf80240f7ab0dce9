"""Small fonts for the tests of renderers.typeface: whole, and with a table changed."""

import struct
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from renderers import fonts
from renderers.fonts import Font

TEXT = "Aaäfflš1"
SQUARE = ((0, 0), (0, 500), (500, 500), (500, 0))
OFFSETS, LENGTHS = 8, 12
"""Where the numbers of an entry stand in a list of tables."""


@cache
def shipped(font: Font) -> bytes:
    return (files(fonts) / font).read_bytes()


@cache
def few(font: Font = Font.SERIF, text: str = TEXT, flavor: str | None = None) -> bytes:
    """A shipped font with few letters, their layout, and what is not drawn with."""
    options = Options(layout_features=["*"], notdef_outline=True, hinting=True)
    subsetter = Subsetter(options)
    source = TTFont(BytesIO(shipped(font)), recalcTimestamp=False)
    subsetter.populate(text=text)
    subsetter.subset(source)
    source.flavor = flavor
    return saved(source)


def saved(font: TTFont) -> bytes:
    output = BytesIO()
    font.save(output)
    return output.getvalue()


def opened(data: bytes) -> TTFont:
    return TTFont(BytesIO(data), recalcTimestamp=False)


def tables_of(data: bytes) -> dict[str, bytes]:
    """As they stand in a TTF or OTF file."""
    [count] = struct.unpack_from(">H", data, 4)
    found = {}
    for number in range(count):
        tag, _, begin, length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        found[tag.decode()] = data[begin : begin + length]
    return found


def sfnt(tables: Mapping[str, bytes], kind: bytes = b"\0\1\0\0") -> bytes:
    """A file of these tables, whatever is in them."""
    begin = 12 + 16 * len(tables)
    entries, parts = b"", b""
    for tag, data in tables.items():
        entries += struct.pack(">4sIII", tag.encode(), 0, begin + len(parts), len(data))
        parts += data + bytes(-len(data) % 4)
    return struct.pack(">4sHHHH", kind, len(tables), 0, 0, 0) + entries + parts


def changed(data: bytes, **tables: bytes | None) -> bytes:
    """The font with other tables; `OS_2` stands for OS/2, `CFF` for its tag with a space."""
    found: dict[str, bytes] = tables_of(data)
    for name, table in tables.items():
        tag = {"OS_2": "OS/2", "CFF": "CFF "}.get(name, name)
        found.pop(tag, None)
        if table is not None:
            found[tag] = table
    return sfnt(dict(sorted(found.items())), data[:4])


def put(table: bytes, place: int, format_: str, *values: int) -> bytes:
    """The table with other numbers at a place."""
    whole = bytearray(table)
    struct.pack_into(">" + format_, whole, place, *values)
    return bytes(whole)


def edited(data: bytes, edit: Callable[[TTFont], object]) -> bytes:
    """The font after an edit by fontTools."""
    font = opened(data)
    edit(font)
    return saved(font)


def square(*, truetype: bool = True, side: int = 500) -> Any:
    pen = TTGlyphPen(None) if truetype else T2CharStringPen(500, None)
    pen.moveTo((0, 0))
    for corner in ((0, side), (side, side), (side, 0)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph() if truetype else pen.getCharString()


def blocky(
    shapes: Mapping[str, Any] | None = None,
    characters: Mapping[int, str] | None = None,
    *,
    truetype: bool = True,
    notdef: Any = None,
    em: int = 1000,
    edit: Callable[[FontBuilder], object] = lambda _: None,
) -> bytes:
    """A font of squares, or of other shapes by glyph name; without `characters` each glyph stands
    for its own name. Glyphs are one em wide, a line is one and a fifth high."""
    given = dict(shapes or {"A": square(truetype=truetype)})
    empty = TTGlyphPen(None).glyph() if truetype else T2CharStringPen(500, None).getCharString()
    glyphs = {".notdef": notdef or empty, **given}
    builder = FontBuilder(em, isTTF=truetype)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(characters or {ord(name): name for name in given if len(name) == 1})
    if truetype:
        builder.setupGlyf(glyphs)
    else:
        builder.setupCFF("Blocky", {}, glyphs, {})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (em, 0)))
    builder.setupHorizontalHeader(ascent=em, descent=-em // 5)
    builder.setupNameTable({"familyName": "Blocky", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=em, sTypoDescender=-em // 5)
    builder.setupPost()
    edit(builder)
    builder.font.recalcTimestamp = False
    return saved(builder.font)
