"""How letters look: the fonts of a text, its size and its spacing, and the parts of a word that
are drawn in one of these fonts each.

Looks and chunks are kept: of a sentence with a name in it only the name is new.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import Any, Literal
from unicodedata import normalize

from PIL import Image, ImageDraw
from uniseg.emoji import emoji_presentation
from uniseg.graphemecluster import grapheme_clusters

from renderers.fonts import UNSEEN, Face

Direction = Literal["ltr", "rtl"]

FIGURES = ("lnum",)
"""Figures of one height: a price or a number of seats is read at a glance."""
TABULAR = ("lnum", "tnum")
"""Of one width too: what stands in their place a second later does not move."""

_NO_LIGATURES = ("-liga", "-clig")
"""Letters that are spaced out stand by themselves."""
_SMALL = 200
"""Real pixels an em."""
_NARROW, _NO_BREAK = re.compile("[\u2007\u2009\u200a\u202f]"), "\u00a0"
_AS_EMOJI, _AS_TEXT = "\ufe0f", "\ufe0e"


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """Fonts, each for what those before it lack, at `size` real pixels an em; `spacing` real pixels
    are added behind each letter; `language` chooses letters' forms. There is one object of each."""

    fonts: tuple[Face, ...]
    size: int
    features: tuple[str, ...] = FIGURES
    spacing: float = 0
    language: str | None = None

    @property
    def ascent(self) -> int:
        return self.fonts[0].at(self.size).getmetrics()[0]

    @property
    def descent(self) -> int:
        return self.fonts[0].at(self.size).getmetrics()[1]


look = lru_cache(maxsize=1024)(Look)


class Chunk:
    """Letters of one look, set in one go. `parts` are, from left to right, those that one font
    draws; `drawn` are its pictures, with where each stands: to the right of the beginning, and
    below the baseline; mode L for what has no colour of its own, RGBA for what has."""

    def __init__(self, text: str, look: Look, direction: Direction | None) -> None:
        self.text = text
        self.look = look
        self.parts = tuple(_parts(text, look.fonts))
        if direction == "rtl":
            self.parts = self.parts[::-1]
        self._spaced = bool(look.spacing) and direction != "rtl"
        self._options: dict[str, Any] = {
            "features": [*look.features, *(_NO_LIGATURES if self._spaced else ())],
            "direction": direction,
            "language": look.language,
        }
        self._widths = [self._width(*part) for part in self.parts]
        self.width = sum(self._widths)

    @cached_property
    def drawn(self) -> Sequence[tuple[Image.Image, int, int]]:
        placed, left = [], 0.0
        for (font, text), width in zip(self.parts, self._widths, strict=True):
            for letters, begin, wide in self._set(font, text, width):
                if _seen(letters):
                    image, right, below = self._draw(font, letters, wide)
                    placed.append((image, round(left + begin) + right, below))
            left += width
        return placed

    def _set(self, font: Face, text: str, width: float) -> Iterator[tuple[str, float, float]]:
        """What is drawn at once, where it begins, and how wide it is."""
        if not self._spaced:
            yield text, 0, width
            return
        before = ""
        for number, letter in enumerate(clusters(text)):
            begin = self._length(font, before)
            before += letter
            wide = self._length(font, before) - begin
            yield letter, begin + number * self.look.spacing, wide

    def _width(self, font: Face, text: str) -> float:
        letters = sum(1 for _ in clusters(text)) if self._spaced else 0
        return self._length(font, text) + letters * self.look.spacing

    def _length(self, font: Face, text: str) -> float:
        if not _seen(text):
            return 0
        return font.at(self.look.size).getlength(text, **self._options)

    def _draw(self, font: Face, text: str, wide: float) -> tuple[Image.Image, int, int]:
        left, top, right, bottom = self._room(font, text, wide)
        mode, ink = ("RGBA", (0, 0, 0, 255)) if font.is_coloured else ("L", 255)
        image = Image.new(mode, (right - left, bottom - top))
        ImageDraw.Draw(image).text(
            (-left, -top),
            text,
            ink,
            font.at(self.look.size),
            anchor="ls",
            embedded_color=mode == "RGBA",
            **self._options,
        )
        if mode == "RGBA":  # as drawn on nothing, colours are what they add to what is below
            image = Image.frombytes("RGBa", image.size, image.tobytes()).convert("RGBA")
        box = image.getbbox() or (0, 0, 1, 1)
        return image.crop(box), box[0] + left, box[1] + top

    def _room(self, font: Face, text: str, wide: float) -> tuple[int, int, int, int]:
        """A box around letters, from the beginning of their baseline: left, top, right, bottom. To
        measure it takes longer than a small picture with too much around."""
        around = self.look.size
        if around <= _SMALL:
            return -around, -2 * around, max(0, ceil(wide)) + around, around
        box = font.at(self.look.size).getbbox(text, anchor="ls", **self._options)
        left, top, right, bottom = (round(side) for side in box)
        return left - 1, top - 1, max(left, right) + 1, max(top, bottom) + 1


@lru_cache(maxsize=4096)
def chunk(text: str, look: Look, direction: Direction | None = None) -> Chunk:
    return Chunk(text, look, direction)


def clusters(text: str) -> Iterable[str]:
    """The letters of a text as people count them: each with its marks, an emoji with all that it
    is made of."""
    return text if text.isascii() else grapheme_clusters(text)


def _seen(text: str) -> str:
    return text if text.isascii() else text.translate(UNSEEN)


def _parts(text: str, fonts: Sequence[Face]) -> Iterator[tuple[Face, str]]:
    """A text by the fonts that draw it: by one, if one can."""
    if not text.isascii():
        text = _NARROW.sub(lambda space: _space(space.group(), fonts[0]), text)
    whole = next((font for font in fonts if _draws(font, text)), None)
    if whole is not None and not _has_emoji(text):
        yield whole, text
        return
    current, letters = fonts[0], ""
    for cluster in clusters(text):
        font = _font_of(cluster, fonts) or current
        if font is not current and letters:
            yield current, letters
            letters = ""
        current = font
        letters += cluster
    yield current, letters


def _space(narrow: str, font: Face) -> str:
    """A narrow space, which is no reason to take another font: then it is a wider one."""
    return narrow if font.draws(narrow) else _NO_BREAK


def _font_of(cluster: str, fonts: Sequence[Face]) -> Face | None:
    """The first that draws all of a letter with its marks; of an emoji, the first in colour."""
    drawing = [font for font in fonts if _draws(font, cluster)]
    if _has_emoji(cluster) and _AS_TEXT not in cluster:
        drawing.sort(key=lambda font: not font.is_coloured)
    return drawing[0] if drawing else None


def _draws(font: Face, text: str) -> bool:
    """Whether a font has all letters, be they with their marks in one or apart."""
    seen = _seen(text)
    return font.draws(seen) or (
        not seen.isascii() and any(font.draws(normalize(form, seen)) for form in ("NFC", "NFD"))
    )


def _has_emoji(text: str) -> bool:
    return not text.isascii() and (_AS_EMOJI in text or any(map(emoji_presentation, text)))


def missing(text: str, fonts: Sequence[Face]) -> str:
    """The letters of a text that none of the fonts can draw, each once."""
    words = "".join(text.split())
    if fonts[0].draws(words):
        return ""
    letters = dict.fromkeys(clusters(words))
    return "".join(letter for letter in letters if _font_of(letter, fonts) is None)
