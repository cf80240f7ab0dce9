"""Text in a box: wrapped, and shrunk until it fits."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from renderers.fonts import Face
from renderers.text import breaks, order
from renderers.text.breaks import HYPHEN, SOFT_HYPHEN, Span, Word
from renderers.text.look import FIGURES, Chunk, Direction, Look, chunk, clusters, look

ELLIPSIS = "…"
MOST_PIXELS = 1200
"""An em of the largest letters: those of 400 CSS pixels at scale 3."""
_LOOSE = f" ,;:–—-{ELLIPSIS}"
"""What is not left before an ellipsis."""
_LEAST_KEPT = 0.5
"""How much of what fits is kept where a line is cut before a word, not within it."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters in a style: fonts, `ratio` of the text's size, and what is drawn over them."""

    fonts: tuple[Face, ...]
    colour: str
    ratio: float = 1
    strike: bool = False
    underline: bool = False

    @property
    def is_ruled(self) -> bool:
        return self.strike or self.underline


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set in its box: lengths in real pixels, `spacing` in ems. `letters` are the
    styles of its parts, by their numbers."""

    letters: tuple[Letters, ...]
    size: int
    smallest: int
    width: int
    height: int
    line_height: float = 1.25
    balance: bool = False
    align: str = "start"
    valign: str = "top"
    spacing: float = 0
    features: tuple[str, ...] = FIGURES
    language: str = ""


class Size:
    """A style at a size, in real pixels an em: `looks` are those of its parts. Of a text that
    `is_plain` all reads from left to right."""

    def __init__(self, style: Style, pixels: int, *, is_plain: bool = False) -> None:
        self.style = style
        self.pixels = pixels
        self._is_plain = is_plain
        self.looks = [self._look(letters) for letters in style.letters]

    def _look(self, letters: Letters) -> Look:
        style, own = self.style, max(1, min(MOST_PIXELS, round(self.pixels * letters.ratio)))
        spacing = style.spacing * own
        return look(letters.fonts, own, style.features, spacing, style.language or None)

    def chunks(self, spans: Sequence[Span], base: Direction) -> Sequence[tuple[Chunk, int]]:
        """What is drawn from left to right, and the number of its look, in a paragraph of a
        direction: words one by one, and what parts them."""
        if self._is_plain or (base == "ltr" and not any(map(_is_right_to_left, spans))):
            return [(self._chunk(text, number), number) for text, number in spans]
        return [
            (self._chunk(word, number, way), number)
            for text, number, way in order.seen(tuple(spans), base)
            for word in re.findall(" +|[^ ]+", text)[:: -1 if way == "rtl" else 1]
        ]

    def _chunk(self, text: str, number: int, way: Direction | None = None) -> Chunk:
        return chunk(text.replace(SOFT_HYPHEN, ""), self.looks[number], way)

    def between(self, before: Word, after: Word) -> int:
        """The look of the space between two words: that of both, where they have the same."""
        if len(self.looks) == 1 or not (before.spans and after.spans):
            return 0
        left, right = before.spans[-1][1], after.spans[0][1]
        return left if left == right else 0

    def space(self, before: Word, after: Word, base: Direction) -> float:
        """How wide the space between two words is."""
        way = base if base == "rtl" else None
        return self._chunk(" ", self.between(before, after), way).width

    def width(self, word: Word, base: Direction) -> float:
        if self._is_plain and len(word.spans) == 1:
            return self._chunk(*word.spans[0]).width
        return sum(part.width for part, _ in self.chunks(word.spans, base))


def _is_right_to_left(span: Span) -> bool:
    return order.is_right_to_left(span[0])


@dataclass(frozen=True, eq=False)
class Line:
    """Words in one line; `direction` is its paragraph's."""

    words: tuple[Word, ...]
    size: Size
    direction: Direction = "ltr"

    @cached_property
    def spans(self) -> Sequence[Span]:
        """The words with the spaces between them."""
        spans: list[Span] = []
        for number, word in enumerate(self.words):
            if number and word.spaced:
                spans.append((" ", self.size.between(self.words[number - 1], word)))
            spans += word.spans
        return spans

    @cached_property
    def text(self) -> str:
        return "".join(text for text, _ in self.spans)

    @property
    def ratio(self) -> float:
        """Of the largest letters to the text's size."""
        letters = self.size.style.letters
        if len(letters) == 1:
            return letters[0].ratio
        return max((letters[number].ratio for _, number in self.spans), default=1)

    @cached_property
    def chunks(self) -> Sequence[tuple[Chunk, int]]:
        """What is drawn from left to right, and the number of its look."""
        return self.size.chunks(self.spans, self.direction)

    @cached_property
    def width(self) -> float:
        return sum(part.width for part, _ in self.chunks)


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of text at a size, in real pixels."""

    size: Size
    lines: tuple[Line, ...]

    @property
    def ascent(self) -> int:
        """Of the first line, from its baseline up."""
        ratio = self.lines[0].ratio if self.lines else 1
        return round(ratio * self.size.looks[0].ascent)

    @property
    def leadings(self) -> Sequence[int]:
        """From the baseline before to each line's; none to the first."""
        height = self.size.pixels * self.size.style.line_height
        return [round(height * line.ratio) if at else 0 for at, line in enumerate(self.lines)]

    @property
    def height(self) -> int:
        """From the top of the first line's ascenders to the last line's descenders."""
        ratio = self.lines[-1].ratio if self.lines else 1
        descent = round(ratio * self.size.looks[0].descent)
        return self.ascent + sum(self.leadings) + descent

    @property
    def width(self) -> float:
        return max((line.width for line in self.lines), default=0)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    words: tuple[Word, ...]
    direction: Direction


