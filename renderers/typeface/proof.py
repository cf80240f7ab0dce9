"""Whether a font that was written anew draws."""

from collections.abc import Collection, Iterable
from io import BytesIO
from unicodedata import bidirectional

from PIL import Image, ImageDraw, ImageFont

from renderers.typeface.errors import TypefaceError, reading

SIZES = (10, 20, 30, 48, 60, 96)
"""Pixels an em: every character is drawn at each, for FreeType fits letters to pixels, and may
stumble over those of a damaged font at one size and not at another."""
NOWHERE = "\U0010fffd"
"""A private character, which no font has: it is drawn as what is lacking."""
MOST_IN_LINE = 64
_FARTHEST = 32
"""Em, to which a line of one letter may reach."""

_PARAGRAPH = "B"
"""What ends a paragraph stands in no line."""


def prove(data: bytes, characters: Collection[str]) -> None:
    """Draw every character, by itself and beside others, as texts are drawn.

    Raises TypefaceError.
    """
    with reading("its letters, as they are drawn"):
        for size in SIZES:
            face = ImageFont.truetype(BytesIO(data), size)
            if sum(face.getmetrics()) <= 0:
                raise TypefaceError("a line of the font has no height")
            for line in (*_lines(characters), NOWHERE):
                _draw(line, face, size)


def _lines(characters: Iterable[str]) -> Iterable[str]:
    letters = [letter for letter in characters if bidirectional(letter) != _PARAGRAPH]
    for begin in range(0, len(letters), MOST_IN_LINE):
        yield "".join(letters[begin : begin + MOST_IN_LINE])


def _draw(line: str, face: ImageFont.FreeTypeFont, size: int) -> None:
    """The box is asked for first: memory is taken for it."""
    left, top, right, bottom = face.getbbox(line)
    if max(-left, -top, right, bottom) > _FARTHEST * size * len(line):
        raise TypefaceError("a line of the font reaches far beyond its letters")
    if bottom - top > _FARTHEST * size:
        raise TypefaceError("letters of the font stand far above each other")
    image = Image.new("RGBA", (size, size))
    ImageDraw.Draw(image).text((0, 0), line, "black", face, embedded_color=True)
