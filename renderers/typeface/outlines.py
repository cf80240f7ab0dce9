"""The shapes of a font's glyphs, drawn anew: without programs, without glyphs made of others.

What takes a moment to say and an age to draw is refused: glyphs of glyphs of glyphs, subroutines
of subroutines.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

from fontTools.cffLib import CFFFontSet, SubrsIndex
from fontTools.misc.psCharStrings import T2CharString, T2OutlineExtractor
from fontTools.misc.roundTools import otRound
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program

from renderers.typeface.containers import MOST_POINTS
from renderers.typeface.errors import TypefaceError, reading
from renderers.typeface.metrics import Metrics

MOST_GLYPH_POINTS = 30_000
MOST_PARTS = 1000
"""Glyphs that one is made of."""
MOST_COMPOSED = 4 * 1024 * 1024
"""Bytes that say, in `glyf`, which glyphs are made of which others."""
DEEPEST = 8
"""Glyphs in glyphs."""
DEEPEST_CALL = 10
"""Subroutines in subroutines, as in Adobe's Technical Note 5177."""
MOST_STEPS, MOST_GLYPH_STEPS = 15_000_000, 100_000
"""Of all PostScript outlines together, and of one, in bytes of programs that are gone through. A
Japanese font of 18 000 glyphs needs 5 million."""
MOST_DICTIONARIES = 64
"""Of a CID-keyed font."""
FARTHEST = 16
"""Em from the origin, to where a glyph may reach."""

_NEAR = 0.001

Box = tuple[int, int, int, int]
"""Left, bottom, right, top."""


TRUETYPE, POSTSCRIPT = "ttf", "otf"


@dataclass(frozen=True, slots=True)
class Outlines:
    """For each glyph its shape, as fontTools writes it, and its box, None where it is empty; and
    the left bearings."""

    kind: str
    shapes: tuple[Any, ...]
    boxes: tuple[Box | None, ...]
    bearings: tuple[int, ...]


def read_outlines(tables: Mapping[str, bytes], metrics: Metrics) -> Outlines:
    """Raises TypefaceError."""
    if "glyf" in tables and "loca" in tables:
        with reading("the table glyf"):
            return _truetype(tables["glyf"], tables["loca"], metrics)
    if "CFF " in tables:
        with reading("the table CFF"):
            return _postscript(tables["CFF "], metrics)
    raise TypefaceError(
        "the font has no outlines (glyf or CFF): fonts of pictures, and variable fonts of the kind"
        " CFF2, are not taken; export it as TTF or OTF"
    )


def rectangle(kind: str, box: Box) -> Any:
    """The shape that fills a box."""
    left, bottom, right, top = box
    pen = TTGlyphPen(None) if kind == TRUETYPE else T2CharStringPen(None, None)
    pen.moveTo((left, bottom))
    for corner in ((left, top), (right, top), (right, bottom)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph() if kind == TRUETYPE else pen.getCharString()


def around(boxes: Iterable[Box | None]) -> Box | None:
    """The least box that holds these; None if all are empty."""
    sides = list(zip(*(box for box in boxes if box is not None), strict=True))
    return (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])) if sides else None


def _check_box(box: Box, em: int) -> None:
    if max(map(abs, box)) > FARTHEST * em:
        raise TypefaceError(f"a glyph of the font reaches farther than {FARTHEST} em")


class _Points:
    """Counts the points of a font's glyphs."""

    def __init__(self) -> None:
        self._all = 0

    def add(self, points: int) -> None:
        self._all += points
        if points > MOST_GLYPH_POINTS or self._all > MOST_POINTS:
            raise TypefaceError(
                f"a glyph has at most {MOST_GLYPH_POINTS} points, a font {MOST_POINTS}"
            )


def _truetype(table: bytes, places: bytes, metrics: Metrics) -> Outlines:
    glyphs = _glyphs(table, _offsets(places, metrics, len(table)), metrics)
    sizes: dict[str, _Size] = {}
    points = _Points()
    shapes, boxes, bearings = [], [], []
    for name, (_, bearing) in zip(tuple(glyphs.glyphs), metrics.widths, strict=True):
        points.add(_size(glyphs, name, sizes, 0).points)
        source = glyphs.glyphs[name]
        coordinates, ends, flags = source.getCoordinates(glyphs)
        if any(after <= before for before, after in pairwise(ends)):
            raise TypefaceError("the contours of a glyph are not in order; export the font again")
        shape = Glyph()
        shape.numberOfContours = len(ends)
        shape.program = Program()
        shape.program.fromBytecode(b"")
        box = None
        if ends:
            shape.coordinates = GlyphCoordinates(coordinates)
            shape.coordinates.toInt()
            shape.endPtsOfContours = list(ends)
            shape.flags = bytearray(flags)
            shape.recalcBounds(None)
            box = (shape.xMin, shape.yMin, shape.xMax, shape.yMax)
            _check_box(box, metrics.em)
            bearing += shape.xMin - source.xMin  # what is drawn stands where it stood  # noqa: PLW2901
        shapes.append(shape)
        boxes.append(box)
        bearings.append(bearing)
    return Outlines(TRUETYPE, tuple(shapes), tuple(boxes), tuple(bearings))


def _offsets(places: bytes, metrics: Metrics, size: int) -> Sequence[int]:
    """Where glyphs begin and end in a table of `size` bytes."""
    count = metrics.glyphs + 1
    if metrics.long_offsets:
        offsets = list(struct.unpack_from(f">{count}I", places))
    else:
        offsets = [2 * half for half in struct.unpack_from(f">{count}H", places)]
    if offsets != sorted(offsets) or offsets[-1] > size:
        raise TypefaceError("a glyph of the font lies outside of the table glyf")
    return offsets


