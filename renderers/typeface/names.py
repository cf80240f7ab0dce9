"""What a font is called (the table `name`)."""

import struct
from dataclasses import dataclass

_FAMILY, _STYLE, _TYPOGRAPHIC_FAMILY, _TYPOGRAPHIC_STYLE = 1, 2, 16, 17
_MACINTOSH, _WINDOWS = 1, 3
_ENGLISH = {(_WINDOWS, 0x409): 0, (_MACINTOSH, 0): 1}
MOST_CHARACTERS = 64
NO_FAMILY = "Unnamed"
NO_STYLE = "Regular"


@dataclass(frozen=True, slots=True)
class Names:
    family: str
    style: str

    @property
    def postscript(self) -> str:
        """Of ASCII letters and figures and a hyphen, as file formats want it."""
        parts = (
            "".join(letter for letter in name if letter.isascii() and letter.isalnum())
            for name in (self.family, self.style)
        )
        return "-".join(part or "Font" for part in parts)


def read_names(table: bytes) -> Names:
    """Family and style, in English where the font has that; a font may do without names.

    Raises struct.error for a damaged table.
    """
    if not table:
        return Names(NO_FAMILY, NO_STYLE)
    count, texts = struct.unpack_from(">HH", table, 2)
    best: dict[int, tuple[int, str]] = {}
    for number in range(count):
        platform, _, language, name, length, begin = struct.unpack_from(
            ">6H", table, 6 + 12 * number
        )
        if name not in (_FAMILY, _STYLE, _TYPOGRAPHIC_FAMILY, _TYPOGRAPHIC_STYLE):
            continue
        rank = _ENGLISH.get((platform, language), len(_ENGLISH))
        if name in best and best[name][0] <= rank:
            continue
        raw = table[texts + begin : texts + begin + min(length, 4 * MOST_CHARACTERS)]
        text = raw.decode("mac-roman" if platform == _MACINTOSH else "utf-16-be", "replace")
        if shown := _shown(text):
            best[name] = (rank, shown)
    texts_of = {name: text for name, (_, text) in best.items()}
    family = texts_of.get(_TYPOGRAPHIC_FAMILY) or texts_of.get(_FAMILY) or NO_FAMILY
    style = texts_of.get(_TYPOGRAPHIC_STYLE) or texts_of.get(_STYLE) or NO_STYLE
    return Names(family, style)


def _shown(text: str) -> str:
    """On one line, without what is not seen, and not too long."""
    letters = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(letters.split())[:MOST_CHARACTERS].rstrip()
