import struct
import zlib

import brotli
import pytest

from renderers.fonts import Font
from renderers.typeface import containers
from renderers.typeface.containers import MOST_BYTES, MOST_TABLES, READ, unpack
from renderers.typeface.errors import TypefaceError
from tests.renderers.typeface.support import (
    LENGTHS,
    OFFSETS,
    blocky,
    few,
    opened,
    put,
    saved,
    sfnt,
    tables_of,
)

FONTS = [few(font) for font in (Font.SERIF, Font.REGULAR)]
WOFF, WOFF2 = (few(flavor=flavor) for flavor in ("woff", "woff2"))


def entry(number: int, field: int) -> int:
    return 12 + 16 * number + field


def woff(tables: dict[str, bytes], sizes: dict[str, int] | None = None) -> bytes:
    """`sizes` are what the file says of tables, where it is not true."""
    begin = 44 + 20 * len(tables)
    entries, parts = b"", b""
    for tag, table in tables.items():
        packed = zlib.compress(table)
        size = (sizes or {}).get(tag, len(table))
        entries += struct.pack(">4sIIII", tag.encode(), begin + len(parts), len(packed), size, 0)
        parts += packed + bytes(-len(packed) % 4)
    header = struct.pack(">4s4sIHHI", b"wOFF", b"\0\1\0\0", 0, len(tables), 0, 0)
    return header + bytes(44 - len(header)) + entries + parts


def woff2(tables: dict[str, bytes], sizes: dict[str, int] | None = None, flags: int = 0) -> bytes:
    """Without transforms, unless `flags` say so of hmtx; see `woff`."""

    def base128(number: int) -> bytes:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        return bytes(reversed(digits))

    entries = b""
    for tag, table in tables.items():
        size = base128((sizes or {}).get(tag, len(table)))
        kind = 0xC0 if tag in {"glyf", "loca"} else flags if tag == "hmtx" else 0
        entries += (
            bytes([0x3F | kind]) + tag.encode() + size + (size if tag == "hmtx" and flags else b"")
        )
    packed: bytes = brotli.compress(b"".join(tables.values()))
    length = 48 + len(entries) + len(packed)
    header = struct.pack(">4s4sIHHII", b"wOF2", b"\0\1\0\0", length, len(tables), 0, 0, len(packed))
    return header + bytes(48 - len(header)) + entries + packed


@pytest.mark.parametrize("data", FONTS)
def test_only_what_is_looked_at_is_taken(data: bytes) -> None:
    found = unpack(data)
    assert found == {tag: part for tag, part in tables_of(data).items() if tag in READ}


@pytest.mark.parametrize("data", FONTS)
def test_packed_tables_are_unpacked(data: bytes) -> None:
    tables = unpack(data)
    font = opened(data)
    font.flavor = "woff"
    assert unpack(saved(font)) == tables
    assert unpack(woff(tables_of(data))) == tables
    assert unpack(woff2(tables_of(data))) == tables


@pytest.mark.parametrize("font", [Font.SERIF, Font.REGULAR])
def test_transformed_tables_are_put_together(font: Font) -> None:
    tables, straight = unpack(few(font, flavor="woff2")), unpack(few(font))
    assert tables.keys() == straight.keys()
    assert {tag: tables[tag] for tag in ("hmtx", "cmap", "GPOS")} == {
        tag: straight[tag] for tag in ("hmtx", "cmap", "GPOS")
    }


def test_that_a_font_is_variable_is_told() -> None:
    tables = tables_of(FONTS[0]) | {"fvar": b"many"}
    for data in (sfnt(tables), woff(tables), woff2(tables)):
        assert unpack(data)["fvar"] == b""
        assert "fvar" not in unpack(FONTS[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\1\0\0"[:3],
        b"%!PS-AdobeFont",
        b"GIF89a",
        b"wOFF",
        b"wOFFOTTX",
        b"wOF2ttcf",
        b"typ1",
    ],
)
def test_another_format_is_refused(data: bytes) -> None:
    with pytest.raises(TypefaceError, match=r"^a font is one of TTF, OTF, WOFF, WOFF2$"):
        unpack(data)


def test_a_collection_is_refused() -> None:
    with pytest.raises(TypefaceError, match="a collection of fonts: upload each"):
        unpack(b"ttcf\0\1\0\0" + bytes(99))


