import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.otlLib import builder as otl
from fontTools.ttLib.tables import otTables

from renderers.fonts import Font
from renderers.typeface.errors import TypefaceError
from renderers.typeface.proof import MOST_IN_LINE, prove
from tests.renderers.typeface.support import blocky, changed, few, put, shipped, square, tables_of
from tests.renderers.typeface.test_layout import add

LETTERS = {letter: square() for letter in "ABC"}


def moving(**moves: int) -> bytes:
    subtables = otl.buildSinglePos(
        {"A": otl.buildValue(moves)}, {".notdef": 0, "A": 1, "B": 2, "C": 3}
    )

    def position(builder: FontBuilder) -> None:
        add(builder, "GPOS", [otl.buildLookup(subtables)])
        table = builder.font["GPOS"].table
        feature = otTables.FeatureRecord()
        feature.FeatureTag = "kern"
        feature.Feature = otTables.Feature()
        feature.Feature.FeatureParams = None
        feature.Feature.LookupListIndex = [0]
        table.FeatureList.FeatureRecord = [feature]
        script = otTables.ScriptRecord()
        script.ScriptTag = "DFLT"
        script.Script = otTables.Script()
        script.Script.DefaultLangSys = otTables.DefaultLangSys()
        script.Script.DefaultLangSys.ReqFeatureIndex = 0xFFFF
        script.Script.DefaultLangSys.FeatureIndex = [0]
        script.Script.LangSysRecord = []
        table.ScriptList.ScriptRecord = [script]

    return blocky(LETTERS, edit=position)


def test_a_font_that_draws_is_left_in_peace() -> None:
    prove(few(), "Aäfflš1")
    prove(shipped(Font.REGULAR), "".join(map(chr, range(0x20, 0x600))))
    prove(blocky(), "")


def test_what_ends_a_paragraph_stands_in_no_line() -> None:
    prove(few(), "A\r\n\x1c\x1d\x1e\x85\u2029a")


@pytest.mark.parametrize("data", [b"", b"no font", few()[:200]])
def test_what_does_not_open_is_refused(data: bytes) -> None:
    with pytest.raises(TypefaceError, match="broken in its letters, as they are drawn"):
        prove(data, "A")


def test_a_glyph_that_is_not_drawn_is_refused() -> None:
    data = blocky()
    broken = changed(data, glyf=put(tables_of(data)["glyf"], 10, "H", 900))
    with pytest.raises(TypefaceError, match="broken in its letters, as they are drawn"):
        prove(broken, "A")
    prove(broken, "B")


def test_what_stands_for_a_lacking_glyph_is_drawn_too() -> None:
    data = blocky({"A": square()}, notdef=square())
    broken = changed(data, glyf=put(tables_of(data)["glyf"], 10, "H", 900))
    with pytest.raises(TypefaceError, match="broken in its letters, as they are drawn"):
        prove(broken, "A")


def test_a_line_without_height_is_refused() -> None:
    data = blocky()
    tables = tables_of(data)
    flat = changed(
        data, hhea=put(tables["hhea"], 4, "hh", 100, 100), OS_2=put(tables["OS/2"], 62, "H", 0)
    )
    with pytest.raises(TypefaceError, match="a line of the font has no height"):
        prove(flat, "A")


def test_letters_that_stand_far_off_are_refused() -> None:
    prove(moving(XPlacement=9000, YPlacement=9000), "A")
    with pytest.raises(TypefaceError, match="letters of the font stand far above each other"):
        prove(moving(YPlacement=32000), "AB")
    with pytest.raises(TypefaceError, match="reaches far beyond its letters"):
        prove(moving(XPlacement=32500), "A")


def test_every_letter_is_drawn() -> None:
    letters = [chr(0x4E00 + number) for number in range(2 * MOST_IN_LINE)]
    names = {ord(letter): f"g{number}" for number, letter in enumerate(letters)}
    data = blocky({name: square() for name in names.values()}, names)
    glyf = tables_of(data)["glyf"]
    size = len(glyf) // len(letters)
    prove(data, letters)
    for number in (0, MOST_IN_LINE - 1, MOST_IN_LINE, 2 * MOST_IN_LINE - 1):
        broken = changed(data, glyf=put(glyf, number * size + 10, "H", 900))
        with pytest.raises(TypefaceError):
            prove(broken, letters)
