"""Numbers and prices as shops write them: `15.00 EUR`, `1 234,50 €`, `$1,234.50`."""

import re
from decimal import Decimal

from rules.tree import Amount

SYMBOLS = {"€": "EUR", "£": "GBP", "zł": "PLN", "Kč": "CZK", "₽": "RUB", "₴": "UAH", "₺": "TRY"}
"""Those that stand for one currency alone. `$` and `kr` stand for several: the feed says which."""
SHARED = frozenset(("$", "kr", "¥"))
MOST_CHARACTERS = 60

_PRICE = re.compile(
    r"(?P<before>[^\d.,+-]*)(?P<number>[+-]?[\d.,' ’]*\d)(?P<after>[^\d]*)", re.ASCII
)
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]+")
_GROUPED = r"[+-]?\d{1,3}(?:%s\d{3})+"
_PLAIN = re.compile(r"[+-]?\d+", re.ASCII)


class ValueExpectedError(ValueError):
    """A text that is not what it should be: what would be right."""


def number(text: str, decimal: str | None) -> Decimal:
    """`decimal` is the decimal sign where a text can be read in two ways, as 1.234 can.

    Raises ValueExpectedError.
    """
    bare = re.sub(r"[\s'’]", "", _BLANKS.sub("", text))
    if len(bare) > MOST_CHARACTERS:
        raise ValueExpectedError(f"a number of at most {MOST_CHARACTERS} characters")
    points = [sign for sign in ".," if sign in bare]
    if len(points) == 2:
        sign = max(points, key=bare.rindex)
    elif not points:
        sign = "."
    else:
        sign = _only_sign(bare, points[0], decimal)
    thousands = "," if sign == "." else "."
    whole, _, fraction = bare.partition(sign)
    if thousands in whole:
        if re.fullmatch(_GROUPED % re.escape(thousands), whole, re.ASCII) is None:
            raise ValueExpectedError("a number such as 1234.50")
        whole = whole.replace(thousands, "")
    if _PLAIN.fullmatch(whole or "0") is None or (fraction and not _is_digits(fraction)):
        raise ValueExpectedError("a number such as 1234.50")
    return Decimal(f"{whole or 0}.{fraction}" if fraction else whole or "0")


def _only_sign(bare: str, sign: str, decimal: str | None) -> str:
    """What the decimal sign is where only this one stands."""
    whole, _, rest = bare.partition(sign)
    if sign in rest:
        return "." if sign == "," else ","
    if len(rest) != 3 or not 1 <= len(whole.lstrip("+-")) <= 3 or whole.lstrip("+-") == "0":
        return sign
    if decimal is None:
        raise ValueExpectedError(
            f"a number that can be read in one way: {bare} may be {whole}{rest} or"
            f" {whole}.{rest}; say the feed's decimal sign (decimal)"
        )
    return decimal


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def price(text: str, currency: str | None, decimal: str | None) -> Amount:
    """`currency` is that of a price that names none. Raises ValueExpectedError."""
    bare = _BLANKS.sub(" ", text).strip()
    match = _PRICE.fullmatch(bare) if len(bare) <= MOST_CHARACTERS else None
    if match is None:
        raise ValueExpectedError("a price such as 15.00 EUR")
    named = _currency(match["before"].strip() or match["after"].strip(), currency)
    if match["before"].strip() and match["after"].strip(" .-,"):
        raise ValueExpectedError("a price with one currency, such as 15.00 EUR")
    amount = number(match["number"], decimal)
    if amount < 0:
        raise ValueExpectedError("a price that is not below zero")
    try:
        return Amount(amount=amount, currency=named)
    except ValueError as error:
        raise ValueExpectedError("a price of at most 15 digits, 4 of them decimals") from error


def _currency(written: str, usual: str | None) -> str:
    name = written.strip(" .-,")
    if re.fullmatch("[A-Za-z]{3}", name):
        return name.upper()
    if name in SYMBOLS:
        return SYMBOLS[name]
    if (not name or name.lower() in SHARED) and usual is not None:
        return usual
    if not name or name.lower() in SHARED:
        raise ValueExpectedError(
            "a price with its currency, such as 15.00 EUR, or the feed's currency (currency)"
        )
    raise ValueExpectedError("a currency such as EUR")
