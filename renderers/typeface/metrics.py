"""How high and wide a font's letters are (the tables `head`, `hhea`, `maxp`, `hmtx`, `OS/2`)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from renderers.typeface.errors import TypefaceError

MOST_GLYPHS = 65535
WIDEST = 16
"""Em."""
HIGHEST_LINE = 5
"""Em, from the top of a line's ascenders to its descenders."""
REGULAR, BOLD, HEAVIEST = 400, 700, 1000
_EM = range(16, 16385)
_RESTRICTED, _EMBEDDING = 0x0002, 0x000E
_TYPOGRAPHIC_LINES = 0x0080
_LONG_OFFSETS = 1


@dataclass(frozen=True, slots=True)
class Metrics:
    """Lengths in units, of which `em` are one em; `widths` are for each glyph its advance and its
    left bearing; `long_offsets` says how `loca` is written."""

    em: int
    ascent: int
    descent: int
    gap: int
    weight: int
    long_offsets: bool
    widths: tuple[tuple[int, int], ...]

    @property
    def glyphs(self) -> int:
        return len(self.widths)

    @property
    def order(self) -> list[str]:
        """A name for each glyph: those that it has are not read."""
        return [".notdef", *(f"g{number}" for number in range(1, self.glyphs))]


def read_metrics(tables: Mapping[str, bytes]) -> Metrics:
    """Raises TypefaceError, or struct.error for a damaged table."""
    [em] = struct.unpack_from(">H", tables["head"], 18)
    bold, long_offsets = (struct.unpack_from(">h", tables["head"], at)[0] for at in (44, 50))
    if em not in _EM:
        raise TypefaceError(
            f"an em of the font is {em} units; {_EM[0]} to {_EM[-1]} would be right"
        )
    windows = tables.get("OS/2", b"")
    weight = BOLD if bold & 1 else REGULAR
    if windows:
        _check_licence(windows)
        weight = min(struct.unpack_from(">H", windows, 4)[0] or weight, HEAVIEST)
    ascent, descent, gap = _line(tables["hhea"], windows)
    if not 0 < ascent - descent < HIGHEST_LINE * em:
        raise TypefaceError(
            f"a line of the font is {ascent - descent} units high, an em {em};"
            f" up to {HIGHEST_LINE} em would be right"
        )
    widths = _widths(tables)
    if max(advance for advance, _ in widths) > WIDEST * em:
        raise TypefaceError(f"a glyph of the font is wider than {WIDEST} em")
    return Metrics(em, ascent, descent, gap, weight, long_offsets == _LONG_OFFSETS, widths)


def _check_licence(windows: bytes) -> None:
    [kind] = struct.unpack_from(">H", windows, 8)
    if kind & _EMBEDDING == _RESTRICTED:
        raise TypefaceError(
            "the font's licence forbids embedding (OS/2 fsType 2): its maker may give you a file"
            " that allows it"
        )


def _line(horizontal: bytes, windows: bytes) -> tuple[int, int, int]:
    """Ascent, descent (below 0) and gap of a line, as FreeType chooses them."""
    ascent, descent, gap = struct.unpack_from(">hhh", horizontal, 4)
    if not windows:
        return ascent, descent, gap
    [selection] = struct.unpack_from(">H", windows, 62)
    typographic = struct.unpack_from(">hhh", windows, 68)
    if selection & _TYPOGRAPHIC_LINES and any(typographic[:2]):
        return typographic
    if ascent or descent:
        return ascent, descent, gap
    if any(typographic[:2]):
        return typographic
    above, below = struct.unpack_from(">HH", windows, 74)
    return above, -below, 0


def _widths(tables: Mapping[str, bytes]) -> tuple[tuple[int, int], ...]:
    """Of the last glyphs only the bearings are written: they are as wide as the one before."""
    [glyphs] = struct.unpack_from(">H", tables["maxp"], 4)
    [whole] = struct.unpack_from(">H", tables["hhea"], 34)
    if not 0 < whole <= glyphs <= MOST_GLYPHS:
        raise TypefaceError(f"the font has {glyphs} glyphs, and widths for {whole}")
    table = tables["hmtx"]
    numbers = struct.unpack_from(">" + whole * "Hh", table)
    bearings = struct.unpack_from(f">{glyphs - whole}h", table, 4 * whole)
    first = list(zip(numbers[::2], numbers[1::2], strict=True))
    return (*first, *((first[-1][0], bearing) for bearing in bearings))
