"""Percentiles of what was counted."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.load.histogram import Histogram

VALUES = st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=200)


@given(VALUES, st.sampled_from([0, 1, 50, 90, 99, 99.9, 100]))
def test_a_percentile_is_that_of_the_sorted_values_within_half_a_per_cent(
    values: list[float], percent: float
) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    ordered = sorted(values)
    exact = ordered[max(1, math.ceil(len(values) * percent / 100)) - 1]
    assert histogram.percentile(percent) == pytest.approx(exact, rel=0.005)
    assert histogram.percentile(100) == histogram.max == ordered[-1]
    assert histogram.count == len(values)


def test_of_nothing_there_is_no_percentile() -> None:
    assert Histogram().percentile(50) is None


def test_what_took_no_time_is_counted() -> None:
    histogram = Histogram()
    histogram.add(0.0)
    histogram.add(1.0)
    assert histogram.percentile(50) == pytest.approx(0, abs=1e-8)


def test_many_values_take_no_more_room() -> None:
    histogram = Histogram()
    for number in range(100_000):
        histogram.add(0.001 + number * 1e-8)
    assert len(histogram._counts) <= 129