def fit(spans: Sequence[Span], style: Style) -> Setting:
    """A text at the largest size between the style's two at which it fits without a word broken;
    at the smallest, words that are too wide are broken, and what does not fit is cut and ends with
    an ellipsis."""
    return _fit(breaks.limited(spans), style)


@lru_cache(maxsize=1024)
def _fit(spans: tuple[Span, ...], style: Style) -> Setting:
    paragraphs = [
        _Paragraph(words, order.direction("".join(word.text for word in words), style.language))
        for words in breaks.paragraphs(spans, style.language)
    ]
    is_plain = all(paragraph.direction == "ltr" for paragraph in paragraphs) and not any(
        map(_is_right_to_left, spans)
    )
    fitting: Setting | None = None
    pixels = style.size  # most texts fit as they are
    fits, too_large = style.smallest - 1, pixels + 1
    while too_large - fits > 1:
        setting = _set(paragraphs, Size(style, pixels, is_plain=is_plain), style.width)
        if _is_within(setting):
            fits, fitting = pixels, setting
        else:
            too_large = pixels
        pixels = (fits + too_large) // 2
    if fitting is not None:
        return _balanced(paragraphs, fitting) if style.balance else fitting
    size = Size(style, style.smallest, is_plain=is_plain)
    broken = [_broken(paragraph, size) for paragraph in paragraphs]
    setting = _set(broken, size, style.width)
    return setting if _is_within(setting) else _cut(setting)


def _is_within(setting: Setting) -> bool:
    style = setting.size.style
    return setting.height <= style.height and setting.width <= style.width


def _set(paragraphs: Sequence[_Paragraph], size: Size, width: int) -> Setting:
    lines = (
        Line(words, size, paragraph.direction)
        for paragraph in paragraphs
        for words in _wrap(paragraph, size, width)
    )
    return Setting(size, tuple(lines))


def _balanced(paragraphs: Sequence[_Paragraph], setting: Setting) -> Setting:
    """In the narrowest width that needs no more lines."""
    size, most = setting.size, setting.size.style.width
    too_narrow, wide_enough = 0, most
    while wide_enough - too_narrow > 1:
        middle = (too_narrow + wide_enough) // 2
        narrower = _set(paragraphs, size, middle)
        if len(narrower.lines) <= len(setting.lines) and _is_within(narrower):
            wide_enough = middle
        else:
            too_narrow = middle
    return _set(paragraphs, size, wide_enough)


