"""Kleene's three truth values: True, False, and None for UNKNOWN.

Source: S. C. Kleene, Introduction to Metamathematics (1952), § 64, the strong tables.
"""

from collections.abc import Iterable

Truth = bool | None


def negation(value: Truth) -> Truth:
    return None if value is None else not value


def conjunction(values: Iterable[Truth]) -> Truth:
    """FALSE as soon as one is FALSE, else UNKNOWN if one is UNKNOWN, else TRUE."""
    return _combine(values, decisive=False)


def disjunction(values: Iterable[Truth]) -> Truth:
    """TRUE as soon as one is TRUE, else UNKNOWN if one is UNKNOWN, else FALSE."""
    return _combine(values, decisive=True)


def _combine(values: Iterable[Truth], *, decisive: bool) -> Truth:
    result: Truth = not decisive
    for value in values:
        if value is decisive:
            return decisive
        if value is None:
            result = None
    return result
