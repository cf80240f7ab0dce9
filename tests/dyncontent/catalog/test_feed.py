"""The definition of a feed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.feed import Feed, RemovalLimit, interval


@pytest.mark.parametrize(
    ("products", "most"), [(0, 0), (1, 0), (2, 1), (3, 1), (6, 3), (10, 3), (20, 4), (100, 20)]
)
def test_how_many_may_go(products: int, most: int) -> None:
    assert RemovalLimit().most(products) == most


@given(st.integers(0, 10**6), st.floats(0, 99.9), st.integers(0, 1000))
def test_a_limit_never_empties_a_shop(products: int, percent: float, at_least: int) -> None:
    most = RemovalLimit(percent=percent, at_least=at_least).most(products)
    assert most < products or products == 0


def test_intervals() -> None:
    assert interval("PT1H") == timedelta(hours=1)
    assert interval("P1W") == timedelta(days=7)
    for text in ("PT4M59S", "P32D", "P1M", "P99999D", "1h", ""):
        with pytest.raises(ValueError, match="such as"):
            interval(text)


def test_what_is_null_is_kept_apart_from_what_is_not_said() -> None:
    raw = b'{"columns":{"stock":null},"attributes":{}}'
    assert Feed.model_validate_json(raw).encoded() == raw
