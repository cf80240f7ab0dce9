import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from rules.compile import compile_condition
from rules.facts import Facts
from rules.moment import Moment
from rules.schedule import Schedule

OVER_MIDNIGHT = [{"from": "22:00", "until": "02:00"}]
TUESDAY_NIGHT = {"weekdays": ["tuesday"], "hours": OVER_MIDNIGHT}
SUNDAY_NIGHT = {"weekdays": ["sunday"], "hours": OVER_MIDNIGHT}
ZONE = ZoneInfo("Europe/Tallinn")


@pytest.mark.parametrize(
    ("schedule", "shown", "hidden"),
    [
        ({"from": "2026-12-01"}, "2026-12-01T00:00", "2026-11-30T23:59"),
        ({"from": "2026-12-01T08:00"}, "2026-12-01T08:00", "2026-12-01T07:59"),
        ({"from": "2026-12-01T08:00+01:00"}, "2026-12-01T09:00", "2026-12-01T08:59"),
        ({"until": "2026-12-01"}, "2026-12-01T23:59", "2026-12-02T00:00"),
        ({"until": "2026-12-01T08:00"}, "2026-12-01T07:59", "2026-12-01T08:00"),
        ({"weekdays": ["tuesday"]}, "2026-12-01T12:00", "2026-12-02T12:00"),
        ({"hours": [{"from": "08:30", "until": "17:00"}]}, "2026-12-01T08:30", "2026-12-01T17:00"),
        ({"hours": [{"from": "22:00", "until": "06:00"}]}, "2026-12-01T05:59", "2026-12-01T06:00"),
        ({"hours": [{"from": "22:00", "until": "06:00"}]}, "2026-12-01T22:00", "2026-12-01T21:59"),
        (TUESDAY_NIGHT, "2026-12-01T22:00", "2026-12-01T01:00"),
        (TUESDAY_NIGHT, "2026-12-02T01:59", "2026-12-02T22:00"),
        (SUNDAY_NIGHT, "2026-12-07T01:00", "2026-12-06T01:00"),
        (
            {**TUESDAY_NIGHT, "hours": [{"from": "08:00", "until": "09:00"}]},
            "2026-12-01T08:00",
            "2026-12-02T08:00",
        ),
    ],
)
def test_a_schedule_holds_on_the_recipients_clock(
    schedule: dict[str, Any], shown: str, hidden: str
) -> None:
    condition = Schedule.model_validate_json(json.dumps(schedule)).condition
    assert condition is not None
    test = compile_condition(condition, {}).test
    for text, holds in ((shown, True), (hidden, False)):
        at = datetime.fromisoformat(text).replace(tzinfo=ZONE)
        assert test(Facts(moment=Moment(at, ZONE)), None) is holds


def test_an_empty_schedule_asks_nothing() -> None:
    assert Schedule().condition is None


@pytest.mark.parametrize(
    ("schedule", "complaint"),
    [
        ('{"from": "now"}', "a fixed time, not now or today"),
        ('{"until": "today"}', "a fixed time, not now or today"),
        ('{"hours": [{"from": "08:00", "until": "08:00"}]}', "another time than they begin"),
        ('{"hours": [{"from": "24:00", "until": "08:00"}]}', "should match pattern"),
    ],
)
def test_a_schedule_that_is_not_right_is_refused(schedule: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Schedule.model_validate_json(schedule)
