"""What came of requests."""

from dyncontent.load.tally import Tally


def test_all_is_well_only_with_answers_that_are_all_right() -> None:
    tally = Tally()
    assert not tally.ok
    tally.times.add(0.1)
    assert tally.ok
    tally.wrong["status 500"] += 1
    assert not tally.ok
    lost = Tally()
    lost.times.add(0.1)
    lost.unanswered["connection lost"] += 2
    assert not lost.ok
    assert (tally.count, lost.count) == (2, 3)
    assert dict(lost.failures) == {"connection lost": 2}
