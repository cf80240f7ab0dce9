"""How letters stand beside, above and instead of each other (GSUB, GPOS, GDEF, kern).

HarfBuzz reads these tables with care, but a few bytes of them can say the same part a million
times; so what is read is counted, and written anew.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0
from fontTools.ttLib.tables.otBase import BaseTable, OTTableReader, ValueRecord

from renderers.typeface.errors import TypefaceError, reading
from renderers.typeface.outlines import FARTHEST

MOST_VALUES = 1_000_000
"""Of a table; Latin fonts with every ornament have some 60 000."""
MOST_LISTS = 16
MOST_PAIRS = 10_920
"""Of letters in `kern`: its length is written in 16 bits."""
_PLAIN = 0x00010000
_PLAIN_WITH_MARKS = 0x00010002
_KIND = 0xFF07
_KERNING = 0x0001


def add_layout(font: TTFont, tables: Mapping[str, bytes], em: int) -> None:
    """Give `font`, which has its glyph order, what `tables` have of layout.

    Raises TypefaceError.
    """
    for tag in ("GDEF", "GSUB", "GPOS"):
        if tag in tables:
            with reading(f"the table {tag}"):
                font[tag] = _read(tag, tables[tag], font, em)
    if "kern" in tables and "GPOS" not in tables:
        with reading("the table kern"):
            pairs = _kerning(tables["kern"], font.getGlyphOrder(), em)
        if pairs:
            kerning = KernTable_format_0()
            kerning.coverage, kerning.kernTable = _KERNING, pairs
            font["kern"] = newTable("kern")
            font["kern"].version, font["kern"].kernTables = 0, [kerning]


class _Budget:
    """Counts what is read, however it is reached."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TypefaceError(f"a table of layout says more than {self._most} things")


def _reader(budget: _Budget) -> type[Any]:
    class Reader(OTTableReader):  # type: ignore[misc]
        __slots__ = ()

        def readValue(self, typecode: str, staticSize: int) -> int:  # noqa: N802, N803
            budget.spend(1)
            value: int = super().readValue(typecode, staticSize)
            return value

        def readArray(self, typecode: str, staticSize: int, count: int) -> list[int]:  # noqa: N802, N803
            budget.spend(count)
            values: list[int] = super().readArray(typecode, staticSize, count)
            return values

    return Reader


@contextmanager
def _strict(font: TTFont, budget: _Budget) -> Iterator[None]:
    """Meanwhile no glyph has a name that is not there, and names are counted: a range of glyphs is
    two numbers in a file."""
    order = font.getGlyphOrder()

    def names(glyphs: Sequence[int]) -> list[str]:
        budget.spend(len(glyphs))
        return [order[glyph] for glyph in glyphs]

    font.getGlyphName, font.getGlyphNameMany = order.__getitem__, names
    try:
        yield
    finally:
        del font.getGlyphName, font.getGlyphNameMany


def _read(tag: str, data: bytes, font: TTFont, em: int) -> Any:
    table = newTable(tag)
    table.table = getattr(otTables, tag)()
    budget = _Budget(MOST_VALUES)
    with _strict(font, budget):
        table.table.decompile(_reader(budget)(data, tableTag=tag), font)
        table.ensureDecompiled(recurse=True)
    root = table.table
    # Of a variable font its default is kept.
    if tag == "GDEF":
        root.Version = min(root.Version, _PLAIN_WITH_MARKS)
        root.VarStore = None
    else:
        root.Version = _PLAIN
        root.FeatureVariations = None
    for moved in _moves(root):
        if abs(moved) > FARTHEST * em:
            raise TypefaceError(f"the font moves a letter by more than {FARTHEST} em ({tag})")
    return table


def _moves(root: Any) -> Iterator[int]:
    """By how much letters are moved, in units."""
    waiting = [root]
    while waiting:
        match waiting.pop():
            case ValueRecord() as record:
                yield from (value for value in vars(record).values() if isinstance(value, int))
            case otTables.Anchor() as anchor:
                yield anchor.XCoordinate
                yield anchor.YCoordinate
            case BaseTable() as part:
                waiting.extend(vars(part).values())
            case list() as parts:
                waiting.extend(parts)


def _kerning(data: bytes, names: Sequence[str], em: int) -> dict[tuple[str, str], int]:
    """The pairs of the table's horizontal lists, as one list."""
    version, count = struct.unpack_from(">HH", data)
    pairs: dict[tuple[str, str], int] = {}
    if version:
        return pairs  # Apple's own: it is for systems that other fonts are made for too
    begin = 4
    for _ in range(min(count, MOST_LISTS)):
        _, length, coverage, number = struct.unpack_from(">HHHH", data, begin)
        if coverage & _KIND == _KERNING:
            for left, right, moved in struct.iter_unpack(
                ">HHh", data[begin + 14 : begin + 14 + 6 * number]
            ):
                if max(left, right) < len(names) and abs(moved) <= FARTHEST * em:
                    pairs[names[left], names[right]] = moved
        begin += length
    return dict(sorted(pairs.items())[:MOST_PAIRS])
