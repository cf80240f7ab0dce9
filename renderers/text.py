"""Text in a box: wrapped, shrunk until it fits, and drawn as a mask.

Words are set one by one, and kept: of a sentence with a name in it only the name is new. A line
that is read from right to left is set as a whole.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from unicodedata import bidirectional

from PIL import Image, ImageDraw, ImageFont

from renderers import fonts
from renderers.fonts import Font
from renderers.spec import TextBox

ELLIPSIS = "…"
MOST_CHARACTERS = 2000
"""What is drawn of a text: more is not read in a picture."""

_FEATURES = ("lnum",)
"""Figures of one height: a price or a number of seats is read at a glance."""
_TABULAR = ("lnum", "tnum")
"""Of one width too: what stands in their place a second later does not move."""


@dataclass(frozen=True, slots=True)
class Face:
    """Letters at a size, in real pixels."""

    font: Font
    size: int
    features: tuple[str, ...] = _FEATURES

    @property
    def loaded(self) -> ImageFont.FreeTypeFont:
        return fonts.load(self.font, self.size)

    def width(self, line: str) -> float:
        words = _words(line)
        return sum(_width(word, self) for word in words) + (len(words) - 1) * _width(" ", self)


def _words(line: str) -> list[str]:
    """What is set by itself."""
    words = line.split(" ")
    return [line] if any(map(_is_right_to_left, words)) else words


@lru_cache(maxsize=8192)
def _is_right_to_left(word: str) -> bool:
    return not word.isascii() and any(bidirectional(letter) in _RIGHT_TO_LEFT for letter in word)


_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))


@lru_cache(maxsize=8192)
def _width(word: str, face: Face) -> float:
    return face.loaded.getlength(word, features=[*face.features])


@lru_cache(maxsize=4096)
def _drawn(word: str, face: Face) -> tuple[Image.Image, int, int]:
    """A word's coverage, and where that stands: to the right of the word's beginning, and below
    the baseline."""
    around = face.size  # letters may reach out of their lines
    width, height = ceil(_width(word, face)) + 2 * around, 3 * around
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    where = (around, 2 * around)
    draw.text(where, word, 255, face.loaded, anchor="ls", features=[*face.features])
    box = image.getbbox() or (0, 0, 1, 1)
    return image.crop(box), box[0] - where[0], box[1] - where[1]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set in its box; lengths in real pixels."""

    face: Face
    smallest: int
    line_height: float
    balance: bool
    width: int
    height: int

    @classmethod
    def of(cls, box: TextBox, scale: int, *, tabular: bool) -> "Style":
        features = _TABULAR if tabular else _FEATURES
        return cls(
            face=Face(box.typeface, box.size * scale, features),
            smallest=min(box.smallest, box.size) * scale,
            line_height=box.line_height,
            balance=box.balance,
            width=box.width * scale,
            height=box.height * scale,
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of text in a face, in real pixels."""

    face: Face
    line_height: float
    lines: tuple[str, ...]

    @property
    def leading(self) -> int:
        return round(self.face.size * self.line_height)

    @property
    def height(self) -> int:
        """From the top of the first line's ascenders to the last line's descenders."""
        ascent, descent = self.face.loaded.getmetrics()
        return self.leading * (len(self.lines) - 1) + ascent + descent

    @property
    def width(self) -> float:
        return max(map(self.face.width, self.lines), default=0)


def fit(text: str, box: TextBox, scale: int, *, tabular: bool = False) -> Setting:
    """`text` at the largest size between the box's two at which it fits the box without a word
    cut; at the smallest, what does not fit is cut and ends with an ellipsis."""
    return _fit(text, Style.of(box, scale, tabular=tabular))


@lru_cache(maxsize=1024)
def _fit(text: str, style: Style) -> Setting:
    size = style.face.size  # most texts fit as they are
    fits, too_large = style.smallest - 1, size + 1
    while too_large - fits > 1:
        setting = _set(text, style, size, style.width)
        if setting.height <= style.height and setting.width <= style.width:
            fits = size
        else:
            too_large = size
        size = (fits + too_large) // 2
    setting = _set(text, style, max(fits, style.smallest), style.width)
    if fits < style.smallest:
        return _cut(setting, style)
    return _balanced(text, style, setting) if style.balance else setting


def _set(text: str, style: Style, size: int, width: int) -> Setting:
    face = replace(style.face, size=size)
    lines = [line for paragraph in text.splitlines() for line in _wrap(paragraph, face, width)]
    return Setting(face, style.line_height, tuple(lines))


def _balanced(text: str, style: Style, setting: Setting) -> Setting:
    """In the narrowest width that needs no more lines."""
    too_narrow, wide_enough = 0, style.width
    while wide_enough - too_narrow > 1:
        middle = (too_narrow + wide_enough) // 2
        narrower = _set(text, style, setting.face.size, middle)
        if len(narrower.lines) <= len(setting.lines) and narrower.width <= style.width:
            wide_enough = middle
        else:
            too_narrow = middle
    return _set(text, style, setting.face.size, wide_enough)


def _wrap(paragraph: str, face: Face, width: int) -> Iterable[str]:
    """Lines broken at spaces; a no-break space does not break."""
    line, taken, space = "", 0.0, _width(" ", face)
    for word in paragraph.strip(" ").split(" "):
        wide = _width(word, face)
        if line and taken + space + wide > width:
            yield line.rstrip(" ")
            line, taken = word, wide
        elif line:
            line, taken = f"{line} {word}", taken + space + wide
        else:
            line, taken = word, wide
    yield line


def _cut(setting: Setting, style: Style) -> Setting:
    ascent, descent = setting.face.loaded.getmetrics()
    room = max(1, 1 + (style.height - ascent - descent) // max(1, setting.leading))
    lines = [_cut_line(line, setting.face, style.width) for line in setting.lines[:room]]
    if len(setting.lines) > room and not lines[-1].endswith(ELLIPSIS):
        lines[-1] = _cut_line(lines[-1] + ELLIPSIS, setting.face, style.width)
    return Setting(setting.face, setting.line_height, tuple(lines))


def _cut_line(line: str, face: Face, width: int) -> str:
    if face.width(line) <= width:
        return line
    whole = line.removesuffix(ELLIPSIS)
    kept = bisect_right(
        range(1, len(whole) + 1),
        float(width),
        key=lambda length: face.width(whole[:length] + ELLIPSIS),
    )
    return whole[:kept].rstrip() + ELLIPSIS


def mask(text: str, box: TextBox, scale: int, *, tabular: bool = False) -> Image.Image:
    """The text's coverage (mode L) in a picture of the size of its box; `tabular` figures are all
    of one width. It is shared with other callers: do not draw on it."""
    style = Style.of(box, scale, tabular=tabular)
    return _mask(text[:MOST_CHARACTERS], style, box.align, box.valign)


@lru_cache(maxsize=128)
def _mask(text: str, style: Style, align: str, valign: str) -> Image.Image:
    setting = _fit(text, style)
    face = setting.face
    image = Image.new("L", (style.width, style.height))
    ascent, _ = face.loaded.getmetrics()
    space = _width(" ", face)
    free = style.height - setting.height
    top = {"top": 0, "middle": free // 2, "bottom": free}[valign]
    for number, line in enumerate(setting.lines):
        spare = style.width - face.width(line)
        left = {"left": 0.0, "centre": spare / 2, "right": spare}[align]
        baseline = top + ascent + number * setting.leading
        for word in _words(line):
            if word:
                drawn, right, below = _drawn(word, face)
                where = (round(left) + right, baseline + below)
                image.paste(255, (*where, where[0] + drawn.width, where[1] + drawn.height), drawn)
            left += _width(word, face) + space
    return image