def _glyphs(table: bytes, offsets: Sequence[int], metrics: Metrics) -> Any:
    """A table of glyphs, each unpacked: their points are counted first."""
    glyphs = newTable("glyf")
    glyphs.glyphOrder = metrics.order
    glyphs.glyphs = {}
    parts = [table[begin:end] for begin, end in pairwise(offsets)]
    points = _Points()
    composed = 0
    for data in parts:
        if data:
            [contours] = struct.unpack_from(">h", data)
            if contours > 0:
                points.add(struct.unpack_from(">H", data, 8 + 2 * contours)[0] + 1)
            elif contours < 0:
                composed += len(data)
                if composed > MOST_COMPOSED:
                    raise TypefaceError("the font's glyphs are made of too many others")
    for name, data in zip(glyphs.glyphOrder, parts, strict=True):
        glyph = glyphs.glyphs[name] = Glyph(data)
        glyph.expand(glyphs)
    return glyphs


@dataclass(frozen=True, slots=True)
class _Size:
    """Of a glyph with all that it is made of."""

    points: int
    parts: int
    depth: int


def _size(glyphs: Any, name: str, known: dict[str, _Size], depth: int) -> _Size:
    """A glyph that is made of itself is deeper than any."""
    if name in known:
        return known[name]
    glyph = glyphs.glyphs[name]
    if glyph.isComposite():
        if depth > DEEPEST:
            raise TypefaceError(f"glyphs are made of glyphs at most {DEEPEST} deep")
        names = [part.glyphName for part in glyph.components]
        parts = [_size(glyphs, part, known, depth + 1) for part in names]
        size = _Size(
            sum(part.points for part in parts),
            sum(part.parts for part in parts),
            1 + max(part.depth for part in parts),
        )
    else:
        size = _Size(len(getattr(glyph, "coordinates", ())), 1, 0)
    if size.parts > MOST_PARTS or size.depth > DEEPEST:
        raise TypefaceError(
            f"a glyph is made of at most {MOST_PARTS} others, which are at most {DEEPEST} deep"
        )
    known[name] = size
    return size


class _Drawn(T2OutlineExtractor):  # type: ignore[misc]
    """Draws what a program of PostScript outlines says, and counts its steps."""

    def __init__(self, pen: RecordingPen, program: T2CharString, steps: list[int]) -> None:
        subroutines = getattr(program.private, "Subrs", [])
        super().__init__(pen, subroutines, program.globalSubrs, 0, 0, program.private)
        self._steps, self._end = steps, steps[0] - MOST_GLYPH_STEPS

    def execute(self, program: T2CharString) -> None:
        self._steps[0] -= 1 + len(program.bytecode or program.program)
        if self._steps[0] < max(self._end, 0):
            raise TypefaceError(
                f"a glyph is drawn in at most {MOST_GLYPH_STEPS} steps, a font in {MOST_STEPS}"
            )
        if len(self.callingStack) > DEEPEST_CALL:
            raise TypefaceError(f"subroutines of a font are at most {DEEPEST_CALL} deep")
        super().execute(program)


def _postscript(table: bytes, metrics: Metrics) -> Outlines:
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(table), None, isCFF2=False)
    programs = _programs(fonts.topDictIndex[0], metrics.em)
    if len(programs) != metrics.glyphs:
        raise TypefaceError(
            f"the font has {metrics.glyphs} glyphs (maxp) and {len(programs)} outlines (CFF)"
        )
    steps = [MOST_STEPS]
    points = _Points()
    shapes, boxes, bearings = [], [], []
    for number, (_, bearing) in enumerate(metrics.widths):
        program = programs[number]
        drawn = RecordingPen()
        _Drawn(drawn, program, steps).execute(program)
        places = [place for _, places in drawn.value for place in places]
        points.add(len(places))
        box = None
        if places:
            across, up = ([otRound(place[axis]) for place in places] for axis in (0, 1))
            box = (min(across), min(up), max(across), max(up))
            _check_box(box, metrics.em)
        pen = T2CharStringPen(None, None)
        drawn.replay(pen)
        shapes.append(pen.getCharString())
        boxes.append(box)
        bearings.append(bearing)
    return Outlines(POSTSCRIPT, tuple(shapes), tuple(boxes), tuple(bearings))


def _programs(top: Any, em: int) -> SubrsIndex:
    """The programs by glyph. What glyphs are called is not read: if two share a name, it takes an
    age to find others for them."""
    private, chosen, parts = None, None, None
    if "ROS" in top.rawDict:
        parts, chosen = top.FDArray, top.FDSelect
        if len(parts) > MOST_DICTIONARIES:
            raise TypefaceError(f"a font has at most {MOST_DICTIONARIES} dictionaries (FDArray)")
    else:
        private = top.Private
    _check_scale([top.rawDict, *(part.rawDict for part in parts or ())], em)
    top.file.seek(top.rawDict["CharStrings"])
    return SubrsIndex(top.file, top.GlobalSubrs, private, chosen, parts, False)


def _check_scale(parts: Iterable[Mapping[str, Any]], em: int) -> None:
    """Outlines are in units of the em, as widths are: a matrix says so, here or in a part."""
    given = [part["FontMatrix"] for part in parts if "FontMatrix" in part]
    same, usual = [1, 0, 0, 1, 0, 0], [0.001, 0, 0, 0.001, 0, 0]
    for matrix in [matrix for matrix in given if matrix != same] or [usual]:
        wanted = (1 / em, 0, 0, 1 / em, 0, 0)
        if any(
            abs(value - right) * em > _NEAR for value, right in zip(matrix, wanted, strict=True)
        ):
            raise TypefaceError(
                f"the outlines of the font are not in units of which {em} are an em (FontMatrix)"
            )
