"""Fonts that people upload: read within limits, and written anew, so that what is stored is a font
and nothing else."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category

from renderers.typeface.characters import read_characters
from renderers.typeface.colours import Colours, add_colours, read_colours, seen
from renderers.typeface.containers import MOST_BYTES, VARIABLE, unpack
from renderers.typeface.errors import TypefaceError, reading
from renderers.typeface.languages import covered
from renderers.typeface.layout import add_layout
from renderers.typeface.metrics import read_metrics
from renderers.typeface.names import read_names
from renderers.typeface.outlines import read_outlines
from renderers.typeface.proof import prove
from renderers.typeface.written import build, data_of

__all__ = ["MOST_BYTES", "MOST_WRITTEN", "Typeface", "TypefaceError", "accept"]

MOST_WRITTEN = 16 * 1024 * 1024
"""Bytes of what is stored."""
_MOST_TOLD = 12
_INK = "LN"
_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters of Korean that are drawn as nothing."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font as it is stored: `data` is a TTF or OTF file of `glyphs` glyphs, `id` names its
    content, `weight` is 1 to 1000 (400 regular, 700 bold). `languages` are those that it can write,
    `lacks` what is missing for others, as in `et: Š š`, and `warnings` what is to be looked at."""

    id: str
    type: str
    family: str
    style: str
    weight: int
    glyphs: int
    languages: tuple[str, ...]
    lacks: tuple[str, ...]
    warnings: tuple[str, ...]
    data: bytes


def accept(data: bytes) -> Typeface:
    """The font in an uploaded file (TTF, OTF, WOFF or WOFF2), written anew without its programs.

    Of a variable font the default is taken. Raises TypefaceError for another format, a broken
    file, one beyond the limits, or one whose licence forbids it.
    """
    tables = unpack(data)
    with reading("its measures"):
        measures = read_metrics(tables)
    with reading("its names"):
        called = read_names(tables.get("name", b""))
    with reading("the table cmap"):
        mapped = read_characters(tables["cmap"], measures.glyphs)
    with reading("the table COLR"):
        coloured = read_colours(tables, measures.order)
    drawn = seen(read_outlines(tables, measures), coloured, measures.order)
    letters = {chr(code): glyph for code, glyph in mapped.items()}
    empty = {letter for letter, glyph in letters.items() if drawn.boxes[glyph] is None}
    if letters.keys() == empty:
        raise TypefaceError("the font draws nothing: none of its characters has an outline")
    with reading("its letters, as they are written"):
        font = build(measures, drawn, mapped, called)
        add_layout(font, tables, measures.em)
        add_colours(font, coloured)
        written = data_of(font)
    if len(written) > MOST_WRITTEN:
        raise TypefaceError(
            f"unpacked the font has {len(written)} bytes, at most {MOST_WRITTEN} would be right:"
            " leave out scripts that you do not write"
        )
    prove(written, letters)
    unseen = sorted(filter(_has_ink, empty))
    languages, lacks = covered(letters.keys() - set(unseen))
    return Typeface(
        id=hashlib.blake2b(written, digest_size=16).hexdigest(),
        type=f"font/{drawn.kind}",
        family=called.family,
        style=called.style,
        weight=measures.weight,
        glyphs=measures.glyphs,
        languages=languages,
        lacks=lacks,
        warnings=tuple(_warnings(unseen, coloured, VARIABLE in tables)),
        data=written,
    )


def _has_ink(letter: str) -> bool:
    return category(letter)[0] in _INK and letter not in _FILLERS


def _warnings(unseen: Sequence[str], coloured: Colours, variable: bool) -> Iterator[str]:
    if unseen:
        more = ["…"] if len(unseen) > _MOST_TOLD else []
        yield f"letters that are drawn as nothing: {' '.join([*unseen[:_MOST_TOLD], *more])}"
    if not coloured.whole:
        yield "colours of the kind COLR 1 are not kept; export the font with COLR 0"
    if variable:
        yield "a variable font: its default is kept; upload other weights as fonts of their own"
