"""How far off a time is, in words: `in 3 days`, `2 hours ago`, `tomorrow`."""

from datetime import date, datetime, timedelta
from types import MappingProxyType

import babel
from babel import dates

_SECONDS = (365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3600, 60)
"""Of a year, a month, a week, a day, an hour and a minute, as Babel counts them."""
_DAYS_OF_A_MONTH = 30
_DAYS = MappingProxyType(
    {
        "da": ("i går", "i dag", "i morgen"),
        "de": ("gestern", "heute", "morgen"),
        "en": ("yesterday", "today", "tomorrow"),
        "es": ("ayer", "hoy", "mañana"),
        "et": ("eile", "täna", "homme"),
        "fi": ("eilen", "tänään", "huomenna"),
        "fr": ("hier", "aujourd’hui", "demain"),
        "it": ("ieri", "oggi", "domani"),
        "lt": ("vakar", "šiandien", "rytoj"),
        "lv": ("vakar", "šodien", "rīt"),
        "nb": ("i går", "i dag", "i morgen"),
        "nl": ("gisteren", "vandaag", "morgen"),
        "pl": ("wczoraj", "dziś", "jutro"),
        "ru": ("вчера", "сегодня", "завтра"),
        "sv": ("i går", "i dag", "i morgon"),
        "uk": ("вчора", "сьогодні", "завтра"),
    }
)
"""Yesterday, today and tomorrow. Source: CLDR, of which Babel has only the forms with numbers."""


def relative(value: date, now: datetime, locale: babel.Locale) -> str:
    """How far from now an instant or a date is, in the largest unit of which it is one at least; a
    date of less than a month in days. Never more than it is: 36 hours are a day."""
    if isinstance(value, datetime):
        return _counted(value - now, locale)
    off = value - now.date()
    named = _DAYS.get(locale.language)
    if named is not None and abs(off.days) <= 1:
        return named[off.days + 1]
    if abs(off.days) < _DAYS_OF_A_MONTH:
        return dates.format_timedelta(
            off, granularity="day", threshold=_DAYS_OF_A_MONTH, add_direction=True, locale=locale
        )
    return _counted(off, locale)


def _counted(off: timedelta, locale: babel.Locale) -> str:
    seconds = abs(int(off.total_seconds()))
    unit = next((unit for unit in _SECONDS if seconds >= unit), 1)
    told = timedelta(seconds=seconds // unit * unit)
    ahead = told if off > timedelta(0) else -told
    return dates.format_timedelta(ahead, threshold=1, add_direction=True, locale=locale)
