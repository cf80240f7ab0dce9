"""Bars, and the steps of a way."""

from typing import Any

import pytest
from pydantic import ValidationError

from renderers.template import ALLOWED_VALUES, MissingValueError
from tests.renderers.support import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    Pixel,
    amount_of,
    canvas,
    changed,
    contents,
    drawn,
    everything,
    pixel,
    progress_layer,
    steps_layer,
)

COLOURS = {"colour": "#FF0000", "track": "#0000FF", "mark": "#FF0000"}


@pytest.mark.parametrize(
    ("value", "most", "wide"),
    [(0, 100, 0), (50, 100, 50), (-5, 100, 0), (500, 100, 100), (1, 4, 25), (1, 5e-324, 100)],
)
@pytest.mark.parametrize("scale", [1, 2])
def test_a_bar_is_filled_as_far_as_its_value_says(
    value: float, most: float, wide: int, scale: int
) -> None:
    layer = progress_layer(value=value, most=most, radius=0, colour="#FF0000", track="#0000FF", y=5)
    image = drawn(canvas(layer, width=100, height=20, scale=scale))
    assert changed(image) == (0, 5 * scale, 100 * scale, 15 * scale)
    assert amount_of(image, RED) == wide * 10 * scale**2
    assert amount_of(image, BLUE) == (100 - wide) * 10 * scale**2


def test_a_little_is_a_dot() -> None:
    layer = progress_layer(value=1, colour="#FF0000", track="#FFFFFF00")
    assert changed(drawn(canvas(layer, width=100))) == (0, 0, 10, 10)
    narrow = progress_layer(value=50, width=4, radius=0, colour="#FF0000", track="#FFFFFF00")
    assert changed(drawn(canvas(narrow))) == (0, 0, 4, 10)


def test_a_value_that_is_no_number_is_missing() -> None:
    with pytest.raises(MissingValueError):
        contents(progress_layer(value="{{ n }}"), lambda _: "half")


@pytest.mark.parametrize("fields", [{"most": 0}, {"most": float("inf")}, {"value": float("nan")}])
def test_a_bar_has_an_end(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        progress_layer(**fields)


def dots(value: Any, **fields: Any) -> list[Pixel]:
    """The colours of three dots and of the bars behind the first two."""
    layer = steps_layer(**COLOURS, **fields)
    image = drawn(canvas(layer, width=120), lookup={"s": value}.get)
    return [pixel(image, x, 10) for x in (12, 60, 92, 40, 80)]


@pytest.mark.parametrize(
    ("reached", "colours"),
    [
        ("paid", [RED, BLUE, BLUE, BLUE, BLUE]),
        ("packed", [RED, RED, BLUE, RED, BLUE]),
        ("sent", [RED, RED, RED, RED, RED]),
        ("lost", [BLUE] * 5),
        ("", [BLUE] * 5),
        ("PAID", [BLUE] * 5),
        (7, [BLUE] * 5),
    ],
)
def test_what_is_done_is_lit_and_an_unknown_value_reaches_none(
    reached: Any, colours: list[Pixel]
) -> None:
    assert dots(reached) == colours


def test_a_step_may_be_reached_whatever_the_values_are() -> None:
    assert dots(None, reached="packed") == dots("packed")
    with pytest.raises(MissingValueError):
        dots(None)


def test_a_lit_dot_has_a_check_mark() -> None:
    layer = steps_layer(colour="#FF0000", track="#0000FF", mark="#00FF00")
    image = drawn(canvas(layer, width=120, scale=2), lookup={"s": "paid"}.get)
    first = image.crop((20, 0, 60, 40))
    assert amount_of(first, GREEN) > 20
    assert amount_of(image, GREEN) == amount_of(first, GREEN)


def test_labels_stand_below_their_dots() -> None:
    steps = [{"id": "a", "label": "MMMM"}, {"id": "b"}, {"id": "c", "label": {"any": "M"}}]
    layer = steps_layer(steps=tuple(steps), reached="b", height=60, label_colour="#00FF00")
    assert contents(layer) == ("b", "MMMM", "", "M")
    image = drawn(canvas(layer, width=120, height=60))
    below = [image.crop((x, 22, x + 40, 60)) for x in (0, 40, 80)]
    inked = [changed(part) for part in below]
    assert [box is not None for box in inked] == [True, False, True]
    middles = [(box[0] + box[2]) / 2 for box in inked if box]
    assert all(abs(middle - 20) <= 2 for middle in middles)


def test_the_label_of_the_step_that_is_reached_is_in_its_own_font() -> None:
    steps = ({"id": "a", "label": "M"}, {"id": "b", "label": "M"})

    def labels(reached: str) -> list[bytes]:
        layer = steps_layer(steps=steps, reached=reached, height=60)
        image = drawn(canvas(layer, width=120, height=60))
        return [image.crop((x, 22, x + 60, 60)).tobytes() for x in (0, 60)]

    first, second = labels("a"), labels("b")
    assert first == second[::-1]
    assert first[0] != first[1]


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("sides", [(30, 100), (100, 30), (7, 7), (2, 50), (90, 3)])
def test_dots_are_as_large_as_there_is_room(sides: tuple[int, int], scale: int) -> None:
    steps = tuple({"id": id, "label": "MMM"} for id in "abc")
    box = {"x": 40, "y": 40, "width": sides[0], "height": sides[1]}
    layer = steps_layer(steps=steps, reached="b", dot=2000, **box)
    image = drawn(canvas(layer, width=200, height=200, scale=scale))
    found = changed(image)
    if sides[0] * scale < 3:
        assert found is None
        return
    assert found is not None
    assert min(found[:2]) >= 40 * scale
    assert found[2] <= (40 + sides[0]) * scale
    assert found[3] <= (40 + sides[1]) * scale


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"reached": "sold"}, "reached is one of paid, packed, sent, or a value"),
        ({"reached": "{{ s + }}"}, "unexpected"),
        ({"reached": "{{ s }} "}, "one value"),
        ({"steps": ({"id": "a"}, {"id": "a"})}, "two steps have the same id"),
        ({"steps": ({"id": "{{ s }}"}, {"id": "a"})}, "pattern"),
        ({"steps": ({"id": "a"},)}, "at least 2 items"),
    ],
)
def test_steps_that_are_none_are_refused(fields: dict[str, Any], complaint: str) -> None:
    given = steps_layer().model_dump() | fields
    with pytest.raises(ValidationError, match=complaint) as caught:
        type(steps_layer()).model_validate(given, context={ALLOWED_VALUES: everything})
    assert caught.value.errors()


def test_a_track_may_be_transparent() -> None:
    layer = steps_layer(colour="#FF0000", track="#0000FF00", mark="#FF0000")
    image = drawn(canvas(layer, width=120), lookup={"s": "paid"}.get)
    assert pixel(image, 60, 10) == WHITE
