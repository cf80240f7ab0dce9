"""Instants in milliseconds since the epoch."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.instants import instant, milliseconds


@given(st.integers(0, 10**14))
def test_an_instant_is_found_again(at: int) -> None:
    assert milliseconds(instant(at)) == at


def test_the_same_instant_elsewhere_is_the_same() -> None:
    noon = datetime(2026, 11, 25, 12, 0, 0, 1500, UTC)
    assert milliseconds(noon) == milliseconds(noon.astimezone(timezone(timedelta(hours=2))))
    assert milliseconds(noon) % 1000 == 2
