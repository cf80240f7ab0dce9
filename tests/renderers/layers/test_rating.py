"""Stars, as they are lit."""

from decimal import Decimal
from typing import Any

import pytest

from renderers.template import MissingValueError
from tests.renderers.support import (
    GREEN,
    RED,
    amount_of,
    canvas,
    changed,
    contents,
    drawn,
    rating_layer,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (4, "4.00"),
        (Decimal("4.25"), "4.25"),
        (4.256, "4.26"),
        ((Decimal("3.5"), "EUR"), "3.50"),
        (-3, "0.00"),
        (7, "5.00"),
        (10**300, "5.00"),
    ],
)
def test_a_value_is_told_within_what_there_is(value: Any, shown: str) -> None:
    assert contents(rating_layer(value="{{ n }}"), {"n": value}.get) == (shown,)


@pytest.mark.parametrize(
    "value", [None, "4", True, (1, 2), 10**400, float("inf"), float("nan"), Decimal("sNaN")]
)
def test_what_is_no_number_is_as_good_as_absent(value: Any) -> None:
    layer = rating_layer(value="{{ n }}")
    with pytest.raises(MissingValueError):
        contents(layer, {"n": value}.get)
    hidden = rating_layer(value="{{ n }}", when=({"value": "m", "is_set": True},))
    assert contents(hidden, {"n": value, "m": 1}.get) is None


def lit(value: float) -> tuple[int, int]:
    """How many pixels are lit, and how many are not."""
    layer = rating_layer(value=value, colour="#FF0000", unlit="#00FF00")
    image = drawn(canvas(layer, width=100, height=20, scale=3))
    return amount_of(image, RED), amount_of(image, GREEN)


def test_of_a_part_of_a_star_the_left_part_is_lit() -> None:
    none, unlit = lit(0)
    whole, left = lit(5)
    assert (none, left) == (0, 0)
    assert abs(whole - unlit) == 0
    assert lit(1)[0] == whole // 5
    assert lit(2.5)[0] == pytest.approx(whole / 2, rel=0.03)
    layer = rating_layer(value=2.5, colour="#FF0000", unlit="#FFFFFF")
    [left, _, right, _] = changed(drawn(canvas(layer, width=100, height=20))) or (0, 0, 0, 0)
    assert (left, right) == (0, 50)


def test_stars_are_as_large_as_there_is_room() -> None:
    high = drawn(canvas(rating_layer(height=90, value=5), width=100, height=90))
    assert changed(high) == (0, 35, 100, 55)
    wide = drawn(canvas(rating_layer(most=2, value=2, gap=7), width=100))
    assert changed(wide) == (0, 0, 47, 20)


def test_without_room_there_are_no_stars() -> None:
    assert changed(drawn(canvas(rating_layer(width=30, gap=10)))) is None
