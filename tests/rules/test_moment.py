from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.moment import (
    Duration,
    Moment,
    in_zone,
    instant_of,
    parse_duration,
    wall_clock,
)

TALLINN = ZoneInfo("Europe/Tallinn")
APIA = ZoneInfo("Pacific/Apia")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-03-29T03:30", TALLINN, "2026-03-29T01:30"),
        ("2026-10-25T03:30", TALLINN, "2026-10-25T00:30"),
        ("2011-12-30T12:00", APIA, "2011-12-30T22:00"),
    ],
)
def test_a_wall_clock_has_an_instant_in_gaps_and_folds(
    wall: str, zone: ZoneInfo, instant: str
) -> None:
    assert instant_of(datetime.fromisoformat(wall), zone) == utc(instant)


@pytest.mark.parametrize(
    ("start", "duration", "sign", "end"),
    [
        ("2026-03-28T01:30", "P1D", 1, "2026-03-29T01:30"),
        ("2024-02-29T10:00", "P1Y", 1, "2025-02-28T10:00"),
        ("2026-01-31T10:00", "P1M", 1, "2026-02-28T10:00"),
        ("2026-01-10T10:00", "P1M", -1, "2025-12-10T10:00"),
        ("2026-01-10T10:00", "P1DT12H", 1, "2026-01-11T22:00"),
    ],
)
def test_a_duration_follows_the_calendar(start: str, duration: str, sign: int, end: str) -> None:
    assert parse_duration(duration).shift(Moment(utc(start), TALLINN), sign) == utc(end)


def test_a_moment_has_a_day_a_weekday_and_an_hour_where_the_recipient_is() -> None:
    moment = Moment(utc("2026-11-24T06:30"), TALLINN)
    assert moment.instant == utc("2026-11-24T06:30")
    assert moment.date == date(2026, 11, 24)
    assert moment.weekday == "tuesday"
    assert moment.hour == 8.5


@pytest.mark.parametrize("moment", [Moment(), Moment(utc("2026-11-24T06:30"))])
def test_without_an_instant_or_a_zone_there_is_no_clock(moment: Moment) -> None:
    assert (moment.local, moment.date, moment.weekday, moment.hour) == (None,) * 4
    assert parse_duration("P1D").shift(moment, 1) is None
    assert instant_of(datetime.fromisoformat("2026-01-01"), None) is None


def test_hours_need_no_zone_but_an_instant() -> None:
    start = utc("2026-11-24T06:30")
    assert parse_duration("PT36H").shift(Moment(start), -1) == start - timedelta(hours=36)
    assert parse_duration("PT36H").shift(Moment(), 1) is None


def test_what_lies_outside_the_calendar_is_not_known() -> None:
    last = utc("9999-12-31T23:00")
    assert wall_clock(last, TALLINN) is None
    assert instant_of(datetime.fromisoformat("0001-01-01T00:00"), TALLINN) is None
    assert parse_duration("PT2H").shift(Moment(last), 1) is None
    assert parse_duration("P999Y").shift(Moment(utc("9998-01-01T00:00"), UTC), 1) is None
    assert parse_duration("P1D").shift_day(date.max, 1) is None


def test_a_day_is_shifted_by_whole_days() -> None:
    assert parse_duration("P1M1D").shift_day(date(2026, 1, 31), 1) == date(2026, 3, 1)


def test_a_duration_is_read() -> None:
    found = parse_duration("P1Y2M3W4DT5H6M7S")
    assert found == Duration(14, 25, 18367)
    assert (found.whole_days, found.exact) == (False, False)
    assert parse_duration("P1D").whole_days
    assert parse_duration("PT1S").exact


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "P1.5D", "-P1D", "P1H", "p1d", "PT1D"])
def test_another_duration_is_refused_with_what_is_right(text: str) -> None:
    with pytest.raises(ValueError, match="such as P3D, PT36H, P2W or P1M"):
        parse_duration(text)


def test_an_instant_is_told_in_a_zone_as_far_as_the_calendar_goes() -> None:
    noon = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert in_zone(noon, ZoneInfo("Pacific/Apia")).hour == 1
    first = datetime.min.replace(tzinfo=UTC)
    assert in_zone(first, ZoneInfo("America/New_York")) == first