def test_a_large_file_is_refused() -> None:
    with pytest.raises(
        TypefaceError, match=f"at most {MOST_BYTES} bytes, this one {MOST_BYTES + 1}"
    ):
        unpack(bytes(MOST_BYTES + 1))


@pytest.mark.parametrize("tag", ["head", "hhea", "maxp", "hmtx", "cmap"])
def test_a_table_that_is_needed_is_named(tag: str) -> None:
    tables = tables_of(FONTS[0])
    for table in (None, b""):
        fewer = {other: part for other, part in tables.items() if other != tag}
        given = fewer if table is None else fewer | {tag: table}
        with pytest.raises(TypefaceError, match=f"the font has no table {tag}; "):
            unpack(sfnt(given))


@pytest.mark.parametrize("pack", [sfnt, woff, woff2])
def test_a_font_has_so_many_tables(pack: object) -> None:
    assert callable(pack)
    tables = tables_of(FONTS[0])
    more = {f"x{number:03}": b"xxxx" for number in range(MOST_TABLES - len(tables))}
    assert unpack(pack(tables | more))
    for wrong in ({}, tables | more | {"last": b"xxxx"}):
        with pytest.raises(TypefaceError, match=f"has 1 to {MOST_TABLES} tables, each once"):
            unpack(pack(wrong))


def test_a_table_stands_once() -> None:
    data = FONTS[0]
    with pytest.raises(TypefaceError, match="each once"):
        unpack(data[:28] + data[12:16] + data[32:])


def test_tables_that_overlap_or_reach_out_are_refused() -> None:
    data = FONTS[0]
    [begin] = struct.unpack_from(">I", data, entry(1, OFFSETS))
    for number, place in ((0, begin), (1, begin - 4), (0, 12)):
        with pytest.raises(TypefaceError, match="tables of the font overlap"):
            unpack(put(data, entry(number, OFFSETS), "I", place))
    last = max(range(len(tables_of(data))), key=lambda number: data[entry(number, OFFSETS) :][:4])
    for length in (2**20, 2**32 - 1):
        with pytest.raises(TypefaceError, match="the font ends within a table"):
            unpack(put(data, entry(last, LENGTHS), "I", length))
    with pytest.raises(TypefaceError, match="the font ends within a table"):
        unpack(data[:-100])


@pytest.mark.parametrize("data", [*FONTS, WOFF, WOFF2])
def test_a_file_that_is_cut_is_refused(data: bytes) -> None:
    for length in range(0, len(data) - 4, 97):
        with pytest.raises(TypefaceError):
            unpack(data[:length])


def test_what_unpacks_to_much_is_refused_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MOST_UNPACKED", 100_000)
    tables = tables_of(blocky())
    for pack in (woff, woff2):
        assert unpack(pack(tables | {"long": bytes(90_000)}))
        with pytest.raises(TypefaceError, match="at most 100000 bytes unpacked, this one"):
            unpack(pack(tables | {"long": bytes(100_000)}))


@pytest.mark.parametrize(
    ("pack", "named"), [(woff, "the table cmap has"), (woff2, "the tables have")]
)
@pytest.mark.parametrize("more", [-1, 1, 1000])
def test_a_size_that_is_not_true_is_refused(pack: object, named: str, more: int) -> None:
    assert callable(pack)
    tables = tables_of(blocky())
    with pytest.raises(TypefaceError, match=f"{named} another size than the font says"):
        unpack(pack(tables, {"cmap": len(tables["cmap"]) + more}))


def test_letters_in_streams_tell_how_many_points_they_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(containers, "MOST_POINTS", 100)
    with pytest.raises(TypefaceError, match=r"at most 100 points, this one 1005$"):
        unpack(WOFF2)
    assert unpack(few(Font.REGULAR, flavor="woff2"))


def test_widths_without_bearings_need_letters_in_streams() -> None:
    with pytest.raises(TypefaceError, match="the table hmtx is packed and glyf is not"):
        unpack(woff2(tables_of(blocky()), flags=0x40))
    assert unpack(woff2(tables_of(blocky())))


def test_what_follows_the_tables_is_not_unpacked() -> None:
    bomb = brotli.compress(bytes(1000))
    data = WOFF2 + bytes(-len(WOFF2) % 4)
    told = struct.pack(">III", len(data), len(bomb), 2**31)
    whole = data[:8] + struct.pack(">I", len(data + bomb)) + data[12:28] + told + data[40:] + bomb
    assert unpack(whole) == unpack(WOFF2)
