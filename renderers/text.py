"""Text in a box: wrapped, shrunk until it fits, and drawn as a mask."""

from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from renderers import fonts
from renderers.fonts import Font
from renderers.spec import TextLayer

ELLIPSIS = "…"

_FEATURES = ["lnum"]
"""Figures of one height: a price or a number of seats is read at a glance."""


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

    def line_width(self, line: str) -> float:
        return fonts.load(self.font, self.size).getlength(line, features=_FEATURES)

    @property
    def width(self) -> float:
        return max((self.line_width(line) for line in self.lines), default=0)


def fit(text: str, layer: TextLayer, scale: int) -> Setting:
    """`text` at the largest size between the layer's two at which it fits the layer's box without
    a word cut; at the smallest, what does not fit is cut and ends with an ellipsis."""
    width, height = layer.width * scale, layer.height * scale
    smallest = min(layer.smallest, layer.size) * scale
    fits, too_large = smallest - 1, layer.size * scale + 1
    while too_large - fits > 1:
        size = (fits + too_large) // 2
        setting = _set(text, layer, size, width)
        if setting.height <= height and setting.width <= width:
            fits = size
        else:
            too_large = size
    setting = _set(text, layer, max(fits, smallest), width)
    if fits < smallest:
        return _cut(setting, width, height)
    return _balanced(text, layer, setting, width) if layer.balance else setting


def _set(text: str, layer: TextLayer, size: int, width: int) -> Setting:
    setting = Setting(layer.typeface, size, layer.line_height, ())
    lines = [line for paragraph in text.splitlines() for line in _wrap(paragraph, setting, width)]
    return Setting(setting.font, size, setting.line_height, tuple(lines))


def _balanced(text: str, layer: TextLayer, setting: Setting, width: int) -> Setting:
    """In the narrowest width that needs no more lines."""
    too_narrow, wide_enough = 0, width
    while wide_enough - too_narrow > 1:
        middle = (too_narrow + wide_enough) // 2
        narrower = _set(text, layer, setting.size, middle)
        if len(narrower.lines) <= len(setting.lines) and narrower.width <= width:
            wide_enough = middle
        else:
            too_narrow = middle
    return _set(text, layer, setting.size, wide_enough)


def _wrap(paragraph: str, setting: Setting, width: int) -> Iterable[str]:
    """Lines broken at spaces; a no-break space does not break."""
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if line and setting.line_width(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def _cut(setting: Setting, width: int, height: int) -> Setting:
    ascent, descent = fonts.load(setting.font, setting.size).getmetrics()
    room = max(1, 1 + (height - ascent - descent) // max(1, setting.leading))
    lines = [_cut_line(line, setting, width) for line in setting.lines[:room]]
    if len(setting.lines) > room and not lines[-1].endswith(ELLIPSIS):
        lines[-1] = _cut_line(lines[-1] + ELLIPSIS, setting, width)
    return Setting(setting.font, setting.size, setting.line_height, tuple(lines))


def _cut_line(line: str, setting: Setting, width: int) -> str:
    if setting.line_width(line) <= width:
        return line
    kept = line.removesuffix(ELLIPSIS)
    while kept and setting.line_width(kept + ELLIPSIS) > width:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def mask(text: str, layer: TextLayer, scale: int) -> Image.Image:
    """The text's coverage (mode L) in a picture of the size of the layer's box."""
    setting = fit(text, layer, scale)
    width, height = layer.width * scale, layer.height * scale
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    face = fonts.load(setting.font, setting.size)
    ascent, _ = face.getmetrics()
    free = height - setting.height
    top = {"top": 0, "middle": free // 2, "bottom": free}[layer.valign]
    for number, line in enumerate(setting.lines):
        spare = width - setting.line_width(line)
        left = {"left": 0.0, "centre": spare / 2, "right": spare}[layer.align]
        baseline = top + ascent + number * setting.leading
        draw.text((left, baseline), line, 255, face, anchor="ls", features=_FEATURES)
    return image
