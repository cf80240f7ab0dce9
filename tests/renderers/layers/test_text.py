"""Texts, as they are written."""

from typing import Any

import pytest
from PIL import Image, ImageChops
from pydantic import ValidationError

from tests.renderers.support import (
    RED,
    amount_of,
    canvas,
    changed,
    contents,
    drawn,
    pixel,
    text_layer,
)

ID, OTHER = "0" * 32, "1" * 32


def test_text_is_drawn_in_its_box_and_nowhere_else() -> None:
    layer = text_layer(x=10, y=5, width=25, height=12, size=30, colour="#0000FF")
    image = drawn(canvas(layer, width=60))
    found = changed(image)
    assert found is not None
    left, top, right, bottom = found
    assert (left >= 10, top >= 5, right <= 35, bottom <= 17) == (True,) * 4
    assert right - left > 8
    assert bottom - top > 4
    colours = [pixel(image, x, y) for x in range(60) for y in range(40)]
    assert {blue for _, _, blue in colours} == {255}
    assert all(red == green for red, green, _ in colours)
    assert min(colours)[0] < 64


def test_text_stays_in_its_box_however_tight_it_is() -> None:
    layer = text_layer(text="Ääliö", x=10, y=5, width=9, height=60, size=40, smallest=40)
    found = changed(drawn(canvas(layer, height=80)))
    assert found is not None
    assert (found[0] >= 10, found[1] >= 5, found[2] <= 19, found[3] <= 65) == (True,) * 4


def test_text_with_alpha_is_paler() -> None:
    layer = text_layer(text="███", size=30, width=40, height=40, colour="#00000080")
    image = drawn(canvas(layer))
    assert min(pixel(image, x, y) for x in range(40) for y in range(40)) == (127, 127, 127)


STRONG = {"strong": {"colour": "#FF0000"}, "small": {"size": 0.5, "strike": True}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Only <strong>7</strong> seats", [("", "Only "), ("strong", "7"), ("", " seats")]),
        ("<strong>all", [("strong", "all")]),
        ("a</strong>b", [("", "a"), ("", "b")]),
        ("<strong>a<small>b</small>c</strong>", [("strong", "a"), ("small", "b"), ("", "c")]),
        ("<strong>a</small>b", [("strong", "a"), ("", "b")]),
        ("a <em>b</em> < c > <STRONG> <strong >", [("", "a <em>b</em> < c > <STRONG> <strong >")]),
        ("<strong></strong>", []),
    ],
)
def test_tags_are_those_of_the_declared_styles_alone(
    text: str, expected: list[tuple[str, str]]
) -> None:
    layer = text_layer(text=text, styles=STRONG)
    content = contents(layer) or ()
    pairs = zip(content[::2], content[1::2], strict=True)
    assert [(style, part) for style, part in pairs if part] == expected
    drawn(canvas(layer))


def test_a_value_that_looks_like_a_tag_is_none() -> None:
    layer = text_layer(text="<strong>{{ a }}</strong>{{ a }}", styles=STRONG)
    content = contents(layer, lambda _: "</strong><small>") or ()
    pairs = set(zip(content[::2], content[1::2], strict=True))
    assert pairs == {
        ("", ""),
        ("strong", ""),
        ("strong", "</strong><small>"),
        ("", "</strong><small>"),
    }


def test_a_text_without_styles_has_no_tags() -> None:
    assert contents(text_layer(text="a <b>{{ a }}</b>"), lambda _: "x") == ("", "a <b>x</b>")


def test_a_style_changes_its_part_alone() -> None:
    def with_style(**fields: Any) -> Image.Image:
        layer = text_layer(text="HHH <b>HHH</b>", width=150, height=30, styles={"b": fields})
        return drawn(canvas(layer, width=150))

    plain, red = with_style(), with_style(colour="#FF0000")
    assert (
        plain.tobytes()
        == drawn(canvas(text_layer(text="HHH HHH", width=150, height=30), width=150)).tobytes()
    )
    before = changed(plain)
    assert before is not None
    assert changed(red) == before
    difference = ImageChops.difference(plain, red).getbbox()
    assert difference is not None
    assert difference[0] > before[2] // 2 - 4
    assert amount_of(red, RED) > 0
    looks = [
        with_style(**one)
        for one in ({"strike": True}, {"underline": True}, {"size": 2}, {"font": "serif"})
    ]
    assert len({plain.tobytes(), *(look.tobytes() for look in looks)}) == 5


def test_a_text_of_no_letters_is_drawn_as_nothing() -> None:
    for layer in (text_layer(text=""), text_layer(text="{{ a }}", styles=STRONG)):
        assert changed(drawn(canvas(layer), lookup=lambda _: "")) is None


@pytest.mark.parametrize(
    "styles", [{"B": {}}, {"": {}}, {"b": {"size": 4}}, {"b": {"bold": True}}, {"b>": {}}]
)
def test_a_style_that_is_not_one_is_refused(styles: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        text_layer(styles=styles)


def test_it_has_at_most_eight_styles() -> None:
    assert text_layer(styles={f"s{number}": {} for number in range(8)}).styles
    with pytest.raises(ValidationError, match="at most 8 items"):
        text_layer(styles={f"s{number}": {} for number in range(9)})