def _wrap(paragraph: _Paragraph, size: Size, width: int) -> Iterator[tuple[Word, ...]]:
    line: list[Word] = []
    taken = 0.0
    for word in paragraph.words:
        wide = size.width(word, paragraph.direction)
        is_apart = line and word.spaced
        space = size.space(line[-1], word, paragraph.direction) if is_apart else 0
        is_over = taken + space + wide > width and word.spans  # spaces stay at the end of a line
        if line and (line[-1].is_last or is_over):
            yield _without_end(line)
            line, taken = [word], wide
        else:
            line.append(word)
            taken += space + wide
    yield _without_end(line)


def _without_end(words: list[Word]) -> tuple[Word, ...]:
    """Without spaces at the end, which are words of no letters."""
    while len(words) > 1 and not words[-1].spans:
        words.pop()
    return tuple(words)


def _broken(paragraph: _Paragraph, size: Size) -> _Paragraph:
    """With words that are too wide in parts that are not, as far as their language allows."""
    words = [
        part
        for word in _loose(paragraph, size)
        for part in _hyphenated(word, paragraph.direction, size)
    ]
    return _Paragraph(tuple(words), paragraph.direction)


def _loose(paragraph: _Paragraph, size: Size) -> Iterator[Word]:
    """Words; of those that stick together, and are too wide together, each."""
    for word in paragraph.words:
        if " " in word.text and size.width(word, paragraph.direction) > size.style.width:
            yield from breaks.loose(word)
        else:
            yield word


def _hyphenated(word: Word, direction: Direction, size: Size) -> Iterator[Word]:
    """A word, in as few parts as its width needs."""
    width = size.style.width
    if size.width(word, direction) <= width:
        yield word
        return
    taken, *rest = breaks.parts(word, size.style.language)
    for part in rest:
        longer = Word(breaks.merged((*taken.spans, *part.spans)), taken.spaced)
        ended = longer if part is rest[-1] else _with_hyphen(longer)
        if size.width(ended, direction) > width:
            yield _with_hyphen(taken)
            taken = part
        else:
            taken = longer
    yield taken


def _with_hyphen(word: Word) -> Word:
    *spans, (text, number) = word.spans
    return Word((*spans, (text + HYPHEN, number)), word.spaced, is_last=True)


def _cut(setting: Setting) -> Setting:
    size, lines = setting.size, setting.lines
    room = 1
    while room < len(lines) and Setting(size, lines[: room + 1]).height <= size.style.height:
        room += 1
    kept = [_cut_line(line) for line in lines[:room]]
    if len(lines) > room and not kept[-1].text.endswith(ELLIPSIS):
        kept[-1] = _cut_line(_ended(kept[-1], len(kept[-1].text)))
    return Setting(size, tuple(kept))


def _cut_line(line: Line) -> Line:
    width = line.size.style.width
    if line.width <= width:
        return line
    ends = [*accumulate(map(len, clusters(line.text.removesuffix(ELLIPSIS))))]
    kept = bisect_right(ends, float(width), key=lambda end: _ended(line, end).width)
    end = ends[kept - 1] if kept else 0
    before = line.text.rfind(" ", 0, end)  # rather there than within a word
    return _ended(line, before if before >= end * _LEAST_KEPT else end)


def _ended(line: Line, length: int) -> Line:
    """So many letters of a line, and an ellipsis."""
    spans = list(breaks.between(line.spans, 0, length))
    text, number = spans.pop() if spans else ("", line.spans[0][1] if line.spans else 0)
    spans.append((text.rstrip(_LOOSE) + ELLIPSIS, number))
    return Line((Word(tuple(spans)),), line.size, line.direction)
