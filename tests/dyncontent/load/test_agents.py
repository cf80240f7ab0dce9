"""Who opens a send."""

from collections import Counter
from itertools import islice

import pytest

from dyncontent.delivery.client import Verdict, verdict
from dyncontent.load.agents import APPLE, GMAIL, GMAIL_AHEAD, PERSON, SHARES, mixed


def test_of_each_hundred_all_have_their_share() -> None:
    agents = list(islice(mixed(), 350))
    for begin in (0, 37, 250):
        assert Counter(agents[begin : begin + 100]) == SHARES
    assert agents[:100] != sorted(agents[:100])


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (APPLE, Verdict.PREFETCH),
        (GMAIL, Verdict.PROXY),
        (GMAIL_AHEAD, Verdict.PREFETCH),
        (PERSON, Verdict.HUMAN),
    ],
)
def test_a_server_takes_each_for_what_it_is(agent: str, expected: Verdict) -> None:
    assert verdict(agent, is_head=False, is_click=False, announced_prefetch=False) is expected
