import struct
import time
from itertools import pairwise
from typing import Any

import pytest
from fontTools.cffLib import FDArrayIndex, FDSelect, FontDict, PrivateDict, SubrsIndex
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program

from renderers.fonts import Font
from renderers.typeface import accept, outlines
from renderers.typeface.errors import TypefaceError
from renderers.typeface.metrics import read_metrics
from renderers.typeface.outlines import DEEPEST, DEEPEST_CALL, around, read_outlines, rectangle
from tests.renderers.typeface.support import (
    blocky,
    changed,
    edited,
    few,
    opened,
    put,
    square,
    tables_of,
)


def shapes(data: bytes) -> outlines.Outlines:
    tables = tables_of(data)
    return read_outlines(tables, read_metrics(tables))


def refused(data: bytes, why: str) -> None:
    with pytest.raises(TypefaceError, match=why):
        shapes(data)


def recorded(data: bytes) -> dict[str, list[Any]]:
    """What each letter's outline is, glyphs of glyphs taken apart."""
    glyphs = opened(data).getGlyphSet()
    found = {}
    for code, name in opened(data).getBestCmap().items():
        pen = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(pen)
        found[chr(code)] = pen.value
    return found


def composed(*parts: str, **more: Any) -> Glyph:
    """A glyph of others."""
    pen = TTGlyphPen(None, handleOverflowingTransforms=False)
    for number, part in enumerate(parts):
        pen.addComponent(part, (1, 0, 0, 1, 10 * number, more.get("up", 0)))
    pen.glyphSet = dict.fromkeys(parts)
    return pen.glyph()


@pytest.mark.parametrize("font", [Font.SERIF, Font.REGULAR])
def test_shapes_are_as_they_were(font: Font) -> None:
    before, after = recorded(few(font)), recorded(accept(few(font)).data)
    assert before.keys() == after.keys()
    if font == Font.SERIF:
        assert before == after
    else:
        assert {letter: points(value) for letter, value in before.items()} == {
            letter: points(value) for letter, value in after.items()
        }


def points(value: list[Any]) -> list[Any]:
    return [place for _, places in value for place in places]


@pytest.mark.parametrize("truetype", [True, False])
def test_boxes_and_bearings(truetype: bool) -> None:
    found = shapes(blocky(truetype=truetype))
    assert found.kind == ("ttf" if truetype else "otf")
    assert found.boxes == (None, (0, 0, 500, 500))
    assert found.bearings == (0, 0)
    assert len(found.shapes) == 2


def test_a_glyph_that_is_moved_by_its_bearing_stays_there() -> None:
    data = blocky()
    tables = tables_of(data)
    moved = changed(data, hmtx=put(tables["hmtx"], 4, "h", 30))
    assert shapes(moved).bearings == (0, 30)
    wrong_box = changed(data, glyf=put(tables["glyf"], 2, "h", -20))
    assert shapes(wrong_box).bearings == (0, 20)
    assert shapes(wrong_box).boxes == shapes(data).boxes


def test_glyphs_of_glyphs_become_plain() -> None:
    data = blocky({"A": square(), "B": composed("A", "A"), "C": composed("B", up=7)})
    found = shapes(data)
    assert found.boxes[2:] == ((0, 0, 510, 500), (0, 7, 510, 507))
    assert [len(shape.coordinates) for shape in found.shapes[1:]] == [4, 8, 8]
    assert not any(shape.isComposite() for shape in found.shapes)


def test_programs_are_left_out() -> None:
    def add(font: TTFont) -> None:
        glyph = font["glyf"]["A"]
        glyph.program = Program()
        glyph.program.fromBytecode(bytes(50))

    assert len(tables_of(edited(blocky(), add))["glyf"]) > 50
    assert all(not shape.program.getBytecode() for shape in shapes(edited(blocky(), add)).shapes)


def test_long_offsets_are_read() -> None:
    data = blocky()
    tables = tables_of(data)
    offsets = struct.unpack(">3H", tables["loca"])
    longer = struct.pack(">3I", *(2 * half for half in offsets))
    long = changed(data, loca=longer, head=put(tables["head"], 50, "h", 1))
    assert shapes(long).boxes == shapes(data).boxes


