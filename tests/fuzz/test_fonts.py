"""Damaged fonts: each is taken and draws, or is refused in words."""

import struct
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli
import pytest
from fontTools.fontBuilder import FontBuilder
from hypothesis import example, given
from hypothesis import strategies as st

from renderers.fonts import Font
from tests.fuzz.damage import by_parts, damaged, font_apart, font_together
from tests.fuzz.reader import Reader
from tests.renderers.support import law
from tests.renderers.typeface.support import (
    blocky,
    changed,
    few,
    put,
    square,
    tables_of,
)
from tests.renderers.typeface.test_characters import cmap, groups, segments
from tests.renderers.typeface.test_containers import woff, woff2
from tests.renderers.typeface.test_layout import kerned, substituting
from tests.renderers.typeface.test_outlines import (
    BIAS,
    blocky_raw,
    composed,
    keyed,
    many_points,
    postscript,
    program,
)

TEXT = "Aäffl"


def coloured() -> bytes:
    def colour(builder: FontBuilder) -> None:
        builder.setupCOLR({"A": [("B", 0), ("C", 1)]}, version=0)
        builder.setupCPAL([[(1, 0, 0, 1), (0, 0, 1, 0.5)]])

    return blocky({"A": square(), "B": square(), "C": square(side=250)}, edit=colour)


TRUETYPE = [few(Font.SERIF, TEXT), blocky(), coloured(), kerned({("A", "B"): -50})]
POSTSCRIPT = [few(Font.REGULAR, TEXT), blocky(truetype=False), keyed(2)]
PACKED = [
    few(font, TEXT, flavor) for font in (Font.SERIF, Font.REGULAR) for flavor in ("woff", "woff2")
]
UNPACKED = [*TRUETYPE, *POSTSCRIPT]


def only(*tags: str) -> Callable[[bytes], list[tuple[bytes, bytes]]]:
    """These tables are damaged, and the others stay as they are."""
    return lambda data: [part for part in font_apart(data) if part[0].decode() in tags]


def by_table(fonts: list[bytes], *tags: str) -> st.SearchStrategy[bytes]:
    def rest(data: bytes) -> st.SearchStrategy[bytes]:
        others = [part for part in font_apart(data) if part[0].decode() not in tags]
        return by_parts([data], only(*tags), lambda parts: font_together([*others, *parts]))

    having = [data for data in fonts if set(tags) & set(tables_of(data))]
    return st.sampled_from(having).flatmap(rest)


@pytest.mark.parametrize("data", [*UNPACKED, *PACKED])
def test_without_damage_they_are_taken(reader: Reader, data: bytes) -> None:
    assert reader.read("font", data).refused is None


@pytest.mark.parametrize("data", UNPACKED)
def test_taking_apart_loses_nothing(data: bytes) -> None:
    assert tables_of(font_together(font_apart(data))) == tables_of(data)


@law
@given(damaged(UNPACKED) | damaged(PACKED))
@example(b"")
def test_damage_anywhere(reader: Reader, data: bytes) -> None:
    reader.read("font", data)


@law
@given(by_parts(UNPACKED, font_apart, font_together))
def test_damaged_tables(reader: Reader, data: bytes) -> None:
    reader.read("font", data)


@law
@given(by_table(TRUETYPE, "glyf", "loca", "maxp", "head"))
def test_damaged_outlines_of_truetype(reader: Reader, data: bytes) -> None:
    reader.read("font", data)


@law
@given(by_table(POSTSCRIPT, "CFF "))
def test_damaged_outlines_of_postscript(reader: Reader, data: bytes) -> None:
    reader.read("font", data)


@law
@given(by_table(UNPACKED, "GSUB", "GPOS", "GDEF", "kern"))
def test_damaged_layout(reader: Reader, data: bytes) -> None:
    reader.read("font", data)


@law
@given(by_table(UNPACKED, "hhea", "hmtx", "OS/2", "cmap", "name", "COLR", "CPAL"))
def test_damaged_measures_characters_and_colours(reader: Reader, data: bytes) -> None:
    reader.read("font", data)


