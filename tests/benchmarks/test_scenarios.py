"""When opens come, and URLs that were damaged."""

from collections import Counter

import pytest

from benchmarks.scenarios import _damaged, after_delivery


@pytest.mark.parametrize(("peak", "seconds"), [(200.0, 20.0), (1000.0, 4.0)])
def test_most_opens_come_soon_after_delivery_and_no_more_at_a_time_than_asked(
    peak: float, seconds: float
) -> None:
    dues = after_delivery(peak, seconds)
    assert list(dues) == sorted(dues)
    assert dues[0] > 0
    assert dues[-1] < seconds
    in_parts = Counter(int(due / seconds * 20) for due in dues)
    densest = max(in_parts.values()) / (seconds / 20)
    assert 0.7 * peak < densest < 1.2 * peak
    early = sum(due < seconds / 2 for due in dues)
    assert early > 0.7 * len(dues)


def test_a_damaged_url_differs_in_its_signature_alone() -> None:
    assert _damaged("/i/a.png?r=kA&m=m&v=1&k=Abc") == "/i/a.png?r=kA&m=m&v=1&k=Bbc"
    assert _damaged("/i/a.png?r=kA&m=m&v=1&k=xbc") == "/i/a.png?r=kA&m=m&v=1&k=Abc"
