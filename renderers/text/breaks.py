"""Where the lines of a text may break: between words, by the customs of its language."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyphen import LANGUAGES, Pyphen
from uniseg.linebreak import line_break_units

Span = tuple[str, int]
"""A part of a text, and the number of its look."""

SOFT_HYPHEN = "\u00ad"
HYPHEN = "-"

MOST_CHARACTERS = 2000
"""What is read of a text: more is not read in a picture."""

_CONTROLS = re.compile(
    "[\x00-\x09\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What a text can do without: it is shown as it reads. Ends of lines are none of it."""
_WITHOUT_SPACES = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Chinese and Japanese, which break between letters but not before a full stop."""
_STICKING = dict.fromkeys(("ru", "uk", "be", "bg"), 2) | dict.fromkeys(("cs", "pl", "sk"), 1)
"""Of how many letters a word is too short to end a line, by language."""
_DIGIT = re.compile(r"\d")
_UNIT = re.compile("[%‰€£$₽°][.,;:!?]*")
"""What stays with the number before it."""
_BEFORE_NUMBERS = {
    "fi": frozenset(("klo", "n.", "nro", "s.")),
    "et": frozenset(("kell", "nr", "lk")),
    "ru": frozenset(("№", "стр.", "п.")),
    "en": frozenset(("No.", "p.", "at")),
}
"""What stays with the number behind it, by language."""
_TO_THE_LEFT = re.compile("[:;!?»]+")
_TO_THE_RIGHT = re.compile("«")
_FINNISH = re.compile("(?<=..)[bcdfghjklmnpqrstvwxzšž](?=[aeiouyåäö].)", re.IGNORECASE)
"""A syllable begins with the consonant before a vowel."""
_LETTERS = re.compile(r"[^\W\d_]{5,}")
"""What of a word may be broken."""
_SOFT_HYPHENS = re.compile(f"{SOFT_HYPHEN}+")


@dataclass(frozen=True, slots=True)
class Word:
    """What stays in one line; `spaced` if a space parts it from the word before, in one line;
    `is_last` if a line ends behind it."""

    spans: tuple[Span, ...]
    spaced: bool = True
    is_last: bool = False

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.spans)


Paragraph = tuple[Word, ...]


def limited(spans: Sequence[Span]) -> tuple[Span, ...]:
    """What is read of a text, without control characters."""
    found, left = [], MOST_CHARACTERS
    for text, number in spans:
        found.append((clean(text[:left]), number))
        left -= len(text[:left])
    return tuple(found)


def clean(text: str) -> str:
    """A text without control characters."""
    return text if text.isprintable() else _CONTROLS.sub("", text.replace("\t", " "))


def paragraphs(spans: Sequence[Span], language: str) -> Iterator[Paragraph]:
    """The words of each paragraph; a line break ends one."""
    whole = "".join(text for text, _ in spans)
    begin = 0
    for paragraph in whole.splitlines(keepends=True):
        line = paragraph.rstrip("\r\n\v\f\x85\u2028\u2029").strip(" ")
        start = begin + paragraph.find(line)
        yield tuple(
            Word(between(spans, start + first, start + last), spaced)
            for first, last, spaced in _words(line, language)
        )
        begin += len(paragraph)


def between(spans: Sequence[Span], first: int, last: int) -> tuple[Span, ...]:
    """The part of a text from one place to another; what is of one look is one."""
    if len(spans) == 1:
        text, number = spans[0]
        return ((text[first:last], number),) if text[first:last] else ()
    parts, begin = [], 0
    for text, number in spans:
        parts.append((text[max(0, first - begin) : max(0, last - begin)], number))
        begin += len(text)
    return merged(parts)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Those next to each other that are of one look in one."""
    found: list[Span] = []
    for text, number in spans:
        if text and found and found[-1][1] == number:
            found[-1] = (found[-1][0] + text, number)
        elif text:
            found.append((text, number))
    return tuple(found)


def _words(line: str, language: str) -> Iterator[tuple[int, int, bool]]:
    """Where each word begins and ends, and whether a space is before it."""
    first = last = 0
    parts = line.split(" ")
    may_stick = language == "fr" or language in _STICKING or _DIGIT.search(line) is not None
    for number, part in enumerate(parts):
        last += len(part)
        following = parts[number + 1] if may_stick and number + 1 < len(parts) else ""
        if not following or not _stick(part, following, language):
            yield from _units(line, first, last)
            first = last + 1
        last += 1


def _stick(word: str, following: str, language: str) -> bool:
    if word[-1:].isdigit() and _UNIT.fullmatch(following):
        return True
    if following[:1].isdigit() and word in _BEFORE_NUMBERS.get(language, ()):
        return True
    if language == "fr" and (_TO_THE_LEFT.fullmatch(following) or _TO_THE_RIGHT.fullmatch(word)):
        return True
    return 0 < len(word) <= _STICKING.get(language, 0) and word.isalpha()


def _units(line: str, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
    word = line[first:last]
    if not _WITHOUT_SPACES.search(word):
        yield first, last, True
        return
    spaced = True
    for unit in line_break_units(word):
        yield first, first + len(unit), spaced
        first, spaced = first + len(unit), False


def loose(word: Word) -> list[Word]:
    """The words that stick together in one."""
    found, begin = [], 0
    for part in word.text.split(" "):
        spans = between(word.spans, begin, begin + len(part))
        found.append(Word(spans, word.spaced or begin > 0))
        begin += len(part) + 1
    return found


def parts(word: Word, language: str) -> list[Word]:
    """The parts in which a word may be broken; between them a hyphen is to be written. Where its
    author has put soft hyphens, these alone."""
    text = word.text
    seen = text.strip(SOFT_HYPHEN)
    if SOFT_HYPHEN in seen:
        begin = text.index(seen)
        points = [begin + found.start() for found in _SOFT_HYPHENS.finditer(seen)]
    else:
        points = [
            core.start() + at
            for core in _LETTERS.finditer(text)
            for at in _syllables(core.group(), language)
        ]
    ends = [*points, len(text)]
    return [
        Word(between(word.spans, first, last), word.spaced and not first)
        for first, last in zip([0, *points], ends, strict=True)
    ]


def _syllables(word: str, language: str) -> list[int]:
    if language == "fi":
        return [found.start() for found in _FINNISH.finditer(word)]
    return [int(at) for at in _patterns(language).positions(word)] if language in LANGUAGES else []


@lru_cache(maxsize=16)
def _patterns(language: str) -> Pyphen:
    return Pyphen(lang=language, left=2, right=3)
