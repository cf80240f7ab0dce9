"""Clocks of a block: set to the instant of a person, or to a time that comes again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dyncontent.catalog.block import CountdownCreative, is_value
from renderers.canvas import Drawing
from renderers.countdown import Clocks
from renderers.drawable import Drawable
from renderers.encode import ImageType
from renderers.spec import UNIT_SECONDS
from renderers.template import Lookup, MissingValueError
from rules.moment import Moment, instant_of, wall_clock

_PERIODS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
_LAST_DAYS = 7 * UNIT_SECONDS["days"]
_PLACE = "now.date"
"""A fact that is known where the recipient's time zone is."""


class Viewing(NamedTuple):
    """How a picture is asked for: its type, when and where, and whether `ahead` of the person's
    seeing it."""

    kind: ImageType
    moment: Moment
    ahead: bool = False


class CountdownDrawing:
    """A countdown that is ready to be set; its parts are those of a Drawing. The budget is that of
    what does not move."""

    def __init__(self, creative: CountdownCreative, budget: int | None = None) -> None:
        """Raises TemplateError if a text does anything but show values that are allowed."""
        self._creative = creative
        self._clocks = Clocks(creative.clock)
        self._expired = Drawing(creative.clock.expired, is_value, budget)
        self._still = Drawing(creative.still, is_value, budget)
        self._is_local = creative.time is not None and creative.time.tzinfo is None
        asked = {creative.until} if creative.fact else {_PLACE} if self._is_local else set()
        self.paths = self._still.paths | asked
        self.required = self._still.required | asked
        self.assets = self._still.assets | self._clocks.assets
        self.locales = self._still.locales | self._clocks.locales

    def fill(self, lookup: Lookup, locale: str, viewing: Viewing) -> Drawable:
        """The clock; what is shown when it is over; or the still, where a clock would not tick or
        would be seen later. Raises MissingValueError if a value that is needed is None."""
        seconds = self._seconds(lookup, viewing.moment)
        if seconds <= 0 and self._creative.clock.direction == "down":
            return self._expired.fill(lookup, locale)
        if viewing.ahead or viewing.kind is not ImageType.GIF:
            return self._still.fill(lookup, locale)
        return self._clocks.at(seconds, locale)

    def prepare(self, locale: str, assets: Mapping[str, bytes]) -> None:
        """Encode ahead what the clock shows in the last days. Raises MissingAssetError."""
        self._clocks.clock(locale, assets).prepare(_LAST_DAYS)

    def _seconds(self, lookup: Lookup, moment: Moment) -> int:
        """Whole seconds until the instant, or since it."""
        until, now = self._until(lookup, moment), moment.at
        if until is None or now is None:
            raise MissingValueError(self._creative.until)
        left = until - now if self._creative.clock.direction == "down" else now - until
        return max(0, left // timedelta(seconds=1))

    def _until(self, lookup: Lookup, moment: Moment) -> datetime | None:
        creative = self._creative
        start = creative.time
        if start is None:
            found: datetime | None = lookup(creative.until)
            return found
        if creative.every is None or moment.at is None:
            return instant_of(start, moment.zone) if self._is_local else start
        period = _PERIODS[creative.every]
        near = _next if creative.clock.direction == "down" else _last
        if not self._is_local:
            return near(start, period, moment.at)
        now = wall_clock(moment.at, moment.zone)
        return None if now is None else instant_of(near(start, period, now), moment.zone)


def _last(start: datetime, period: timedelta, now: datetime) -> datetime:
    """The last time that has begun of those that begin at the start, or the start itself."""
    return start + max(0, (now - start) // period) * period


def _next(start: datetime, period: timedelta, now: datetime) -> datetime:
    """The first time that is not over of those that begin at the start."""
    gone = max(0, -((start - now) // period))
    return start + gone * period
