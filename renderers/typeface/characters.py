"""Which glyph stands for which character (the table `cmap`)."""

import struct
from collections.abc import Iterable

from renderers.typeface.errors import TypefaceError

_PREFERRED = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
"""The maps from Unicode, by platform and encoding, the fullest first."""
_SEGMENTS, _GROUPS = 4, 12
_SURROGATES = range(0xD800, 0xE000)
LAST = 0x10FFFF


def read_characters(table: bytes, glyphs: int) -> dict[int, int]:
    """Code points with their glyphs, of a font that has `glyphs` of them. Glyph 0, which stands
    for what is lacking, is none.

    Raises TypefaceError, or struct.error for a damaged table.
    """
    [count] = struct.unpack_from(">H", table, 2)
    places: dict[tuple[int, int], tuple[int, int]] = {}
    for number in range(count):
        platform, encoding, begin = struct.unpack_from(">HHI", table, 4 + 8 * number)
        [format_] = struct.unpack_from(">H", table, begin)
        if format_ in (_SEGMENTS, _GROUPS):
            places.setdefault((platform, encoding), (format_, begin))
    for kind in _PREFERRED:
        if kind in places:
            format_, begin = places[kind]
            read = _segments if format_ == _SEGMENTS else _groups
            found = {code: glyph for code, glyph in read(table, begin) if 0 < glyph < glyphs}
            return {code: found[code] for code in sorted(found) if _is_character(code)}
    raise TypefaceError("the font does not say which Unicode characters it has: it needs a cmap")


def _is_character(code: int) -> bool:
    return code <= LAST and code not in _SURROGATES


Mapped = list[tuple[int, int]]


def _check_number(ranges: Iterable[tuple[int, int]]) -> None:
    """Ranges that cover each other again and again would be more than there are characters."""
    if sum(max(0, last - first + 1) for first, last in ranges) > LAST + 1:
        raise TypefaceError("the font maps more characters (cmap) than there are; export it again")


def _segments(table: bytes, begin: int) -> Mapped:
    """Format 4: for each segment its last and first code, a difference, and a place in a list."""
    [double] = struct.unpack_from(">H", table, begin + 6)
    count = double // 2
    lasts, firsts, deltas, offsets = (
        struct.unpack_from(f">{count}H", table, begin + start + place * 2 * count)
        for place, start in enumerate((14, 16, 16, 16))
    )
    _check_number(zip(firsts, lasts, strict=True))
    listed = begin + 16 + 6 * count
    found = []
    for number, (first, last, delta, offset) in enumerate(
        zip(firsts, lasts, deltas, offsets, strict=True)
    ):
        codes = range(first, last + 1)
        if offset in (0, 0xFFFF):  # some tools write the latter for the end
            found += [(code, (code + delta) & 0xFFFF) for code in codes]
            continue
        where = listed + 2 * number + offset
        glyphs = struct.unpack_from(f">{len(codes)}H", table, where)
        found += [
            (code, (glyph + delta) & 0xFFFF)
            for code, glyph in zip(codes, glyphs, strict=True)
            if glyph
        ]
    return found


def _groups(table: bytes, begin: int) -> Mapped:
    """Format 12: for each group its first and last code, and the first one's glyph."""
    [count] = struct.unpack_from(">I", table, begin + 12)
    groups = list(struct.iter_unpack(">III", table[begin + 16 : begin + 16 + 12 * count]))
    _check_number(group[:2] for group in groups)
    return [
        (code, glyph + code - first)
        for first, last, glyph in groups
        for code in range(first, last + 1)
    ]