def test_a_font_without_outlines_is_refused() -> None:
    for tag in ("glyf", "loca"):
        refused(changed(blocky(), **{tag: None}), r"no outlines \(glyf or CFF\)")


@pytest.mark.parametrize("offsets", [(0, 5, 4), (0, 0, 2000), (9, 8, 8)])
def test_glyphs_lie_in_their_table(offsets: tuple[int, ...]) -> None:
    refused(changed(blocky(), loca=struct.pack(">3H", *offsets)), "lies outside of the table glyf")


def test_a_glyph_without_contours_is_empty() -> None:
    data = blocky()
    assert shapes(changed(data, glyf=put(tables_of(data)["glyf"], 0, "h", 0))).boxes[1] is None


@pytest.mark.parametrize("cut", [0, 1, 9, 12, 20])
def test_a_table_that_is_cut_is_told(cut: int) -> None:
    data = blocky()
    tables = tables_of(data)
    short = tables["glyf"][: cut // 2 * 2]
    loca = struct.pack(">3H", 0, 0, len(short) // 2)
    if short:
        refused(changed(data, glyf=short, loca=loca), "broken in the table glyf")
    refused(changed(data, loca=tables["loca"][:4]), "broken in the table glyf")


def test_contours_are_in_order() -> None:
    data = blocky({"A": composed_square(2)})
    table = tables_of(data)["glyf"]
    ends = struct.unpack_from(">HH", table, 10)
    assert ends == (3, 7)
    refused(changed(data, glyf=put(table, 10, "H", 7)), "contours of a glyph are not in order")


def composed_square(count: int) -> Any:
    pen = TTGlyphPen(None)
    for number in range(count):
        pen.moveTo((number, 0))
        for corner in ((number, 9), (number + 9, 9), (number + 9, 0)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


@pytest.mark.parametrize("truetype", [True, False])
def test_a_glyph_does_not_reach_far(truetype: bool) -> None:
    near, far = (square(truetype=truetype, side=side) for side in (16000, 16001))
    assert shapes(blocky({"A": near}, truetype=truetype)).boxes[1]
    refused(blocky({"A": far}, truetype=truetype), "reaches farther than 16 em")


def many_points(count: int) -> Glyph:
    glyph = Glyph()
    glyph.numberOfContours, glyph.endPtsOfContours = 1, [count - 1]
    glyph.coordinates = GlyphCoordinates([(0, 0)] * (count - 1) + [(9, 9)])
    glyph.flags = bytearray([1] * count)
    glyph.program = Program()
    glyph.program.fromBytecode(b"")
    return glyph


def test_a_glyph_has_so_many_points() -> None:
    assert shapes(blocky({"A": many_points(30_000)})).boxes[1] == (0, 0, 9, 9)
    data = blocky({"A": many_points(65_000)})
    assert len(data) < 10_000
    refused(data, "a glyph has at most 30000 points, a font 5000000")


def test_a_font_has_so_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    data = blocky({"A": many_points(40), "B": many_points(40), "C": composed("A", "B")})
    monkeypatch.setattr(outlines, "MOST_POINTS", 160)
    assert shapes(data).boxes[3] == (0, 0, 19, 9)
    for most in (159, 79):
        monkeypatch.setattr(outlines, "MOST_POINTS", most)
        refused(data, f"a font {most}")


def test_a_glyph_is_made_of_so_many_others(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = TTGlyphPen(None).glyph()
    layers = {"A": square(), "a": empty}
    for after, before in zip("bcdefgh", "abcdefg", strict=True):
        layers[after] = composed(*[before] * 50)
    started = time.perf_counter()
    refused(blocky_raw(layers), "made of at most 1000 others")
    assert time.perf_counter() - started < 2
    monkeypatch.setattr(outlines, "MOST_COMPOSED", 20)
    refused(blocky({"A": square(), "B": composed(*"AAAAA")}), "made of too many others")


def blocky_raw(glyphs: dict[str, Any]) -> bytes:
    """As `blocky`, without asking how large the glyphs are."""

    def skip(builder: FontBuilder) -> None:
        builder.font["glyf"].glyphs |= glyphs
        builder.font.recalcBBoxes = False
        for glyph in builder.font["glyf"].glyphs.values():
            for side in ("xMin", "yMin", "xMax", "yMax"):
                if not hasattr(glyph, side):
                    setattr(glyph, side, 0)

    plain = {name: square() for name in glyphs}
    return blocky(plain, edit=skip)


def test_glyphs_are_made_of_glyphs_so_deep() -> None:
    names = "ABCDEFGHIJKLMNOP"
    chain = {"A": square()} | {after: composed(before) for before, after in pairwise(names)}
    fine = dict(list(chain.items())[: DEEPEST + 1])
    assert shapes(blocky(fine)).boxes[-1] == (0, 0, 500, 500)
    refused(blocky(dict(list(chain.items())[: DEEPEST + 2])), f"at most {DEEPEST} deep")
    refused(blocky_raw(dict(reversed(chain.items()))), f"at most {DEEPEST} deep")
    refused(blocky_raw({"A": composed("B"), "B": composed("A")}), f"at most {DEEPEST} deep")


def program(*tokens: Any, **more: Any) -> T2CharString:
    return T2CharString(program=[*tokens], **more)


def postscript(glyph: T2CharString, local: tuple[T2CharString, ...] = (), **more: Any) -> bytes:
    """A font whose letter is drawn by this program, with subroutines."""

    def add(builder: FontBuilder) -> None:
        top = builder.font["CFF "].cff.topDictIndex[0]
        if local:
            top.Private.Subrs = SubrsIndex()
            for subroutine in local:
                top.Private.Subrs.append(subroutine)
        builder.font.recalcBBoxes = False

    return blocky({"A": glyph}, truetype=False, edit=add, **more)


BIAS = 107
"""What is taken from the number of a subroutine of few."""
DRAW = (0, 0, "rmoveto", 100, "hlineto", 100, "vlineto")


def test_subroutines_are_written_out() -> None:
    data = postscript(
        program(-BIAS, "callsubr", "endchar"),
        (program(1 - BIAS, "callsubr", "return"), program(*DRAW, "return")),
    )
    found = shapes(data)
    assert found.boxes[1] == (0, 0, 100, 100)
    assert "callsubr" not in found.shapes[1].program


def test_subroutines_are_so_deep() -> None:
    def nested(depth: int) -> bytes:
        inner = tuple(
            program(number + 1 - BIAS, "callsubr", "return") for number in range(depth - 1)
        )
        return postscript(program(-BIAS, "callsubr", "endchar"), (*inner, program(*DRAW, "return")))

    assert shapes(nested(DEEPEST_CALL)).boxes[1] == (0, 0, 100, 100)
    refused(nested(DEEPEST_CALL + 1), f"subroutines of a font are at most {DEEPEST_CALL} deep")
    endless = postscript(program(-BIAS, "callsubr"), (program(-BIAS, "callsubr"),))
    refused(endless, f"at most {DEEPEST_CALL} deep")


def test_a_glyph_is_drawn_in_so_many_steps() -> None:
    inner = tuple(program(*[number + 1 - BIAS, "callsubr"] * 30, "return") for number in range(6))
    data = postscript(program(-BIAS, "callsubr", "endchar"), (*inner, program("return")))
    started = time.perf_counter()
    refused(data, "a glyph is drawn in at most 100000 steps")
    assert time.perf_counter() - started < 2


def test_a_font_is_drawn_in_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    glyphs = {name: square(truetype=False) for name in "ABCD"}
    data = blocky(glyphs, truetype=False)
    monkeypatch.setattr(outlines, "MOST_STEPS", 60)
    assert shapes(data).boxes[4] == (0, 0, 500, 500)
    monkeypatch.setattr(outlines, "MOST_STEPS", 50)
    refused(data, "a font in 50")


def test_a_postscript_glyph_has_so_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MOST_GLYPH_POINTS", 2)
    refused(blocky(truetype=False), "a glyph has at most 2 points")


@pytest.mark.parametrize(
    "tokens",
    [
        (0, "callsubr"),
        (1, "hlineto", "callsubr"),
        (1, 2, 3, 4, "endchar"),
        (0, 0, 65, 66, "endchar"),
        (3, "abs", "endchar"),
    ],
)
def test_a_program_that_says_nothing_is_told(tokens: tuple[Any, ...]) -> None:
    refused(postscript(program(*tokens)), "broken in the table CFF")


def test_there_are_outlines_for_the_glyphs() -> None:
    data = blocky(truetype=False)
    tables = tables_of(data)
    more = changed(
        data,
        maxp=put(tables["maxp"], 4, "H", 3),
        hmtx=struct.pack(">Hhhh", 500, 0, 0, 0),
    )
    refused(more, r"the font has 3 glyphs \(maxp\) and 2 outlines \(CFF\)")


@pytest.mark.parametrize(
    ("matrix", "em", "right"),
    [
        ([0.001, 0, 0, 0.001, 0, 0], 1000, True),
        ([1 / 2048, 0, 0, 1 / 2048, 0, 0], 2048, True),
        ([0.000488281, 0, 0, 0.000488281, 0, 0], 2048, True),
        ([0.001, 0, 0, 0.001, 0, 0], 2048, False),
        ([0.002, 0, 0, 0.001, 0, 0], 1000, False),
        ([0.001, 0, 0.1, 0.001, 0, 0], 1000, False),
        ([0.001, 0, 0, 0.001], 1000, False),
    ],
)
def test_outlines_are_in_units_of_the_em(matrix: list[float], em: int, right: bool) -> None:
    def scale(builder: FontBuilder) -> None:
        builder.font["CFF "].cff.topDictIndex[0].FontMatrix = matrix

    data = blocky(truetype=False, em=em, edit=scale)
    if right:
        assert shapes(data).boxes[1] == (0, 0, 500, 500)
    else:
        refused(data, r"not in units of which \d+ are an em|broken in the table CFF")


def keyed(parts: int, matrix: list[float] | None = None) -> bytes:
    """A CID-keyed font, as those of many letters are."""

    def rekey(builder: FontBuilder) -> None:
        top = builder.font["CFF "].cff.topDictIndex[0]
        top.ROS = ("Adobe", "Identity", 0)
        top.FDArray = FDArrayIndex()
        top.FDSelect = FDSelect()
        top.FDSelect.format = 3
        top.FDSelect.gidArray = [0, parts - 1]
        private = top.Private
        del top.Private
        strings = top.charset
        top.charset = [".notdef", "cid00001"]
        for _ in range(parts):
            part = FontDict()
            part.setCFF2(False)
            part.Private = PrivateDict()
            if matrix:
                part.FontMatrix = matrix
            top.FDArray.append(part)
        glyphs = top.CharStrings
        glyphs.charStrings = {
            name: glyphs.charStrings[old] for name, old in zip(top.charset, strings, strict=True)
        }
        for shape in glyphs.charStrings.values():
            shape.private = private
        glyphs.fdArray, glyphs.fdSelect = top.FDArray, top.FDSelect
        builder.font.setGlyphOrder(top.charset)
        for table in builder.font["cmap"].tables:
            table.cmap = {65: "cid00001"}
        builder.font["hmtx"].metrics = dict.fromkeys(top.charset, (500, 0))
        builder.font.recalcBBoxes = False

    return blocky(truetype=False, edit=rekey)


def test_a_font_of_dictionaries_is_read() -> None:
    assert shapes(keyed(2)).boxes[1] == (0, 0, 500, 500)
    assert shapes(keyed(2, [1, 0, 0, 1, 0, 0])).boxes[1] == (0, 0, 500, 500)
    refused(keyed(2, [2, 0, 0, 2, 0, 0]), "not in units of which 1000 are an em")
    assert shapes(keyed(outlines.MOST_DICTIONARIES)).boxes[1] == (0, 0, 500, 500)
    refused(keyed(outlines.MOST_DICTIONARIES + 1), r"at most 64 dictionaries \(FDArray\)")


@pytest.mark.parametrize("truetype", [True, False])
def test_a_rectangle_fills_its_box(truetype: bool) -> None:
    box = (10, -20, 300, 400)
    shape = rectangle("ttf" if truetype else "otf", box)
    assert shapes(blocky({"A": shape}, truetype=truetype)).boxes[1] == box


def test_the_box_around_boxes() -> None:
    assert around([]) is around([None, None]) is None
    assert around([None, (0, 1, 2, 3), (-1, 2, 1, 9)]) == (-1, 1, 2, 9)
