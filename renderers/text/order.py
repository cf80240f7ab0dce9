"""How a line reads that holds words from right to left.

Source: Unicode Standard Annex 9, Bidirectional Algorithm; the levels are python-bidi's.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from unicodedata import bidirectional

from bidi import algorithm

from renderers.text.breaks import Span
from renderers.text.look import Direction

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""The blocks of letters that read so."""
_STRONG = frozenset(("L", "R", "AL"))

Run = tuple[str, int, Direction]
"""A part of a line, the number of its look, and its direction."""


def is_right_to_left(text: str) -> bool:
    """Whether a part of it reads from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def direction(text: str) -> Direction:
    """The direction of the first letter that has one."""
    if text.isascii():
        return "ltr"
    strong = next((kind for kind in map(bidirectional, text) if kind in _STRONG), "L")
    return "ltr" if strong == "L" else "rtl"


def seen(spans: Sequence[Span], base: Direction) -> list[Run]:
    """The parts of a line from left to right, as they are seen. Within a part letters are in the
    order in which they are read."""
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
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage["base_level"] = int(base == "rtl")
    storage["base_dir"] = "R" if base == "rtl" else "L"
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    return (letter["level"] for letter in storage["chars"])
