import struct
import time

import pytest
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from hypothesis import given
from hypothesis import strategies as st

from renderers.typeface.characters import LAST, read_characters
from renderers.typeface.errors import TypefaceError
from tests.renderers.support import law
from tests.renderers.typeface.support import few, opened, tables_of

GLYPHS = 500
codes = st.dictionaries(
    st.integers(0, 0xD7FF) | st.integers(0x20, 0x7F) | st.integers(0x10000, LAST),
    st.integers(1, GLYPHS - 1),
    min_size=1,
    max_size=60,
)


class Numbered:
    """As much of a font as the tables of fontTools need."""

    def getGlyphID(self, name: str) -> int:  # noqa: N802
        return int(name)

    def getReverseGlyphMap(self) -> dict[str, int]:  # noqa: N802
        return {str(number): number for number in range(GLYPHS)}


def packed(format_: int, mapped: dict[int, int], kind: tuple[int, int] = (3, 10)) -> bytes:
    table = CmapSubtable.newSubtable(format_)
    table.platformID, table.platEncID = kind
    table.language = 0
    table.cmap = {code: str(glyph) for code, glyph in mapped.items()}
    data: bytes = table.compile(Numbered())
    return data


def cmap(*tables: tuple[tuple[int, int], bytes]) -> bytes:
    begin = 4 + 8 * len(tables)
    entries, parts = b"", b""
    for kind, data in tables:
        entries += struct.pack(">HHI", *kind, begin + len(parts))
        parts += data
    return struct.pack(">HH", 0, len(tables)) + entries + parts


def groups(*entries: tuple[int, int, int], count: int | None = None) -> bytes:
    parts = b"".join(struct.pack(">III", *entry) for entry in entries)
    return struct.pack(">HHIII", 12, 0, 16 + len(parts), 0, count or len(entries)) + parts


def segments(*entries: tuple[int, int, int, int], listed: tuple[int, ...] = ()) -> bytes:
    """Each of a first and last code, a difference, and an offset."""
    firsts, lasts, deltas, offsets = zip(*entries, strict=True)
    count = len(entries)
    return struct.pack(
        f">7H{count}HH{3 * count}H{len(listed)}H",
        *(4, 0, 0, 2 * count, 0, 0, 0),
        *(*lasts, 0, *firsts, *deltas, *offsets, *listed),
    )


@law
@given(codes)
def test_every_character_has_its_glyph(mapped: dict[int, int]) -> None:
    assert read_characters(cmap(((3, 10), packed(12, mapped))), GLYPHS) == mapped
    short = {code: glyph for code, glyph in mapped.items() if code < 0x10000}
    if short:
        assert read_characters(cmap(((3, 1), packed(4, short, (3, 1)))), GLYPHS) == short


def test_the_characters_of_a_font_are_those_that_fonttools_finds() -> None:
    font = opened(few())
    names = font.getReverseGlyphMap()
    expected = {code: names[name] for code, name in font.getBestCmap().items()}
    assert read_characters(tables_of(few())["cmap"], len(names)) == expected


def test_characters_come_in_order() -> None:
    found = read_characters(cmap(((3, 10), groups((90, 91, 1), (65, 66, 5)))), GLYPHS)
    assert list(found.items()) == [(65, 5), (66, 6), (90, 1), (91, 2)]


def test_the_fullest_map_is_read() -> None:
    full, short = groups((65, 70, 1)), packed(4, {65: 9}, (3, 1))
    for kinds in (((0, 3), (3, 10)), ((3, 10), (0, 3)), ((0, 4), (3, 1)), ((3, 1), (1, 0))):
        tables = [(kind, full if kind in {(3, 10), (0, 4)} else short) for kind in kinds]
        expected = 1 if full in dict(tables).values() else 9
        assert read_characters(cmap(*tables), GLYPHS)[65] == expected


def test_of_two_maps_of_one_kind_the_first_is_read() -> None:
    table = cmap(((3, 10), groups((65, 65, 1))), ((3, 10), groups((65, 65, 2))))
    assert read_characters(table, GLYPHS) == {65: 1}


@pytest.mark.parametrize(
    "table",
    [
        cmap(),
        cmap(((3, 0), packed(4, {0xF041: 1}, (3, 0)))),
        cmap(((1, 0), packed(6, {65: 1}, (1, 0)))),
        cmap(((3, 1), packed(6, {65: 1}, (3, 1)))),
    ],
    ids=["none", "of symbols", "of Macintosh", "of another format"],
)
def test_a_font_without_unicode_is_refused(table: bytes) -> None:
    with pytest.raises(TypefaceError, match="does not say which Unicode characters it has"):
        read_characters(table, GLYPHS)


def test_what_is_no_character_or_no_glyph_is_left_out() -> None:
    table = cmap(((3, 10), groups((65, 68, GLYPHS - 2), (0xD7FF, 0xE000, 1), (LAST, LAST + 2, 9))))
    assert set(read_characters(table, GLYPHS)) == {65, 66, 0xD7FF, LAST} | {0xE000} - {0xE000} | (
        {0xE000} if GLYPHS > 1 + 0xE000 - 0xD7FF else set()
    )
    zero = cmap(((3, 1), segments((65, 67, (-66) & 0xFFFF, 0), (0xFFFF, 0xFFFF, 1, 0))))
    assert read_characters(zero, GLYPHS) == {67: 1}


def test_segments_with_a_list_of_glyphs() -> None:
    table = segments((65, 67, 1, 4), (0xFFFF, 0xFFFF, 1, 0xFFFF), listed=(5, 0, 7))
    assert read_characters(cmap(((3, 1), table)), GLYPHS) == {65: 6, 67: 8}


@pytest.mark.parametrize(
    "table",
    [
        groups(*[(0, LAST, 1)] * 2),
        groups((0, 2**32 - 1, 1)),
        groups(*[(5, 5 + LAST // 100, 1)] * 101),
        segments(*[(0, 0xFFFF, 1, 0)] * 18),
    ],
)
def test_a_map_of_more_than_there_is_is_refused(table: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(TypefaceError, match="maps more characters"):
        read_characters(cmap(((3, 10), table)), GLYPHS)
    assert time.perf_counter() - started < 1


def test_groups_that_end_before_they_begin_are_empty() -> None:
    assert read_characters(cmap(((3, 10), groups((70, 60, 1), (65, 65, 2)))), GLYPHS) == {65: 2}


@pytest.mark.parametrize("length", [0, 3, 5, 11, 13, 20])
def test_a_table_that_is_cut_is_told(length: int) -> None:
    whole = cmap(((3, 1), segments((65, 67, 1, 4), (0xFFFF, 0xFFFF, 1, 0), listed=(5, 6, 7))))
    with pytest.raises(struct.error):
        read_characters(whole[:length], GLYPHS)
    with pytest.raises(struct.error):
        read_characters(whole[:-2], GLYPHS)
