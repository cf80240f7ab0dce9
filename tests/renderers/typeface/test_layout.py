import struct
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.otlLib import builder as otl
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

from renderers.fonts import Font
from renderers.typeface import layout
from renderers.typeface.errors import TypefaceError
from renderers.typeface.layout import MOST_PAIRS, add_layout
from tests.renderers.typeface.support import blocky, changed, few, opened, put, square, tables_of

EM = 1000
LETTERS = {letter: square() for letter in "ABC"}


def laid_out(data: bytes, em: int = EM) -> TTFont:
    """The font with no layout but what is read."""
    font = opened(data)
    tables = tables_of(data)
    for tag in ("GDEF", "GSUB", "GPOS", "kern"):
        if tag in font:
            del font[tag]
    add_layout(font, tables, em)
    return font


def positioned(*values: otl.ValueRecord, **more: Any) -> bytes:
    """A font that moves its letters."""
    moves = otl.buildSinglePos(
        dict(zip("ABC", values, strict=False)), {".notdef": 0, "A": 1, "B": 2, "C": 3}
    )
    return blocky(
        LETTERS, edit=lambda builder: add(builder, "GPOS", [otl.buildLookup(moves)], **more)
    )


def add(builder: FontBuilder, tag: str, lookups: list[Any], version: int = 0x00010000) -> None:
    table = newTable(tag)
    table.table = getattr(otTables, tag)()
    table.table.Version = version
    table.table.ScriptList = otTables.ScriptList()
    table.table.ScriptList.ScriptRecord = []
    table.table.FeatureList = otTables.FeatureList()
    table.table.FeatureList.FeatureRecord = []
    table.table.LookupList = otTables.LookupList()
    table.table.LookupList.Lookup = lookups
    if version > 0x00010000:
        table.table.FeatureVariations = otTables.FeatureVariations()
        table.table.FeatureVariations.Version = 0x00010000
        table.table.FeatureVariations.FeatureVariationRecord = []
    builder.font[tag] = table


@pytest.mark.parametrize("font", [Font.SERIF, Font.REGULAR])
def test_layout_is_kept(font: Font) -> None:
    data = few(font)
    before, after = opened(data), laid_out(data)
    for tag in ("GSUB", "GPOS", "GDEF"):
        assert (tag in before) == (tag in after)
        if tag in before:
            assert after[tag].compile(after) == before[tag].compile(before)


def test_a_font_without_layout_has_none() -> None:
    assert not {"GSUB", "GPOS", "GDEF", "kern"} & set(laid_out(blocky()).keys())


def test_of_a_variable_font_only_the_default_is_kept() -> None:
    data = positioned(otl.buildValue({"XAdvance": 30}), version=0x00010001)
    table = laid_out(data)["GPOS"].table
    assert (table.Version, table.FeatureVariations) == (0x00010000, None)

    def define(builder: FontBuilder) -> None:
        builder.font["GDEF"] = newTable("GDEF")
        gdef = builder.font["GDEF"].table = otTables.GDEF()
        gdef.Version = 0x00010003
        gdef.GlyphClassDef = otTables.GlyphClassDef()
        gdef.GlyphClassDef.classDefs = {"A": 1}
        gdef.VarStore = otTables.VarStore()
        gdef.VarStore.Format = 1
        gdef.VarStore.VarRegionList = otTables.VarRegionList()
        gdef.VarStore.VarRegionList.RegionAxisCount = 0
        gdef.VarStore.VarRegionList.Region = []
        gdef.VarStore.VarData = []

    font = laid_out(blocky(LETTERS, edit=define))
    gdef = font["GDEF"].table
    assert (gdef.Version, gdef.VarStore) == (0x00010002, None)
    assert gdef.GlyphClassDef.classDefs == {"A": 1}
    assert font["GDEF"].compile(font)


