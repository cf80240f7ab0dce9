"""Fonts: the shipped ones and those that people upload, and which characters each can draw.

Shipped are Latin, Cyrillic, Greek, Arabic and Hebrew letters and emoji in colour, under the SIL
Open Font License.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType

from fontTools.ttLib import TTFont
from PIL import ImageFont


class Font(StrEnum):
    """The shipped fonts' files."""

    REGULAR_CORE = "Inter-Regular.core.otf"
    REGULAR = "Inter-Regular.otf"
    SEMIBOLD_CORE = "Inter-SemiBold.core.otf"
    SEMIBOLD = "Inter-SemiBold.otf"
    DISPLAY_CORE = "InterDisplay-Bold.core.otf"
    DISPLAY = "InterDisplay-Bold.otf"
    SERIF_CORE = "PlayfairDisplay-Bold.core.ttf"
    SERIF = "PlayfairDisplay-Bold.ttf"
    ARABIC = "NotoSansArabic-Regular.ttf"
    ARABIC_BOLD = "NotoSansArabic-Bold.ttf"
    HEBREW = "NotoSansHebrew-Regular.ttf"
    HEBREW_BOLD = "NotoSansHebrew-Bold.ttf"
    EMOJI = "Twemoji.ttf"


BY_NAME: Mapping[str, Font] = MappingProxyType(
    {font.name.lower(): font for font in (Font.REGULAR, Font.SEMIBOLD, Font.DISPLAY, Font.SERIF)}
)
"""Those that a text can ask for."""


def uploads(names: Iterable[str]) -> tuple[str, ...]:
    """The ids of uploaded fonts among the fonts that texts ask for, each once."""
    return tuple(name for name in dict.fromkeys(names) if name not in BY_NAME)


MOST_SIZES, MOST_COPIES = 64, 8
"""At which a font is kept; of one that is bytes each size holds a copy."""


class Face:
    """A font, of a path or of bytes: `id` names its content. There is one object for each id."""

    def __init__(self, id: str, source: str | bytes) -> None:
        self.id = id
        self.source = source
        self.at = lru_cache(MOST_SIZES if isinstance(source, str) else MOST_COPIES)(self._load)

    def _load(self, size: int) -> ImageFont.FreeTypeFont:
        """The font at `size` pixels an em."""
        return ImageFont.truetype(self._file(), size)

    @cached_property
    def letters(self) -> frozenset[int]:
        """The code points that it can draw."""
        with TTFont(self._file(), lazy=True) as font:
            return frozenset(font.getBestCmap() or ())

    @cached_property
    def is_coloured(self) -> bool:
        """Whether its glyphs have colours of their own."""
        with TTFont(self._file(), lazy=True) as font:
            return "COLR" in font

    def _file(self) -> str | BytesIO:
        return self.source if isinstance(self.source, str) else BytesIO(self.source)

    def draws(self, text: str) -> bool:
        return self.letters.issuperset(map(ord, text))


UNSEEN = dict.fromkeys(
    (
        *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0x200B, 0x2010),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    )
)
"""What has no shape of its own, such as joiners, marks of direction and choosers of emoji; a table
for `str.translate`. Source: Default_Ignorable_Code_Point of the Unicode Character Database."""


@lru_cache(maxsize=1)
def _all_letters() -> frozenset[int]:
    return frozenset().union(*(shipped(font).letters for font in Font))


def can_draw(text: str) -> bool:
    """Whether the shipped fonts together can draw a text."""
    return text.isascii() or _all_letters().issuperset(
        ord(letter) for letter in text.translate(UNSEEN) if not letter.isspace()
    )


@lru_cache(maxsize=64)
def shipped(font: Font) -> Face:
    return Face(font, str(files(__name__) / font))


_UPLOADED = lru_cache(maxsize=64)(Face)


def uploaded(id: str, data: bytes) -> Face:
    """An uploaded font, by the id of its content."""
    return _UPLOADED(id, data)


_BOLD = frozenset((Font.SEMIBOLD, Font.DISPLAY, Font.SERIF))
CORES: Mapping[str, Font] = {
    Font.REGULAR: Font.REGULAR_CORE,
    Font.SEMIBOLD: Font.SEMIBOLD_CORE,
    Font.DISPLAY: Font.DISPLAY_CORE,
    Font.SERIF: Font.SERIF_CORE,
}
"""Of a font, one with the letters of which nearly all texts are made: with so few rules a word is
set in a third of the time."""


@lru_cache(maxsize=256)
def chain(first: Face, *others: Face) -> tuple[Face, ...]:
    """The fonts in which a text is set, each for what those before it lack: the text's own, others
    that are given, and shipped ones of about its weight."""
    bold = first.id in _BOLD
    letters = Font.SEMIBOLD if bold else Font.REGULAR
    arabic = Font.ARABIC_BOLD if bold else Font.ARABIC
    hebrew = Font.HEBREW_BOLD if bold else Font.HEBREW
    last = map(shipped, (letters, arabic, hebrew, Font.EMOJI))
    asked = dict.fromkeys((first, *others, *last))
    return tuple(face for one in asked for face in _with_core(one))


def _with_core(face: Face) -> Iterator[Face]:
    if face.id in CORES:
        yield shipped(CORES[face.id])
    yield face
