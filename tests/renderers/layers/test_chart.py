"""Charts of all kinds of numbers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from renderers.spec import Canvas
from renderers.template import MissingValueError
from tests.renderers.support import (
    BLUE,
    GREEN,
    RED,
    amount_of,
    canvas,
    changed,
    chart_layer,
    contents,
    drawn,
    law,
)


def bars(*values: float | str, **fields: Any) -> Image.Image:
    return drawn(canvas(chart_layer(*values, **fields)))


def columns(image: Image.Image, number: int) -> list[tuple[int, int] | None]:
    """The tops and bottoms of bars of one width."""
    wide = image.width // number
    found = []
    for place in range(number):
        box = changed(image.crop((wide * place, 0, wide * (place + 1), image.height)))
        found.append(box and (box[1], box[3]))
    return found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((4,), [(0, 40)]),
        ((-4,), [(0, 40)]),
        ((0, 0), [None, None]),
        ((3, 3), [(0, 40), (0, 40)]),
        ((1, 2), [(20, 40), (0, 40)]),
        ((2, -2), [(0, 20), (20, 40)]),
        ((-1, -2), [(0, 20), (0, 40)]),
        ((1e308, -1e308), [(0, 20), (20, 40)]),
        ((1.7e308, 5e-324), [(0, 40), None]),
        ((5e-324, 0), [(0, 40), None]),
        ((2.5, 5, 0, -5), [(10, 20), (0, 20), None, (20, 40)]),
    ],
)
def test_bars_stand_on_zero(
    values: tuple[float, ...], expected: list[tuple[int, int] | None]
) -> None:
    image = bars(*values)
    assert columns(image, len(values)) == expected
    assert amount_of(image, RED) == sum(
        (bottom - top) * 40 // len(values) for top, bottom in filter(None, expected)
    )


def test_a_gap_is_between_bars_and_not_around_them() -> None:
    image = bars(1, 1, gap=10)
    assert changed(image) == (0, 0, 40, 40)
    assert amount_of(image, RED) == 30 * 40
    assert amount_of(bars(1, 1, gap=100), RED) == 30 * 40


def test_more_bars_than_there_is_room_for() -> None:
    found = changed(bars(*range(1, 60), width=10))
    assert found is None or found[2] <= 10
    assert changed(bars(1, width=1)) == (0, 0, 1, 40)


@pytest.mark.parametrize("chart", ["bars", "line"])
def test_the_last_has_a_colour_of_its_own(chart: str) -> None:
    plain = bars(1, 2, 3, chart=chart, thick=3)
    last = bars(1, 2, 3, chart=chart, thick=3, last_colour="#0000FF")
    assert amount_of(plain, BLUE) == 0
    assert amount_of(last, BLUE) > 0
    assert changed(plain) == changed(last)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ((1, 2), ("low", "high")),
        ((2, 1), ("high", "low")),
        ((5, 5, 5), ("middle", "middle")),
        ((0, 0), ("middle", "middle")),
        ((-1, -2, -3), ("high", "low")),
        ((1e308, -1e308), ("high", "low")),
    ],
)
def test_a_line_goes_from_the_first_to_the_last(
    values: tuple[float, ...], ends: tuple[str, str]
) -> None:
    image = bars(*values, chart="line", thick=2)
    places = {"high": range(9), "middle": range(15, 25), "low": range(31, 40)}
    for left, end in zip((0, 34), ends, strict=True):
        box = changed(image.crop((left, 0, left + 6, 40)))
        assert box is not None
        assert (box[1] + box[3]) // 2 in places[end]


def test_a_line_of_one_value_is_a_dot_at_its_end() -> None:
    found = changed(bars(7, chart="line", thick=4))
    assert found is not None
    assert found[0] >= 26
    assert found[2] == 40


def test_below_a_line_may_be_filled() -> None:
    empty = bars(1, 2, 1, chart="line")
    full = bars(1, 2, 1, chart="line", filled="#00FF00")
    assert amount_of(empty, GREEN) == 0
    found = changed(full)
    assert found is not None
    assert found[3] == 40
    assert amount_of(full, GREEN) > 300


numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60)
looks = st.fixed_dictionaries(
    {
        "chart": st.sampled_from(("bars", "line")),
        "width": st.integers(1, 70),
        "height": st.integers(1, 40),
        "thick": st.integers(1, 20),
        "gap": st.integers(0, 100),
        "filled": st.sampled_from((None, "#00FF00")),
    }
)


@law
@given(numbers, looks)
def test_any_numbers_are_drawn_within_the_box(values: list[float], look: dict[str, Any]) -> None:
    spec: Canvas = canvas(chart_layer(*values, x=10, y=10, **look), width=90, height=60)
    left, top, right, bottom = changed(drawn(spec)) or (10, 10, 10, 10)
    assert (min(left, top) >= 10, right <= 10 + look["width"]) == (True, True)
    assert bottom <= 10 + look["height"]


def test_one_value_that_is_no_number_is_missing() -> None:
    layer = chart_layer(1, "{{ n }}")
    assert contents(layer, lambda _: 2) == ("1.0", "2.0")
    with pytest.raises(MissingValueError):
        contents(layer, lambda _: "2")


@pytest.mark.parametrize("values", [(), (float("inf"),), (float("nan"),), (1,) * 61])
def test_a_chart_has_numbers(values: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError):
        chart_layer(*values)
