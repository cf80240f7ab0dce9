"""What specs are made of: what is taken, and what is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from renderers.fields import (
    OFFER_PICTURE,
    Box,
    Colour,
    FontName,
    Gradient,
    OpaqueColour,
    PictureSource,
    Share,
    TextBox,
    overlap,
)
from renderers.fonts import BY_NAME
from tests.renderers.support import law

ID = "0123456789abcdef" * 2
BOX = {"x": 0, "y": 0, "width": 10, "height": 10}
TEXT = BOX | {"size": 10}


def taken(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            Colour,
            ("#1B2A49", "#ffffff80"),
            ("red", "#FFF", "#FFFFFF\n", "#FFFFFFF", "1B2A49", "#GG0000", None),
        ),
        (OpaqueColour, ("#1B2A49",), ("#FFFFFF80", "")),
        (Share, (0, 0.5, 1), (-0.1, 1.1, float("nan"), "x")),
        (FontName, ("regular", "serif", ID), ("Comic Sans", ID[1:], ID.upper(), "", "emoji")),
    ],
)
def test_a_field_takes_what_it_is_made_for(
    kind: Any, good: tuple[Any, ...], bad: tuple[Any, ...]
) -> None:
    assert all(taken(kind, value) for value in good)
    assert not any(taken(kind, value) for value in bad)


def test_every_font_that_a_text_can_ask_for_has_a_name() -> None:
    assert all(taken(FontName, name) for name in BY_NAME)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Gradient, {"start": "#000000", "end": "#FFFFFF80"}),
        (Gradient, {"start": "#000000", "end": "#FFFFFF", "towards": "up"}),
        (Box, BOX | {"x": 2001}),
        (Box, BOX | {"y": -2001}),
        (Box, BOX | {"width": 0}),
        (Box, BOX | {"width": 10.5}),
        (Box, BOX | {"width": True}),
        (Box, BOX | {"width": "10"}),
        (Box, BOX | {"depth": 1}),
        (TextBox, TEXT | {"size": 5}),
        (TextBox, TEXT | {"size": 401}),
        (TextBox, TEXT | {"smallest": 5}),
        (TextBox, TEXT | {"line_height": float("nan")}),
        (TextBox, TEXT | {"line_height": 3.1}),
        (TextBox, TEXT | {"letter_spacing": -0.3}),
        (TextBox, TEXT | {"align": "center"}),
    ],
)
def test_what_a_part_does_not_know_is_refused(
    model: type[BaseModel], fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(fields)


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        (ID, ID),
        (OFFER_PICTURE, OFFER_PICTURE),
        ("{{offer.picture}}", OFFER_PICTURE),
        ("{{  product[ 'vip-trip' ].picture }}", "{{ product['vip-trip'].picture }}"),
        ('{{ product["a.b~c"].picture }}', '{{ product["a.b~c"].picture }}'),
    ],
)
def test_a_picture_is_an_id_or_a_products(source: str, stored: str) -> None:
    assert TypeAdapter(PictureSource).validate_python(source) == stored


@pytest.mark.parametrize(
    "source",
    [
        "",
        ID[1:],
        ID.upper(),
        f"{ID}\n",
        "{{ offer.pic ture }}",
        "{ { offer.picture } }",
        "{{ offer.title }}",
        "{{ recipient.picture }}",
        "{{ product.vip.picture }}",
        "{{ product['a b'].picture }}",
        "{{ product['a'].title }}",
        "{{ product['a\"].picture }}",
        "{{ offer.picture }}{{ offer.picture }}",
        "https://example.com/a.png",
        "../../etc/passwd",
    ],
)
def test_no_other_picture_is_taken(source: str) -> None:
    assert not taken(PictureSource, source)


sides = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4))


@law
@given(sides, sides)
def test_boxes_overlap_where_they_have_a_pixel_in_common(
    first: tuple[int, int, int, int], second: tuple[int, int, int, int]
) -> None:
    def pixels(box: tuple[int, int, int, int]) -> set[tuple[int, int]]:
        left, top, wide, high = box
        return {(x, y) for x in range(left, left + wide) for y in range(top, top + high)}

    one, other = ((x, y, x + wide, y + high) for x, y, wide, high in (first, second))
    assert overlap(one, other) is overlap(other, one) is bool(pixels(first) & pixels(second))
