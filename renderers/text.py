"""Text in a box: wrapped, shrunk until it fits, and drawn as a mask."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from renderers import fonts
from renderers.fonts import Font
from renderers.spec import TextLayer

ELLIPSIS = "…"
MOST_CHARACTERS = 2000
"""What is drawn of a text: more is not read in a picture."""

_FEATURES = ["lnum"]
"""Figures of one height: a price or a number of seats is read at a glance."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set in its box; lengths in real pixels."""

    font: Font
    size: int
    smallest: int
    line_height: float
    balance: bool
    width: int
    height: int

    @classmethod
    def of(cls, layer: TextLayer, scale: int) -> "Style":
        return cls(
            font=layer.typeface,
            size=layer.size * scale,
            smallest=min(layer.smallest, layer.size) * scale,
            line_height=layer.line_height,
            balance=layer.balance,
            width=layer.width * scale,
            height=layer.height * scale,
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of text at a size, in real pixels."""

    font: Font
    size: int
    line_height: float
    lines: tuple[str, ...]

    @property
    def leading(self) -> int:
        return round(self.size * self.line_height)

    @property
    def height(self) -> int:
        """From the top of the first line's ascenders to the last line's descenders."""
        ascent, descent = fonts.load(self.font, self.size).getmetrics()
        return self.leading * (len(self.lines) - 1) + ascent + descent

    @property
    def width(self) -> float:
        return max((line_width(line, self.font, self.size) for line in self.lines), default=0)


@lru_cache(maxsize=8192)
def line_width(line: str, font: Font, size: int) -> float:
    return fonts.load(font, size).getlength(line, features=_FEATURES)


def fit(text: str, layer: TextLayer, scale: int) -> Setting:
    """`text` at the largest size between the layer's two at which it fits the layer's box without
    a word cut; at the smallest, what does not fit is cut and ends with an ellipsis."""
    return _fit(text, Style.of(layer, scale))


@lru_cache(maxsize=1024)
def _fit(text: str, style: Style) -> Setting:
    fits, too_large = style.smallest - 1, style.size + 1
    size = style.size  # most texts fit as they are
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
    lines = [
        line
        for paragraph in text.splitlines()
        for line in _wrap(paragraph, style.font, size, width)
    ]
    return Setting(style.font, size, style.line_height, tuple(lines))


def _balanced(text: str, style: Style, setting: Setting) -> Setting:
    """In the narrowest width that needs no more lines."""
    too_narrow, wide_enough = 0, style.width
    while wide_enough - too_narrow > 1:
        middle = (too_narrow + wide_enough) // 2
        narrower = _set(text, style, setting.size, middle)
        if len(narrower.lines) <= len(setting.lines) and narrower.width <= style.width:
            wide_enough = middle
        else:
            too_narrow = middle
    return _set(text, style, setting.size, wide_enough)


def _wrap(paragraph: str, font: Font, size: int, width: int) -> Iterable[str]:
    """Lines broken at spaces; a no-break space does not break."""
    line = ""
    for word in paragraph.strip(" ").split(" "):
        longer = f"{line} {word}" if line else word
        if line and line_width(longer, font, size) > width:
            yield line.rstrip(" ")
            line = word
        else:
            line = longer
    yield line


def _cut(setting: Setting, style: Style) -> Setting:
    ascent, descent = fonts.load(setting.font, setting.size).getmetrics()
    room = max(1, 1 + (style.height - ascent - descent) // max(1, setting.leading))
    lines = [_cut_line(line, setting, style.width) for line in setting.lines[:room]]
    if len(setting.lines) > room and not lines[-1].endswith(ELLIPSIS):
        lines[-1] = _cut_line(lines[-1] + ELLIPSIS, setting, style.width)
    return Setting(setting.font, setting.size, setting.line_height, tuple(lines))


def _cut_line(line: str, setting: Setting, width: int) -> str:
    font, size = setting.font, setting.size
    if line_width(line, font, size) <= width:
        return line
    whole = line.removesuffix(ELLIPSIS)
    kept = bisect_right(
        range(1, len(whole) + 1),
        float(width),
        key=lambda length: line_width(whole[:length] + ELLIPSIS, font, size),
    )
    return whole[:kept].rstrip() + ELLIPSIS


def mask(text: str, layer: TextLayer, scale: int) -> Image.Image:
    """The text's coverage (mode L) in a picture of the size of the layer's box. It is shared with
    other callers: do not draw on it."""
    return _mask(text[:MOST_CHARACTERS], Style.of(layer, scale), layer.align, layer.valign)


@lru_cache(maxsize=128)
def _mask(text: str, style: Style, align: str, valign: str) -> Image.Image:
    setting = _fit(text, style)
    image = Image.new("L", (style.width, style.height))
    draw = ImageDraw.Draw(image)
    face = fonts.load(setting.font, setting.size)
    ascent, _ = face.getmetrics()
    free = style.height - setting.height
    top = {"top": 0, "middle": free // 2, "bottom": free}[valign]
    for number, line in enumerate(setting.lines):
        spare = style.width - line_width(line, setting.font, setting.size)
        left = {"left": 0.0, "centre": spare / 2, "right": spare}[align]
        baseline = top + ascent + number * setting.leading
        draw.text((left, baseline), line, 255, face, anchor="ls", features=_FEATURES)
    return image