@pytest.mark.parametrize("move", ["XPlacement", "YPlacement", "XAdvance", "YAdvance"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_letter_is_not_moved_far(move: str, sign: int) -> None:
    near, far = (positioned(otl.buildValue({move: sign * by})) for by in (16 * EM, 16 * EM + 1))
    assert "GPOS" in laid_out(near)
    with pytest.raises(TypefaceError, match=r"moves a letter by more than 16 em \(GPOS\)"):
        laid_out(far)


@pytest.mark.parametrize("place", [(16 * EM + 1, 0), (0, -16 * EM - 1)])
def test_a_mark_does_not_stand_far(place: tuple[int, int]) -> None:
    def marked(x: int, y: int) -> bytes:
        marks = otl.buildMarkBasePosSubtable(
            {"B": (0, otl.buildAnchor(0, 0))},
            {"A": {0: otl.buildAnchor(x, y)}},
            {".notdef": 0, "A": 1, "B": 2, "C": 3},
        )
        return blocky(
            LETTERS, edit=lambda builder: add(builder, "GPOS", [otl.buildLookup([marks])])
        )

    assert "GPOS" in laid_out(marked(100, 900))
    with pytest.raises(TypefaceError, match="moves a letter by more than"):
        laid_out(marked(*place))


def test_what_says_the_same_again_and_again_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand lookups that are one and the same few bytes, of a thousand subtables that are."""
    many = 1000
    subtable = struct.pack(">HHHHHH", 1, 6, 1, 1, 1, 1)
    lookup = struct.pack(">HHH", 1, 0, many) + struct.pack(">H", 6 + 2 * many) * many + subtable
    lookups = struct.pack(">H", many) + struct.pack(">H", 2 + 2 * many) * many + lookup
    table = struct.pack(">IHHH", 0x00010000, 10, 12, 14) + bytes(4) + lookups
    monkeypatch.setattr(layout, "MOST_VALUES", 100_000)
    with pytest.raises(TypefaceError, match="a table of layout says more than 100000 things"):
        add_layout(opened(blocky(LETTERS)), {"GSUB": table}, EM)


def substituting(coverage: bytes, further: int = 0) -> bytes:
    """GSUB that puts another glyph in the place of those that are covered: so many further on."""
    subtable = struct.pack(">HHH", 1, 6, further) + coverage
    lookup = struct.pack(">HHHH", 1, 0, 1, 8) + subtable
    lists = struct.pack(">HH", 1, 4) + lookup
    return struct.pack(">IHHH", 0x00010000, 10, 12, 14) + bytes(4) + lists


def test_glyphs_that_there_are_not_are_told() -> None:
    font = opened(blocky(LETTERS))
    one = struct.pack(">HHH", 1, 1, 1)
    add_layout(font, {"GSUB": substituting(one, 1)}, EM)
    [subtable] = font["GSUB"].table.LookupList.Lookup[0].SubTable
    assert subtable.mapping == {"A": "B"}
    for table in (substituting(one, 3), substituting(struct.pack(">HHH", 1, 1, 4))):
        with pytest.raises(TypefaceError, match="broken in the table GSUB"):
            add_layout(opened(blocky(LETTERS)), {"GSUB": table}, EM)
    assert font.getGlyphName(4) == "glyph00004"


def test_ranges_of_glyphs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_VALUES", 700)
    for ranges, right in ((50, True), (200, False)):
        coverage = struct.pack(">HH", 2, ranges) + struct.pack(">HHH", 1, 3, 0) * ranges
        font = opened(blocky(LETTERS))
        if right:
            add_layout(font, {"GSUB": substituting(coverage)}, EM)
        else:
            with pytest.raises(TypefaceError, match="says more than 700 things"):
                add_layout(font, {"GSUB": substituting(coverage)}, EM)


def test_layout_says_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_VALUES", 100)
    for font in (Font.SERIF, Font.REGULAR):
        with pytest.raises(TypefaceError, match="a table of layout says more than 100 things"):
            laid_out(few(font))


@pytest.mark.parametrize("tag", ["GSUB", "GPOS", "GDEF"])
def test_a_table_that_is_cut_is_told(tag: str) -> None:
    table = tables_of(few(Font.REGULAR))[tag]
    for length in (0, 4, 9, len(table) // 2):
        with pytest.raises(TypefaceError, match=f"broken in the table {tag}"):
            add_layout(opened(few(Font.REGULAR)), {tag: table[:length]}, EM)


def kerned(*tables: dict[tuple[str, str], int]) -> bytes:
    def kern(builder: FontBuilder) -> None:
        table = builder.font["kern"] = newTable("kern")
        table.version, table.kernTables = 0, []
        for pairs in tables:
            part = KernTable_format_0()
            part.coverage, part.kernTable = 1, pairs
            table.kernTables.append(part)

    return blocky(LETTERS, edit=kern)


def pairs(data: bytes) -> dict[tuple[str, str], int] | None:
    font = laid_out(data)
    if "kern" not in font:
        return None
    again = newTable("kern")
    again.decompile(font["kern"].compile(font), font)
    [part] = again.kernTables
    found: dict[tuple[str, str], int] = part.kernTable
    return found


def test_pairs_of_an_old_font_are_kept() -> None:
    assert pairs(kerned({("A", "B"): -50, ("B", "A"): 20})) == {("A", "B"): -50, ("B", "A"): 20}
    assert pairs(kerned({("A", "B"): -50}, {("A", "C"): 1, ("A", "B"): 2})) == {
        ("A", "B"): 2,
        ("A", "C"): 1,
    }
    assert pairs(kerned({("A", "B"): 16 * EM + 1, ("A", "A"): 1})) == {("A", "A"): 1}


def test_pairs_beside_newer_positions_are_not() -> None:
    data = positioned(otl.buildValue({"XAdvance": 30}))
    assert pairs(changed(data, kern=tables_of(kerned({("A", "B"): -50}))["kern"])) is None


def test_pairs_of_other_kinds_are_left_out() -> None:
    data = kerned({("A", "B"): -50})
    table = tables_of(data)["kern"]
    assert pairs(changed(data, kern=put(table, 0, "H", 1))) is None
    for coverage in (0x0000, 0x0003, 0x0005, 0x0201):
        assert pairs(changed(data, kern=put(table, 8, "H", coverage))) is None
    assert pairs(changed(data, kern=put(table, 18, "H", 4))) is None
    assert pairs(kerned()) is None


def test_there_are_so_many_pairs() -> None:
    names = [f"{number:03}" for number in range(120)]
    every = {(left, right): 1 for left in names for right in names}

    def kern(builder: FontBuilder) -> None:
        table = builder.font["kern"] = newTable("kern")
        table.version = 0
        part = KernTable_format_0()
        part.coverage, part.kernTable = 1, every
        table.kernTables = [part]

    data = blocky({name: square() for name in names}, {65: "000"}, edit=kern)
    found = pairs(data)
    assert found is not None
    assert len(found) == MOST_PAIRS < len(every)


def test_a_list_of_pairs_that_is_cut_is_told() -> None:
    data = kerned({("A", "B"): -50})
    table = tables_of(data)["kern"]
    for length in (3, 8, len(table) - 1):
        with pytest.raises(TypefaceError, match="broken in the table kern"):
            pairs(changed(data, kern=table[:length]))
    endless = put(table, 2, "H", 0xFFFF)
    assert pairs(changed(data, kern=put(endless, 6, "H", 0))) == {("A", "B"): -50}
