"""What opens must show while a stock changes."""

import time

from benchmarks import instant
from benchmarks.flash import LATEST_SECONDS, Watched
from dyncontent.load.answer import Answer

BEFORE, AFTER = instant.body(100), instant.body(101)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n"


def _answer(body: bytes, begun: float) -> Answer:
    return Answer(200, _HEAD, _HEAD, body, begun)


def test_what_was_before_the_acknowledgement_is_right_and_after_it_late() -> None:
    watched = Watched(BEFORE, AFTER)
    now = time.perf_counter()
    assert watched.check(_answer(BEFORE, now)) is None
    watched.changing()
    assert watched.check(_answer(BEFORE, now)) is None
    assert watched.check(_answer(AFTER, now)) is None
    watched.changed()
    assert watched.check(_answer(AFTER, time.perf_counter())) is None
    assert watched.since is not None
    assert watched.check(_answer(BEFORE, watched.since - 0.001)) is None
    assert watched.late == 0
    assert watched.check(_answer(BEFORE, watched.since + 0.005)) is None
    watched.changing()
    assert watched.delays.count == 1
    assert 0.0049 < watched.delays.max < 0.0051
    assert watched.late == 0


def test_what_is_too_late_or_another_picture_is_wrong() -> None:
    watched = Watched(BEFORE, AFTER)
    watched.changing()
    watched.changed()
    assert watched.since is not None
    too_late = watched.check(_answer(BEFORE, watched.since + LATEST_SECONDS + 0.1))
    assert too_late is not None
    assert "ago" in too_late
    assert watched.check(_answer(instant.body(102), watched.since)) == "another body"
    assert watched.check(_answer(b"", watched.since)) == "no such picture"
