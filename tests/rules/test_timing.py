from datetime import UTC, date, datetime

import pytest

from rules.facts import FactType, Value
from rules.moment import Moment, parse_duration
from rules.timing import compared, needs_zone, within
from rules.tree import parse_point
from rules.truth import Truth

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW = Moment(AT, UTC)
EARLIER = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("value", "point", "moment", "before", "after"),
    [
        (EARLIER, "now", NOW, True, False),
        (AT, "now", NOW, False, False),
        (EARLIER, "now", Moment(), None, None),
        (EARLIER, "2026-11-23T11:00Z", Moment(), False, True),
        (EARLIER, "2026-11-23T13:00", NOW, True, False),
        (EARLIER, "2026-11-23T13:00", Moment(AT), None, None),
        (EARLIER, "today", NOW, True, False),
        (EARLIER, "2026-11-23", NOW, False, False),
        (EARLIER, "2026-11-23", Moment(AT), None, None),
        (DAY, "today", NOW, True, False),
        (DAY, "2026-11-22", Moment(), False, True),
        (DAY, "now", NOW, None, None),
        ("soon", "now", NOW, None, None),
    ],
)
def test_a_time_is_before_or_after_a_point(
    value: Value, point: str, moment: Moment, before: Truth, after: Truth
) -> None:
    assert compared("before", parse_point(point))(value, moment) is before
    assert compared("after", parse_point(point))(value, moment) is after


@pytest.mark.parametrize(
    ("value", "moment", "last", "following"),
    [
        (EARLIER, NOW, True, False),
        (AT, NOW, True, True),
        (DAY, NOW, True, False),
        (DAY, Moment(AT), None, None),
        (EARLIER, Moment(AT), None, None),
        ("soon", NOW, None, None),
    ],
)
def test_a_time_is_within_a_duration(
    value: Value, moment: Moment, last: Truth, following: Truth
) -> None:
    assert within("within_last", parse_duration("P1D"))(value, moment) is last
    assert within("within_next", parse_duration("P1D"))(value, moment) is following


def test_a_zone_is_needed_for_days_and_wall_clocks() -> None:
    assert needs_zone("today", FactType.DATE)
    assert not needs_zone(DAY, FactType.DATE)
    assert needs_zone(DAY, FactType.INSTANT)
    assert not needs_zone("now", FactType.INSTANT)
    assert not needs_zone(AT, FactType.INSTANT)
