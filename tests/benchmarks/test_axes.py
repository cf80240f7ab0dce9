"""Where values stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.axes import Axis, Linear, Logarithmic

VALUES = st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=20)


@pytest.mark.parametrize("kind", [Linear, Logarithmic])
@given(values=VALUES)
def test_every_value_has_its_place_in_order(kind: type[Axis], values: list[float]) -> None:
    axis = kind(values, 100, 500)
    places = [axis.at(value) for value in sorted(values)]
    assert places == sorted(places)
    assert places[0] >= 100 - 1e-6
    assert places[-1] <= 500 + 1e-6
    assert axis.at(axis.ticks[0]) == pytest.approx(100)
    assert axis.at(axis.ticks[-1]) in (pytest.approx(500), pytest.approx(100))
    assert list(axis.ticks) == sorted(set(axis.ticks))
    assert axis.at(0) == pytest.approx(100)


def test_a_linear_axis_has_few_round_ticks() -> None:
    assert Linear([561], 0, 1).ticks == [0, 100, 200, 300, 400, 500, 600]
    assert Linear([12.9, 147], 0, 1).ticks == [0, 25, 50, 75, 100, 125, 150]
    assert Linear([0, 0], 0, 1).at(0) == 0


def test_a_logarithmic_one_goes_by_tens_and_nothing_stands_at_its_begin() -> None:
    axis = Logarithmic([0, 0.05, 3], 10, 40)
    assert axis.ticks == pytest.approx([0.01, 0.1, 1, 10])
    assert axis.at(0) == 10
