"""How a line reads that holds words from right to left.

Source: Unicode Standard Annex 9, Bidirectional Algorithm, for texts without embeddings and
isolates. Its rules are python-bidi's, but for those of brackets (N0) and of what is not seen (5.2).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any
from unicodedata import bidirectional, category, mirrored, normalize

from bidi import algorithm
from bidi.mirror import MIRRORED

from renderers import localised
from renderers.text.breaks import Span
from renderers.text.look import Direction

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""The blocks of letters that read so."""
_STRONG = frozenset(("L", "R", "AL"))
_AS_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
"""Beside brackets numbers are as letters from right to left."""
_EXPLICIT = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "B"))
"""What a text has none of when it is cleaned: it is not seen."""

Letter = dict[str, Any]
"""A letter, its kind now (`type`) and before all rules (`orig`), and its level, as python-bidi
keeps them."""

Run = tuple[str, int, Direction]
"""A part of a line, the number of its look, and its direction."""


def is_right_to_left(text: str) -> bool:
    """Whether a part of it reads from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def direction(text: str, language: str = "") -> Direction:
    """The direction of the first letter that has one, or of the language if none has."""
    strong = next((kind for kind in map(bidirectional, text) if kind in _STRONG), None)
    if strong is None:
        return "rtl" if localised.is_right_to_left(language) else "ltr"
    return "ltr" if strong == "L" else "rtl"


@lru_cache(maxsize=4096)
def seen(spans: tuple[Span, ...], base: Direction) -> Sequence[Run]:
    """The parts of a line from left to right, as they are seen; `base` is its paragraph's
    direction. Within a part letters are in the order in which they are read."""
    text = "".join(part for part, _ in spans)
    looks = [number for part, number in spans for _ in part]
    pairs = zip(text, looks, _levels(text, base), strict=True)
    runs = [
        ("".join(letter for letter, _, _ in same), number, level)
        for (number, level), same in groupby(pairs, key=lambda one: one[1:])
    ]
    highest = max((level for _, _, level in runs), default=0)
    for least in range(highest, 0, -1):
        runs = _turned(runs, least)
    return [(part, number, "rtl" if level % 2 else "ltr") for part, number, level in runs]


def _turned(runs: list[tuple[str, int, int]], least: int) -> list[tuple[str, int, int]]:
    """Those next to each other whose level is at least so high, in the other order."""
    turned: list[tuple[str, int, int]] = []
    for is_high, group in groupby(runs, key=lambda run: run[2] >= least):
        same = list(group)
        turned += same[::-1] if is_high else same
    return turned


def _levels(text: str, base: Direction) -> Iterable[int]:
    level = int(base == "rtl")
    letters = [_letter(one, level) for one in text]
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage.update(base_level=level, chars=letters)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"], "R" if level else "L")
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    before = level
    for one in letters:
        one["level"] = before = before if one["type"] == "BN" else one["level"]
    for one in reversed(letters):
        if one["orig"] != "WS":
            break
        one["level"] = level
    return (one["level"] for one in letters)


def _letter(letter: str, level: int) -> Letter:
    kind = bidirectional(letter) or "L"  # an unassigned one is as most are
    kind = "BN" if kind in _EXPLICIT else kind
    return {"ch": letter, "level": level, "type": kind, "orig": kind}


def _resolve_brackets(letters: Sequence[Letter], base: str) -> None:
    """Both brackets of a pair take one direction: the line's if anything between them has it, and
    else that of what is between and before them. Rule N0."""
    for first, last in sorted(_brackets(letters)):
        within = {_AS_STRONG.get(one["type"]) for one in letters[first + 1 : last]} - {None}
        if not within:
            continue
        before = (_AS_STRONG.get(one["type"]) for one in reversed(letters[:first]))
        context = next(filter(None, before), base)
        direction = base if base in within else context
        for at in (first, last):
            letters[at]["type"] = direction
            for mark in letters[at + 1 :]:
                if mark["orig"] != "NSM":
                    break
                mark["type"] = direction


def _brackets(letters: Sequence[Letter]) -> Iterable[tuple[int, int]]:
    """Where the two of each pair stand. Rule BD16."""
    opened: list[tuple[str, int]] = []
    for at, letter in enumerate(letters):
        bracket = normalize("NFC", letter["ch"])
        kind = category(bracket) if letter["type"] == "ON" and mirrored(bracket) else ""
        if kind == "Ps":
            opened.append((MIRRORED.get(bracket, ""), at))
        elif kind == "Pe":
            pair = next((one for one in reversed(opened) if one[0] == bracket), None)
            if pair:
                del opened[opened.index(pair) :]
                yield pair[1], at
