"""How far off a time is, in words."""

import datetime

import babel
import pytest

from renderers.relative import relative

NOON = datetime.datetime(2026, 3, 5, 12, tzinfo=datetime.UTC)
DAY = NOON.date()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fi", ["2 päivää sitten", "eilen", "tänään", "huomenna", "2 päivän päästä"]),
        ("et", ["2 päeva eest", "eile", "täna", "homme", "2 päeva pärast"]),
        ("ru", ["2 дня назад", "вчера", "сегодня", "завтра", "через 2 дня"]),
        ("en", ["2 days ago", "yesterday", "today", "tomorrow", "in 2 days"]),
        ("en_GB", ["2 days ago", "yesterday", "today", "tomorrow", "in 2 days"]),
    ],
)
def test_days_that_are_near_have_names(locale: str, words: list[str]) -> None:
    spoken = babel.Locale.parse(locale)
    days = [DAY + datetime.timedelta(days=off) for off in range(-2, 3)]
    assert [relative(day, NOON, spoken) for day in days] == words


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (5, "5 days"),
        (12, "12 days"),
        (29, "29 days"),
        (31, "1 month"),
        (59, "1 month"),
        (400, "1 year"),
    ],
)
def test_a_date_is_told_in_days_up_to_a_month(days: int, said: str) -> None:
    english = babel.Locale("en")
    off = datetime.timedelta(days=days)
    assert relative(DAY + off, NOON, english) == f"in {said}"
    assert relative(DAY - off, NOON, english) == f"{said} ago"


def test_a_language_without_such_names_counts() -> None:
    assert relative(DAY + datetime.timedelta(days=1), NOON, babel.Locale("el")) == "σε 1 ημέρα"


def test_an_instant_is_told_to_the_hour() -> None:
    english = babel.Locale("en")
    assert relative(NOON + datetime.timedelta(hours=20), NOON, english) == "in 20 hours"
    assert relative(NOON - datetime.timedelta(minutes=5), NOON, english) == "5 minutes ago"


def test_there_is_never_said_to_be_more_time_than_there_is() -> None:
    english = babel.Locale("en")
    for hours, said in ((36, "1 day"), (47.9, "1 day"), (1.9, "1 hour"), (24 * 13.9, "1 week")):
        off = datetime.timedelta(hours=hours)
        assert relative(NOON + off, NOON, english) == f"in {said}"
        assert relative(NOON - off, NOON, english) == f"{said} ago"
    assert relative(NOON, NOON, english) == "in 0 seconds"
