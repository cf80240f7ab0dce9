"""Attributes as facts: their values are stored as JSON, which has neither times nor money."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rules.facts import FactType, Money, Value


def _instant(value: Value) -> datetime | None:
    """ISO 8601 with an offset."""
    if type(value) is datetime:
        return value
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if found.tzinfo is None else found


def _day(value: Value) -> date | None:
    """ISO 8601, such as 2026-12-24."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _money(value: Value) -> Money | None:
    """`{"amount": "19.90", "currency": "EUR"}`."""
    if type(value) is Money:
        return value
    match value:
        case {"amount": str(amount), "currency": str(currency), **rest} if not rest:
            try:
                number = Decimal(amount)
            except InvalidOperation:
                return None
            return Money(number, currency) if number.is_finite() else None
        case _:
            return None


def is_of(kind: FactType, value: Value) -> bool:
    """Whether an attribute's value, as it is stored, is of a type."""
    match kind:
        case FactType.NUMBER:
            return type(value) in (int, float)
        case FactType.TEXTS:
            return type(value) in (tuple, frozenset)
        case FactType.TEXT | FactType.BOOLEAN | FactType.LOCALISED:
            return type(value) is _JSON[kind]
        case _:
            return CONVERSIONS[kind](value) is not None


_JSON = {FactType.TEXT: str, FactType.BOOLEAN: bool, FactType.LOCALISED: dict}

CONVERSIONS: Mapping[FactType | None, Callable[[Any], Value]] = {
    FactType.INSTANT: _instant,
    FactType.DATE: _day,
    FactType.MONEY: _money,
}
"""What makes a fact of an attribute's value; None of one that is none."""
