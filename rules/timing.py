"""Comparisons of days and instants with points in time and durations, three-valued."""

from collections.abc import Callable
from datetime import date, datetime

from rules.facts import FactType, Value
from rules.moment import Duration, Moment, instant_of, wall_clock
from rules.tree import NOW, TODAY, Point
from rules.truth import Truth

TimeTest = Callable[[Value, Moment], Truth]
"""Whether a day or an instant is as asked, seen from a moment."""


def compared(op: str, point: Point) -> TimeTest:
    """`before` or `after` a point."""
    is_before = op == "before"

    def test(value: Value, moment: Moment) -> Truth:
        pair = _comparable(value, point, moment)
        if pair is None:
            return None
        fact, bound = pair
        holds: bool = fact < bound if is_before else fact > bound
        return holds

    return test


def within(op: str, length: Duration) -> TimeTest:
    """`within_last` or `within_next`: between now and so long before or after it, both included."""
    sign = -1 if op == "within_last" else 1

    def test(value: Value, moment: Moment) -> Truth:
        now: date | None
        end: date | None
        if type(value) is date:
            now = moment.date
            end = None if now is None else length.shift_day(now, sign)
        elif is_instant(value):
            now, end = moment.at, length.shift(moment, sign)
        else:
            return None
        if now is None or end is None:
            return None
        holds: bool = now <= value <= end if sign > 0 else end <= value <= now
        return holds

    return test


def needs_zone(point: Point, kind: FactType | None) -> bool:
    """Whether comparing a fact with this point depends on where the recipient is."""
    if kind is FactType.DATE:
        return point == TODAY
    return point != NOW and not (isinstance(point, datetime) and point.tzinfo is not None)


def is_instant(value: Value) -> bool:
    return type(value) is datetime and value.tzinfo is not None


def _comparable(value: Value, point: Point, moment: Moment) -> tuple[Value, Value] | None:
    """The fact and the point as values of one type; None if one of them is not known."""
    bound: date | None
    if type(value) is date:
        bound = moment.date if point == TODAY else point if type(point) is date else None
    elif not is_instant(value):
        return None
    elif point == NOW:
        bound = moment.at
    elif type(point) is datetime:
        bound = instant_of(point, moment.zone) if point.tzinfo is None else point
    else:
        bound = moment.date if point == TODAY else point  # type: ignore[assignment]
        wall = wall_clock(value, moment.zone)
        value = None if wall is None else wall.date()
    return None if value is None or bound is None else (value, bound)
