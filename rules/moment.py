"""The moment of an open where the recipient is, and durations that follow the calendar there."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

_DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?"
    r"(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
DURATION = "^{}$".format(re.sub(r"\?P<[a-z]+>", "", _DURATION.pattern))
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Moment:
    """An instant, and the time zone that days and hours are counted in; None is not known."""

    __slots__ = ("_local", "at", "zone")

    def __init__(self, at: datetime | None = None, zone: tzinfo | None = None) -> None:
        self.at = at
        self.zone = zone
        self._local: datetime | None = None

    @property
    def local(self) -> datetime | None:
        """The wall clock."""
        if self._local is None and self.at is not None:
            self._local = wall_clock(self.at, self.zone)
        return self._local

    @property
    def instant(self) -> datetime | None:
        return self.at

    @property
    def date(self) -> date | None:
        local = self.local
        return None if local is None else local.date()

    @property
    def weekday(self) -> str | None:
        local = self.local
        return None if local is None else _WEEKDAYS[local.weekday()]

    @property
    def hour(self) -> float | None:
        """Hours on the wall clock since midnight, with their fraction: 8.5 is 08:30."""
        local = self.local
        if local is None:
            return None
        return local.hour + (local.minute + (local.second + local.microsecond / 1e6) / 60) / 60


def wall_clock(at: datetime, zone: tzinfo | None) -> datetime | None:
    """What the clock on the wall shows at an instant, without a zone; None where that is not
    known."""
    try:
        return None if zone is None else at.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return None


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """An instant as it is told in a zone; as it is where the calendar ends."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def instant_of(wall: datetime, zone: tzinfo | None) -> datetime | None:
    """The instant at which the clock on the wall shows this: the first of two where it is set
    back, as long after the gap as it stands in it where it is set forward (RFC 5545, 3.3.5)."""
    try:
        return None if zone is None else wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Duration:
    """Months and days follow the calendar of a place; seconds are the same everywhere."""

    months: int
    days: int
    seconds: int

    @property
    def whole_days(self) -> bool:
        return self.seconds == 0

    @property
    def exact(self) -> bool:
        """Whether it is as long everywhere."""
        return self.months == self.days == 0

    def shift(self, moment: Moment, sign: int) -> datetime | None:
        """The instant so much after (sign 1) or before (-1) the moment. None without an instant,
        or without a zone where the calendar is needed."""
        start = moment.at
        try:
            if not self.exact:
                local = moment.local
                if local is None:
                    return None
                wall = _shift(local, sign * self.months, sign * self.days)
                start = instant_of(wall, moment.zone)
            return None if start is None else start + timedelta(seconds=sign * self.seconds)
        except (OverflowError, ValueError):
            return None

    def shift_day(self, day: date, sign: int) -> date | None:
        """The day so much after or before; only whole days count."""
        try:
            midnight = datetime.combine(day, datetime.min.time())
            return _shift(midnight, sign * self.months, sign * self.days).date()
        except (OverflowError, ValueError):
            return None


def _shift(wall: datetime, months: int, days: int) -> datetime:
    """Months first, onto the last day of a month that is too short; then days."""
    count = wall.year * 12 + wall.month - 1 + months
    year, month = divmod(count, 12)
    month += 1
    day = min(wall.day, calendar.monthrange(year, month)[1])
    return wall.replace(year=year, month=month, day=day) + timedelta(days=days)


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration:
    """A duration as ISO 8601 writes it, in whole units: `P3D`, `PT36H`, `P1M`, `P1DT12H`.

    Raises ValueError for anything else.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is as in ISO 8601, such as P3D, PT36H, P2W or P1M")
    counts = (int(count or 0) for count in match.groups())
    years, months, weeks, days, hours, minutes, seconds = counts
    return Duration(
        months=years * 12 + months,
        days=weeks * 7 + days,
        seconds=(hours * 60 + minutes) * 60 + seconds,
    )
