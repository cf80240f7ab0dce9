"""Figures beside those of another time."""

from typing import Any

import orjson
import pytest

from dyncontent.commands.earlier import Earlier, is_worse
from dyncontent.commands.opening import BenchError

LOOP = "closed, 8 at a time"


def _told(per_second: float, p50: float | None, p999: float = 9.0, loop: str = LOOP) -> Any:
    times = {"p50": p50, "p99": 8.0, "p99.9": p999}
    return {"loop": loop, "per_second": per_second, "milliseconds": times}


def _worse(now: Any, then: Any, allowed: float = 25) -> set[str]:
    figures = Earlier(orjson.dumps(then)).beside(now)
    return {one.name for one in figures if is_worse(one, allowed)}


def test_slower_and_fewer_are_worse_and_the_other_way_round_is_not() -> None:
    then = _told(1000, 4.0)
    assert _worse(_told(1000, 4.0), then) == set()
    assert _worse(_told(700, 4.0), then) == {"per_second"}
    assert _worse(_told(1000, 5.1), then) == {"p50"}
    assert _worse(_told(5000, 0.5), then) == set()


def test_what_is_worse_by_less_than_is_allowed_is_not() -> None:
    then = _told(1000, 4.0)
    assert _worse(_told(1000, 5.0), then, 25) == set()
    assert _worse(_told(1000, 5.0), then, 24) == {"p50"}
    assert _worse(_told(1000, 4.1), then, 0) == {"p50"}


def test_what_is_rare_is_told_and_not_judged() -> None:
    figures = Earlier(orjson.dumps(_told(1000, 4.0))).beside(_told(1000, 4.0, 90.0))
    [rare] = [one for one in figures if one.name == "p99.9"]
    assert rare.ratio == 10
    assert not is_worse(rare, 25)


def test_what_was_not_answered_is_not_compared() -> None:
    figures = Earlier(orjson.dumps(_told(1000, None))).beside(_told(1000, 4.0))
    assert "p50" not in {one.name for one in figures}


def test_another_loop_is_not_compared() -> None:
    earlier = Earlier(orjson.dumps(_told(1000, 4.0, loop="open, 5 a second")))
    earlier.check("open, 5 a second")
    with pytest.raises(BenchError, match="otherwise: open, 5 a second"):
        earlier.check(LOOP)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"loop":"","per_second":"x"}',
        b"1",
        b'{"loop":"","per_second":1,"milliseconds":[]}',
    ],
)
def test_what_is_no_such_file_is_refused(written: bytes) -> None:
    with pytest.raises(BenchError):
        Earlier(written)
