"""The instants of a person in one short text: of millions of people most of it would be digits.

    mww5ng0x 0 0 tbuoyo:3 swt36g+8o t27qlw+ .mx2hnwz5

Numbers to the base 36, joined by spaces: when the whole was put, in milliseconds since the epoch,
empty where that is not known; of each consent that is dated by how many milliseconds later that
was, or after the epoch where it is not; then each purchase, in seconds since the epoch, or behind a
dot in milliseconds. If the control plane told of it, there stands when, in milliseconds: behind a
colon later than the whole, behind a plus later than the purchase, whichever is shorter; a plus
alone is the instant of the purchase.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from string import ascii_lowercase, digits
from typing import Any

from dyncontent.catalog.dated import ALL, PURCHASES
from dyncontent.catalog.instants import milliseconds

_BASE = 36
_DIGITS = digits + ascii_lowercase
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def encode(
    as_of: Mapping[str, int], consented: Iterable[int], purchases: Mapping[str, datetime]
) -> tuple[str, dict[str, int]]:
    """The text, and those of `as_of` that are not in it."""
    others = dict(as_of)
    said = others.pop(ALL, None)
    put = said or 0
    parts = ["" if said is None else _number(said), *(_number(at - put) for at in consented)]
    for product, when in purchases.items():
        at = _milliseconds(when)
        told = others.pop(PURCHASES + product, None)
        if told is None:
            parts.append(_instant(at))
        else:
            after_put = f":{_number(told - put)}"
            after_purchase = f"+{_number(told - at) if told != at else ''}"
            parts.append(_instant(at) + min(after_purchase, after_put, key=len))
    return " ".join(parts), others


def decode(
    text: str, consented: Sequence[str], products: Sequence[str]
) -> tuple[dict[str, int], dict[str, int], dict[str, datetime]]:
    """`as_of` without what was not in the text, the dates of these consents, and the purchases of
    these products."""
    first, *parts = text.split(" ")
    put = int(first or "0", _BASE)
    as_of: dict[str, Any] = {ALL: put} if first else {}
    dates = {name: put + int(part, _BASE) for name, part in zip(consented, parts, strict=False)}
    purchases = {}
    for product, part in zip(products, parts[len(consented) :], strict=True):
        instant, mark, later = part.partition("+" if "+" in part else ":")
        at = int(instant[1:], _BASE) if instant[0] == "." else 1000 * int(instant, _BASE)
        purchases[product] = _EPOCH + at * _MILLISECOND
        if mark:
            as_of[PURCHASES + product] = (at if mark == "+" else put) + int(later or "0", _BASE)
    return as_of, dates, purchases


def kept(when: datetime) -> datetime:
    """An instant as it is kept: to the millisecond."""
    return _EPOCH + _milliseconds(when) * _MILLISECOND


def _milliseconds(when: datetime) -> int:
    """An instant that is in no year of UTC is moved to the next that is."""
    return min(max(milliseconds(when), _EARLIEST), _LATEST)


def _instant(at: int) -> str:
    seconds, rest = divmod(at, 1000)
    return f".{_number(at)}" if rest else _number(seconds)


@lru_cache(1024)
def _number(number: int) -> str:
    """Of many people who are put together, most are the same."""
    rest, text = abs(number), ""
    while rest >= _BASE:
        rest, digit = divmod(rest, _BASE)
        text = _DIGITS[digit] + text
    return f"{'-' if number < 0 else ''}{_DIGITS[rest]}{text}"
