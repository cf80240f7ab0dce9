"""Badges hug their texts."""

import pytest

from tests.renderers.support import (
    RED,
    badge_layer,
    canvas,
    changed,
    drawn,
    pixel,
    text_layer,
)


def box_of(**fields: object) -> tuple[int, int, int, int]:
    found = changed(drawn(canvas(badge_layer(**fields), width=200, height=100)))
    assert found is not None
    return found


def test_a_badge_is_as_large_as_its_text() -> None:
    widths = [box_of(text=text, width=200)[2] for text in ("U", "Uusi", "Uusi ja hieno")]
    assert widths == sorted(set(widths))
    assert widths[-1] < 200
    text = text_layer(text="Uusi", size=16, width=200, height=40)
    inked = changed(drawn(canvas(text, width=200)))
    assert inked is not None
    assert abs(box_of(text="Uusi", width=200)[2] - (inked[2] - inked[0]) - 20) <= 4


def test_padding_is_around_the_text() -> None:
    narrow, wide = (box_of(padding=padding, width=200) for padding in (0, 12))
    assert (wide[2] - narrow[2], wide[3] - narrow[3]) == (24, 12)


@pytest.mark.parametrize(
    ("align", "valign", "sides"),
    [("left", "top", (0, 0)), ("right", "bottom", (200, 100)), ("start", "top", (0, 0))],
)
def test_a_badge_stands_where_it_is_aligned(
    align: str, valign: str, sides: tuple[int, int]
) -> None:
    left, top, right, bottom = box_of(align=align, valign=valign, width=200, height=100)
    ends = (left, top) if sides == (0, 0) else (right, bottom)
    assert ends == sides


def test_a_badge_stands_in_the_middle() -> None:
    left, top, right, bottom = box_of(align="centre", valign="middle", width=200, height=100)
    assert abs(left + right - 200) <= 1
    assert abs(top + bottom - 100) <= 1


@pytest.mark.parametrize("shape", ["pill", "burst"])
@pytest.mark.parametrize("text", ["Uusi", "Aivan uusi ja kovin pitkä teksti", "Uusi\n\nja"])
@pytest.mark.parametrize("sides", [(1, 1), (5, 60), (60, 5), (40, 40)])
@pytest.mark.parametrize("padding", [0, 10, 200])
def test_a_badge_never_leaves_its_box(
    shape: str, text: str, sides: tuple[int, int], padding: int
) -> None:
    box = {"x": 70, "y": 20, "width": sides[0], "height": sides[1], "padding": padding}
    left, top, right, bottom = box_of(text=text, shape=shape, **box)
    assert left >= 70
    assert top >= 20
    assert right <= 70 + sides[0]
    assert bottom <= 20 + sides[1]


def test_a_burst_fills_its_box() -> None:
    assert box_of(shape="burst", width=60, height=60) == (0, 0, 60, 60)
    assert box_of(shape="burst", width=100, height=60) == (20, 0, 80, 60)
    image = drawn(canvas(badge_layer(shape="burst", width=40)))
    assert pixel(image, 0, 0) != RED


@pytest.mark.parametrize("shape", ["pill", "burst"])
@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_without_a_text_there_is_no_badge(shape: str, text: str) -> None:
    layer = badge_layer(text="{{ a }}", shape=shape)
    assert changed(drawn(canvas(layer), lookup=lambda _: text)) is None


@pytest.mark.parametrize("width", range(60, 130, 3))
def test_lines_break_where_they_were_measured(width: int) -> None:
    """What is written fills the badge: no line is left free for one that was drawn up."""
    fields = {"text": "aaa bbb cc d", "width": width, "height": 80, "size": 16, "smallest": 16}
    image = drawn(canvas(badge_layer(**fields, padding=12, radius=0), width=200, height=100))
    found = changed(image)
    assert found is not None
    inside = image.crop(found)
    ink = changed(inside, RED)
    assert ink is not None
    assert ink[1] <= 14
    assert inside.height - ink[3] <= 14
    assert ink[0] >= 10


def test_a_text_that_is_too_long_is_cut() -> None:
    fields = {"width": 60, "height": 30, "size": 16, "smallest": 16, "radius": 0}
    long = badge_layer(text="Kertakaikkisen uusi", **fields)
    cut = badge_layer(text="Kertakaikkisen uusi juttu", **fields)
    assert drawn(canvas(long, width=80)).tobytes() == drawn(canvas(cut, width=80)).tobytes()
