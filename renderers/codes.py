"""Codes that machines read: QR (ISO/IEC 18004), EAN-13 and EAN-8 (GS1), Code 128 (ISO/IEC 15417).

A module is the narrowest bar, or the square, that a code is made of. All modules are drawn in the
same whole number of pixels, and the quiet zones that a reader needs are kept free around them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import segno
import zxingcpp
from PIL import Image

Kind = Literal["qr", "ean13", "ean8", "code128"]
Level = Literal["low", "medium", "quartile", "high"]
"""How much of a QR code may be lost: about 7, 15, 25 or 30 percent. Other codes have no levels."""

LONGEST_CODE128 = 80
"""Characters. That is 935 modules with the quiet zones: already too wide for most emails."""
MOST_CHARACTERS = 8000
"""No code holds so many."""
MOST_KEPT = 128
"""Codes. The largest takes 31 kB."""


class CodeError(ValueError):
    """A text that a code cannot hold, or a box that a code cannot stand in."""


class Quiet(NamedTuple):
    """Light modules around a code."""

    left: int
    right: int
    above_and_below: int


QUIET: Mapping[Kind, Quiet] = {
    "qr": Quiet(4, 4, 4),
    "ean13": Quiet(11, 7, 0),
    "ean8": Quiet(7, 7, 0),
    "code128": Quiet(10, 10, 0),
}

_NAMES: Mapping[Kind, str] = {
    "qr": "A QR code",
    "ean13": "An EAN-13",
    "ean8": "An EAN-8",
    "code128": "A Code 128",
}
_EAN_DIGITS: Mapping[Kind, int] = {"ean13": 13, "ean8": 8}
_FORMATS: Mapping[Kind, zxingcpp.BarcodeFormat] = {
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "ean8": zxingcpp.BarcodeFormat.EAN8,
    "code128": zxingcpp.BarcodeFormat.Code128,
}

_Mode = Literal["numeric", "alphanumeric", "byte"]
_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_UNITS: Mapping[_Mode, str] = {
    "numeric": "digits",
    "alphanumeric": "characters",
    "byte": "bytes of UTF-8",
}
_CAPACITY: Mapping[_Mode, Mapping[Level, int]] = {
    "numeric": {"low": 7089, "medium": 5596, "quartile": 3993, "high": 3057},
    "alphanumeric": {"low": 4296, "medium": 3391, "quartile": 2420, "high": 1852},
    "byte": {"low": 2953, "medium": 2331, "quartile": 1663, "high": 1273},
}
"""Of version 40, the largest (ISO/IEC 18004, table 7)."""


@dataclass(frozen=True, slots=True)
class Modules:
    """A code without its quiet zones; a linear one is one module high. `dark` has a byte for each
    module, row by row: 255 where it is dark, 0 where it is light."""

    width: int
    height: int
    dark: bytes


def check(kind: Kind, text: str, level: Level = "medium") -> str:
    """The text that a reader of the code will get: `text`, and for an EAN its check digit if it is
    not yet there. 12 digits are taken for an EAN-13 without it: a UPC-A, which has 12 with it, is
    an EAN-13 that starts with 0.

    Raises CodeError if the code cannot hold the text.
    """
    if not text:
        raise CodeError(f"{_NAMES[kind]} needs a text, and this one is empty")
    if kind == "qr":
        _check_qr(text, level)
        return text
    if kind == "code128":
        _check_code128(text)
        return text
    return _whole_ean(kind, text)


@lru_cache(MOST_KEPT)
def modules(kind: Kind, text: str, level: Level = "medium") -> Modules:
    """The smallest code that holds `text`; a QR code of a higher level than asked for if that makes
    it no larger.

    Raises CodeError if the code cannot hold the text.
    """
    content = check(kind, text, level)
    if kind == "qr":
        # The mode is given: segno's own choice takes some UTF-8 for Kanji ("字2"), and that is read
        # as another text. UTF-8 stands there without ECI, which not all readers know.
        code = segno.make_qr(content, error=level[0], mode=_mode(content), encoding="utf-8")
        dark = b"".join(code.matrix).replace(b"\1", b"\xff")
        return Modules(len(code.matrix), len(code.matrix), dark)
    written = zxingcpp.create_barcode(content, _FORMATS[kind]).to_image(add_quiet_zones=False)
    bars = Image.fromarray(written)
    row = bars.crop((0, 0, bars.width, 1)).point(lambda light: 255 - light)
    return Modules(bars.width, 1, row.tobytes())


def smallest(kind: Kind, text: str, level: Level = "medium") -> tuple[int, int]:
    """The width and height, in pixels, of the smallest box that the code can stand in: one pixel a
    module, with the quiet zones.

    Raises CodeError if the code cannot hold the text.
    """
    code, quiet = modules(kind, text, level), QUIET[kind]
    return quiet.left + code.width + quiet.right, code.height + 2 * quiet.above_and_below


def draw(kind: Kind, text: str, width: int, height: int, level: Level = "medium") -> Image.Image:
    """A mask (mode L) of `width` by `height` pixels: 255 where the code is dark, 0 elsewhere.

    The code stands in the middle with its quiet zones, as large as whole pixels allow; bars are as
    high as the box. To be read it is painted dark on a light ground that fills the whole box.

    Raises CodeError if the code cannot hold the text, or if the box is too small for it.
    """
    code, quiet = modules(kind, text, level), QUIET[kind]
    least_width, least_height = smallest(kind, text, level)
    if width < least_width or height < least_height:
        raise CodeError(
            f"{_NAMES[kind]} of this text needs at least {least_width} × {least_height} pixels "
            f"with its quiet zone, and the box has {width} × {height}: make the box larger or the "
            "text shorter"
        )
    across = width // least_width
    down = height
    if kind == "qr":
        across = down = min(across, height // least_height)
    dark = Image.frombytes("L", (code.width, code.height), code.dark)
    large = dark.resize((code.width * across, code.height * down), Image.Resampling.NEAREST)
    mask = Image.new("L", (width, height))
    left = (width - least_width * across) // 2 + quiet.left * across
    mask.paste(large, (left, (height - large.height) // 2))
    return mask


def _check_qr(text: str, level: Level) -> None:
    mode = _mode(text)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise CodeError(
            f"{_NAMES['qr']} holds Unicode text, and character {error.start + 1} is half of a "
            "pair (a surrogate): write the whole character"
        ) from None
    most = _CAPACITY[mode][level]
    if size > most:
        way_out = "shorten it" if level == "low" else "shorten it, or take a lower level"
        raise CodeError(
            f"{_NAMES['qr']} of level {level} holds at most {most} {_UNITS[mode]}, and this text "
            f"has {size}: {way_out}"
        )


def _mode(text: str) -> _Mode:
    if text.isascii() and text.isdigit():
        return "numeric"
    return "alphanumeric" if _ALPHANUMERIC.issuperset(text) else "byte"


def _check_code128(text: str) -> None:
    for place, character in enumerate(text, start=1):
        if not " " <= character <= "~":
            raise CodeError(
                f"{_NAMES['code128']} holds letters, digits and signs of ASCII, and character "
                f"{place} is {character!a}: leave it out, or take a QR code"
            )
    if len(text) > LONGEST_CODE128:
        raise CodeError(
            f"{_NAMES['code128']} holds at most {LONGEST_CODE128} characters, and this text has "
            f"{len(text)}: shorten it, or take a QR code"
        )


def _whole_ean(kind: Kind, text: str) -> str:
    digits = _EAN_DIGITS[kind]
    for place, character in enumerate(text, start=1):
        if not "0" <= character <= "9":
            raise CodeError(
                f"{_NAMES[kind]} holds digits alone, and character {place} is {character!r}: "
                "leave out all but the digits 0 to 9"
            )
    if len(text) not in (digits - 1, digits):
        raise CodeError(
            f"{_NAMES[kind]} has {digits} digits, or {digits - 1} to which the check digit is "
            f"added, and this text has {len(text)}"
        )
    number = text[: digits - 1]
    right = number + _check_digit(number)
    if text not in (number, right):
        raise CodeError(
            f"The check digit of {text} should be {right[-1]}, not {text[-1]}: write {right} if "
            f"the other digits are right, or {number} to have it added"
        )
    return right


def _check_digit(number: str) -> str:
    """Of a GS1 number without it: from the right the digits count three times and once in turn, and
    the check digit makes the sum a multiple of ten (GS1 General Specifications, 7.9)."""
    weighted = sum(
        int(digit) * (1 + 2 * (place % 2 == 0)) for place, digit in enumerate(number[::-1])
    )
    return str(-weighted % 10)
