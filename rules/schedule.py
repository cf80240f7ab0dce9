"""Schedules: when a variant may be shown, on the recipient's own clock."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from rules.facts import Weekday
from rules.tree import (
    NOW,
    TODAY,
    Comparison,
    Condition,
    Group,
    Membership,
    Not,
    Part,
    TimeComparison,
    parse_point,
)


def _fixed(text: str) -> str:
    if parse_point(text) in (NOW, TODAY):
        raise ValueError("a schedule begins and ends at a fixed time, not now or today")
    return text


FixedPoint = Annotated[
    str,
    Field(examples=["2026-12-01", "2026-12-01T08:00", "2026-12-01T08:00+02:00"]),
    AfterValidator(_fixed),
]
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Clock = Annotated[str, StringConstraints(pattern=CLOCK), Field(examples=["08:30"])]


class Hours(Part):
    """From one time of day until another, which does not belong to it; over midnight where it ends
    before it begins."""

    from_: Annotated[Clock, Field(alias="from")]
    until: Clock

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.from_ == self.until:
            raise ValueError("hours end at another time than they begin")
        return self

    def condition(self, weekdays: Sequence[Weekday]) -> Condition:
        """On these days, or on all. After midnight it is still the day on which they began."""
        begun = Comparison(op="at_least", fact="now.hour", value=_hour(self.from_))
        not_over = Comparison(op="below", fact="now.hour", value=_hour(self.until))
        if self.from_ < self.until:
            return _all(begun, not_over, *_on(weekdays))
        days_after = [_DAYS[(_DAYS.index(day) + 1) % len(_DAYS)] for day in weekdays]
        return Group(op="any", of=(_all(begun, *_on(weekdays)), _all(not_over, *_on(days_after))))


class Schedule(Part):
    """`from` a time, `until` another (the time itself is over, a whole day belongs to it), on some
    `weekdays`, in some `hours`."""

    from_: Annotated[FixedPoint | None, Field(alias="from")] = None
    until: FixedPoint | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    hours: Annotated[tuple[Hours, ...], Field(max_length=10)] = ()

    @property
    def condition(self) -> Condition | None:
        """What the schedule asks of the moment; None if it asks nothing."""
        parts = tuple(self._parts())
        return Group(op="all", of=parts) if parts else None

    def _parts(self) -> Iterator[Condition]:
        if self.from_ is not None:
            early = TimeComparison(op="before", fact="now.instant", value=self.from_)
            yield Not(op="not", of=early)
        if self.until is not None:
            if type(parse_point(self.until)) is date:
                late = TimeComparison(op="after", fact="now.instant", value=self.until)
                yield Not(op="not", of=late)
            else:
                yield TimeComparison(op="before", fact="now.instant", value=self.until)
        if self.hours:
            yield Group(op="any", of=tuple(one.condition(self.weekdays) for one in self.hours))
        else:
            yield from _on(self.weekdays)


_DAYS: Sequence[Weekday] = get_args(Weekday)


def _on(weekdays: Sequence[Weekday]) -> Iterator[Condition]:
    if weekdays:
        yield Membership(op="in", fact="now.weekday", values=tuple(weekdays))


def _all(*parts: Condition) -> Condition:
    return Group(op="all", of=parts) if len(parts) > 1 else parts[0]


def _hour(clock: str) -> float:
    hours, minutes = clock.split(":")
    return int(hours) + int(minutes) / 60
