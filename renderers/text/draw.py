"""Text in a box, drawn."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from PIL import Image

from renderers.coverage import faded, ink
from renderers.text.breaks import Span
from renderers.text.fit import Line, Setting, Size, Style, fit

_STROKE = 1 / 14
"""How thick a line through or under letters is, of their size."""
_STRIKE, _UNDERLINE = -0.28, 0.12
"""How far below the baseline such a line is, of their size."""

Placed = tuple[Image.Image, int, int, int]
"""A picture of letters, its left and its top in the box, and the number of its look."""


def draw(image: Image.Image, spans: Sequence[Span], style: Style, left: int, top: int) -> None:
    """Draw a text, given in parts with the numbers of their looks, on an image in a box that begins
    at `left` and `top`, in real pixels. What stands over the box is cut off."""
    for letters, x, y, number in _inside(tuple(spans), style):
        where = (left + x, top + y)
        colour, alpha = ink(style.letters[number].colour)
        if letters.mode == "RGBA":
            image.paste(letters.convert("RGB"), where, faded(letters.getchannel("A"), alpha))
        else:
            image.paste(colour, where, faded(letters, alpha))


@lru_cache(maxsize=256)
def _inside(spans: tuple[Span, ...], style: Style) -> Sequence[Placed]:
    """What is seen of a text in its box."""
    return [
        seen
        for placed in _placed(fit(spans, style))
        if (seen := _clipped(placed, style.width, style.height))
    ]


def _clipped(placed: Placed, width: int, height: int) -> Placed | None:
    letters, x, y, number = placed
    if x >= 0 and y >= 0 and x + letters.width <= width and y + letters.height <= height:
        return placed
    box = (max(0, -x), max(0, -y), min(letters.width, width - x), min(letters.height, height - y))
    if box[0] >= box[2] or box[1] >= box[3]:
        return None
    return letters.crop(box), x + box[0], y + box[1], number


def _placed(setting: Setting) -> Iterator[Placed]:
    if not setting.lines:
        return
    style = setting.size.style
    baseline = _first_baseline(setting)
    for line, leading in zip(setting.lines, setting.leadings, strict=True):
        baseline += leading
        left = _left(line, style)
        for part, number in line.chunks:
            begin = round(left)
            left += part.width
            if part.text != " ":
                for letters, right, below in part.drawn:
                    yield letters, begin + right, baseline + below, number
            if style.letters[number].is_ruled:
                yield from _strokes(setting.size, number, (begin, round(left)), baseline)


def _first_baseline(setting: Setting) -> int:
    """Below the box's top. Marks on capitals stand higher than what a font says of itself: where
    they would be cut off, the text goes down as far as there is room."""
    style = setting.size.style
    free = style.height - setting.height
    above = {"top": 0, "middle": free // 2, "bottom": free}[style.valign]
    baseline = above + setting.ascent
    drawn = (one for part, _ in setting.lines[0].chunks for one in part.drawn)
    highest = min((down for letters, _, down in drawn if letters.getbbox()), default=0)
    cut = -highest - baseline
    return baseline + max(0, min(cut, free - above))


def _left(line: Line, style: Style) -> float:
    spare = style.width - line.width
    align = style.align
    if align == "start":
        align = "left" if line.direction == "ltr" else "right"
    return {"left": 0.0, "centre": spare / 2, "right": spare}[align]


def _strokes(size: Size, number: int, ends: tuple[int, int], baseline: int) -> Iterator[Placed]:
    """The lines through and under letters."""
    letters, pixels = size.style.letters[number], size.looks[number].size
    for is_there, down in ((letters.strike, _STRIKE), (letters.underline, _UNDERLINE)):
        if is_there:
            thick = max(1, round(pixels * _STROKE))
            stroke = Image.new("L", (max(1, ends[1] - ends[0]), thick), 255)
            yield stroke, ends[0], baseline + round(pixels * down), number
