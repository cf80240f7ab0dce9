"""The instants of a person in one short text: of millions of people most of it would be digits.

    1795642576753 0 0 1773407728:3 1746875097+312 1755750039

Joined by spaces: when the whole was put, in milliseconds since the epoch, empty where that is not
known; of each consent that is dated by how many milliseconds later that was, or after the epoch
where it is not; then each purchase, in seconds since the epoch. If the control plane told of it,
there stands when, in milliseconds: behind a colon later than the whole, behind a plus later than
the purchase, whichever is shorter; a plus alone is the instant of the purchase.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dyncontent.catalog.dated import ALL, PURCHASES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def encode(
    as_of: Mapping[str, int], consented: Iterable[int], purchases: Mapping[str, datetime]
) -> tuple[str, dict[str, int]]:
    """The text, and those of `as_of` that are not in it."""
    if len(as_of) == 1 and not purchases and ALL in as_of:
        put = as_of[ALL]
        return " ".join([str(put), *(str(at - put) for at in consented)]), {}
    others = dict(as_of)
    said = others.pop(ALL, None)
    put = said or 0
    parts = ["" if said is None else str(said), *(str(at - put) for at in consented)]
    for product, when in purchases.items():
        at = _milliseconds(when)
        told = others.pop(PURCHASES + product, None)
        if told is None:
            parts.append(_seconds(at))
        else:
            after_put, after_purchase = f":{told - put}", f"+{told - at or ''}"
            shorter = min(after_purchase, after_put, key=len)
            parts.append(f"{_seconds(at)}{shorter}")
    return " ".join(parts), others


def decode(
    text: str, consented: Sequence[str], products: Sequence[str]
) -> tuple[dict[str, int], dict[str, int], dict[str, datetime]]:
    """`as_of` without what was not in the text, the dates of these consents, and the purchases of
    these products."""
    first, *parts = text.split(" ")
    put = int(first or 0)
    as_of: dict[str, Any] = {ALL: put} if first else {}
    dates = {name: put + int(part) for name, part in zip(consented, parts, strict=False)}
    purchases = {}
    for product, part in zip(products, parts[len(consented) :], strict=True):
        seconds, mark, later = part.partition("+" if "+" in part else ":")
        at = round(float(seconds) * 1000)
        purchases[product] = _EPOCH + at * _MILLISECOND
        if mark:
            as_of[PURCHASES + product] = (at if mark == "+" else put) + int(later or 0)
    return as_of, dates, purchases


def kept(when: datetime) -> datetime:
    """An instant as it is kept: to the millisecond."""
    return _EPOCH + _milliseconds(when) * _MILLISECOND


def _milliseconds(when: datetime) -> int:
    """An instant that is in no year of UTC is moved to the next that is."""
    return min(max((when - _EPOCH) // _MILLISECOND, _EARLIEST), _LATEST)


def _seconds(milliseconds: int) -> str:
    whole, rest = divmod(milliseconds, 1000)
    return f"{milliseconds / 1000:.3f}" if rest else str(whole)