@law
@given(by_parts(UNPACKED, font_apart, font_together), st.sampled_from([woff, woff2]))
def test_damaged_tables_that_are_packed(
    reader: Reader, data: bytes, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    reader.read("font", pack(tables_of(data)))


TABLES = tables_of(blocky())
MUCH = 2**26
ZEROS = zlib.compress(bytes(MUCH), 9)
BROTLI_ZEROS = brotli.compress(bytes(MUCH), quality=1)


def woff_bomb(size: int) -> bytes:
    """A table of many zeros, of which the file says that they are so many."""
    whole = woff(TABLES | {"GSUB": b"zeros"})
    place = whole.index(b"GSUB")
    entry = struct.pack(">III", len(whole), len(ZEROS), size)
    return whole[: place + 4] + entry + whole[place + 16 :] + ZEROS


def woff2_bomb(size: int) -> bytes:
    whole = woff2(TABLES | {"GSUB": b"zeros"}, {"GSUB": size})
    packed = brotli.compress(b"".join([*TABLES.values(), b"zeros"]))
    assert whole.endswith(packed)
    return put(whole[: -len(packed)] + BROTLI_ZEROS, 20, "I", len(BROTLI_ZEROS))


def nested() -> bytes:
    """A glyph of a hundred, each of a hundred, six deep."""
    levels = {"A": square()} | {
        after: composed(*[before] * 100) for before, after in pairwise("ABCDEFG")
    }
    return blocky_raw(levels)


def subroutines() -> bytes:
    """Fifty calls of fifty calls of fifty calls, eight deep."""
    calls = [program(*[number + 1 - BIAS, "callsubr"] * 50, "return") for number in range(8)]
    return postscript(program(-BIAS, "callsubr", "endchar"), (*calls, program("return")))


def glyphs_of_points() -> bytes:
    """Tens of thousands of points in some hundred bytes, many times."""
    count = 200
    one = tables_of(blocky({"A": many_points(29_000)}))["glyf"]
    plain = blocky({f"g{number}": square() for number in range(count)}, {65: "g0"})
    places = struct.pack(f">{count + 2}I", 0, *(len(one) * n for n in range(count + 1)))
    head = put(tables_of(plain)["head"], 50, "h", 1)
    return changed(plain, glyf=one * count, loca=places, head=head)


def names() -> bytes:
    """Ten thousand names, each of the same 64 kilobytes."""
    entry = struct.pack(">6H", 3, 1, 0x409, 1, 0xFFFE, 0)
    return struct.pack(">HHH", 0, 10_000, 6) + entry * 10_000


def lookups() -> bytes:
    """Thousands of lookups that are one and the same, of thousands of subtables that are."""
    many = 10_000
    subtable = struct.pack(">HHHHHH", 1, 6, 1, 1, 1, 1)
    lookup = struct.pack(">HHH", 1, 0, many) + struct.pack(">H", 6 + 2 * many) * many + subtable
    listed = struct.pack(">H", many) + struct.pack(">H", 2 + 2 * many) * many + lookup
    return struct.pack(">IHHH", 0x00010000, 10, 12, 14) + bytes(4) + listed


def ranges() -> bytes:
    """Ten thousand times the same thousands of glyphs."""
    coverage = struct.pack(">HH", 2, 10_000) + struct.pack(">HHH", 0, 5000, 0) * 10_000
    plain = blocky({f"g{number}": square() for number in range(5001)}, {65: "g0"})
    return changed(plain, GSUB=substituting(coverage))


def layers() -> bytes:
    """Each of a thousand glyphs is of all the thousand layers."""
    many = 1000
    bases = struct.pack(">HHH", 1, 0, many) * many
    return struct.pack(">HHIIH", 0, many, 14, 14 + len(bases), many) + bases + bytes(4 * many)


BOMBS = {
    "woff that says it": woff_bomb(MUCH),
    "woff that does not say it": woff_bomb(1000),
    "woff2 that says it": woff2_bomb(2**31),
    "woff2 that does not say it": woff2_bomb(1000),
    "glyphs of glyphs": nested(),
    "points": glyphs_of_points(),
    "subroutines": subroutines(),
    "characters in groups": changed(blocky(), cmap=cmap(((3, 10), groups((0, 2**32 - 1, 1))))),
    "characters in segments": changed(
        blocky(), cmap=cmap(((3, 1), segments(*[(0, 0xFFFF, 1, 0)] * 5000)))
    ),
    "lookups": changed(blocky(), GSUB=lookups()),
    "ranges of glyphs": ranges(),
    "layers": changed(coloured(), COLR=layers()),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_before_memory_is_taken(data: bytes) -> None:
    with Reader() as fresh:
        assert fresh.read("font", few(Font.SERIF, TEXT)).refused is None
        outcome = fresh.read("font", data)
    assert outcome.refused is not None
    assert outcome.megabytes < 16, outcome
    assert outcome.seconds < 5, outcome


def test_names_are_not_copied() -> None:
    with Reader() as fresh:
        assert fresh.read("font", few(Font.SERIF, TEXT)).refused is None
        outcome = fresh.read("font", changed(blocky(), name=names()))
    assert outcome.refused is None
    assert outcome.megabytes < 10, outcome


def test_a_crash_fails_and_the_next_file_is_read() -> None:
    with Reader() as fresh:
        with pytest.raises(AssertionError, match="exit code -11: Fatal Python error"):
            fresh.read("crash", b"")
        assert fresh.read("font", blocky()).refused is None


def test_another_error_fails() -> None:
    with Reader() as fresh, pytest.raises(AssertionError, match="KeyError: 'nothing'"):
        fresh.read("nothing", b"")
