import struct

import pytest

from renderers.typeface.errors import TypefaceError
from renderers.typeface.metrics import read_metrics
from tests.renderers.typeface.support import blocky, few, opened, put, tables_of

TABLES = tables_of(blocky())
WINDOWS = TABLES["OS/2"]


def with_(**changed: bytes | None) -> dict[str, bytes]:
    names = {"OS_2": "OS/2"}
    given = TABLES | {names.get(name, name): table for name, table in changed.items()}
    return {tag: table for tag, table in given.items() if table is not None}


def test_the_measures_of_a_font() -> None:
    read = read_metrics(tables_of(few()))
    font = opened(few())
    assert (read.em, read.ascent, read.descent, read.gap) == (1000, 1082, -251, 0)
    assert (read.weight, read.glyphs) == (700, len(font.getGlyphOrder()))
    assert list(read.widths) == [font["hmtx"][name] for name in font.getGlyphOrder()]
    assert len(set(read.order)) == read.glyphs
    assert read.order[0] == ".notdef"


def test_of_the_last_glyphs_only_bearings_are_written() -> None:
    tables = with_(hhea=put(TABLES["hhea"], 34, "H", 1), hmtx=struct.pack(">Hhh", 700, 5, -7))
    assert read_metrics(tables).widths == ((700, 5), (700, -7))


@pytest.mark.parametrize(("em", "right"), [(15, False), (16, True), (16384, True), (16385, False)])
def test_an_em_has_so_many_units(em: int, right: bool) -> None:
    tables = with_(
        head=put(TABLES["head"], 18, "H", em),
        hhea=put(TABLES["hhea"], 4, "hh", em, 0),
        hmtx=struct.pack(">Hhh", em, 0, 0),
    )
    if right:
        assert read_metrics(tables).em == em
    else:
        with pytest.raises(TypefaceError, match=f"em of the font is {em} units; 16 to 16384"):
            read_metrics(tables)


@pytest.mark.parametrize(
    ("ascent", "descent"), [(0, 0), (-100, 100), (100, 100), (4000, -1000), (32767, -32768)]
)
def test_a_line_is_about_as_high_as_letters_are(ascent: int, descent: int) -> None:
    tables = with_(hhea=put(TABLES["hhea"], 4, "hh", ascent, descent), OS_2=None)
    with pytest.raises(TypefaceError, match=rf"a line of the font is {ascent - descent} units"):
        read_metrics(tables)


def test_a_line_is_as_freetype_has_it() -> None:
    typographic = put(put(WINDOWS, 68, "hhh", 800, -200, 90), 74, "HH", 700, 300)
    selected = put(typographic, 62, "H", 0x80)
    empty = put(TABLES["hhea"], 4, "hh", 0, 0)
    unset = put(typographic, 68, "hhh", 0, 0, 90)

    def line(**changed: bytes | None) -> tuple[int, int, int]:
        read = read_metrics(with_(**changed))
        return read.ascent, read.descent, read.gap

    assert line(OS_2=typographic) == (1000, -200, 0)
    assert line(OS_2=None) == (1000, -200, 0)
    assert line(OS_2=selected) == (800, -200, 90)
    assert line(OS_2=put(selected, 68, "hhh", 0, 0, 90)) == (1000, -200, 0)
    assert line(OS_2=typographic, hhea=empty) == (800, -200, 90)
    assert line(OS_2=unset, hhea=empty) == (700, -300, 0)


def test_the_weight() -> None:
    bold = put(TABLES["head"], 44, "H", 1)
    assert read_metrics(with_(OS_2=put(WINDOWS, 4, "H", 250))).weight == 250
    assert read_metrics(with_(OS_2=put(WINDOWS, 4, "H", 60000))).weight == 1000
    assert read_metrics(with_(OS_2=put(WINDOWS, 4, "H", 0))).weight == 400
    assert read_metrics(with_(OS_2=put(WINDOWS, 4, "H", 0), head=bold)).weight == 700
    assert read_metrics(with_(OS_2=None)).weight == 400
    assert read_metrics(with_(OS_2=None, head=bold)).weight == 700


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [(0, True), (2, False), (4, True), (8, True), (6, True), (0x102, False), (0x300, True)],
)
def test_a_licence_that_forbids_it_is_kept(kind: int, allowed: bool) -> None:
    tables = with_(OS_2=put(WINDOWS, 8, "H", kind))
    if allowed:
        assert read_metrics(tables).weight == 400
    else:
        with pytest.raises(TypefaceError, match="licence forbids embedding"):
            read_metrics(tables)


def test_a_glyph_is_not_wider_than_a_line() -> None:
    assert read_metrics(with_(hmtx=struct.pack(">Hhh", 16000, 0, 0))).widths[1] == (16000, 0)
    with pytest.raises(TypefaceError, match="a glyph of the font is wider than 16 em"):
        read_metrics(with_(hmtx=struct.pack(">Hhh", 16001, 0, 0)))


@pytest.mark.parametrize(("glyphs", "whole"), [(0, 0), (2, 0), (2, 3), (0, 1)])
def test_there_are_widths_for_the_glyphs(glyphs: int, whole: int) -> None:
    tables = with_(
        maxp=put(TABLES["maxp"], 4, "H", glyphs), hhea=put(TABLES["hhea"], 34, "H", whole)
    )
    with pytest.raises(TypefaceError, match=f"has {glyphs} glyphs, and widths for {whole}"):
        read_metrics(tables)


@pytest.mark.parametrize("tag", ["head", "hhea", "maxp", "hmtx", "OS/2"])
def test_a_table_that_is_cut_is_told(tag: str) -> None:
    with pytest.raises(struct.error):
        read_metrics(TABLES | {tag: TABLES[tag][:5]})
