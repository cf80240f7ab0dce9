"""Codes on a canvas are read back by another program than drew them."""

from typing import Any

import pytest
import zxingcpp
from pydantic import ValidationError

from renderers.codes import CodeError
from renderers.layers.code import CodeLayer
from renderers.template import ALLOWED_VALUES
from tests.renderers.support import (
    BLACK,
    canvas,
    changed,
    code_layer,
    contents,
    drawn,
    everything,
    pixel,
    shape_layer,
)

WIDE = {"width": 160, "height": 50}


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize(
    ("code", "text", "read"),
    [
        ("qr", "https://shop.example/o/1?a=ä", "https://shop.example/o/1?a=ä"),
        ("ean13", "640123456789", "6401234567897"),
        ("ean8", "9638507", "96385074"),
        ("code128", "AB-12", "AB-12"),
    ],
)
@pytest.mark.parametrize("literal", [True, False])
def test_a_code_is_read_from_the_canvas(
    code: str, text: str, read: str, scale: int, literal: bool
) -> None:
    layer = code_layer(
        code=code,
        text=text if literal else "{{ c }}",
        x=20,
        y=10,
        **({"width": 70, "height": 70} if code == "qr" else WIDE),
        colour="#1B2A49",
        background="#FAF3E0",
    )
    spec = canvas(layer, width=200, height=90, scale=scale, background="#1B2A49")
    image = drawn(spec, lookup={"c": text}.get)
    [found] = zxingcpp.read_barcodes(image)
    assert found.text == read
    assert pixel(image, 20 * scale, 10 * scale) == (0xFA, 0xF3, 0xE0)


def test_a_code_of_letters_and_values_is_read() -> None:
    layer = code_layer(text="order {{ c }}", width=60, height=60)
    image = drawn(canvas(layer, width=60, height=60, scale=2), lookup=lambda _: 42)
    assert [code.text for code in zxingcpp.read_barcodes(image)] == ["order 42"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"code": "ean13", "text": "6401234567891", **WIDE}, "check digit of 6401234567891"),
        ({"code": "ean8", "text": "12a", **WIDE}, "digits alone"),
        ({"code": "ean13", "text": "640123456789"}, "needs at least 113 x 1, its box is 40 x 40"),
        ({"text": "x" * 100}, "the code needs at least"),
        ({"text": "x" * 1900, "level": "high"}, "holds at most"),
        ({"code": "code128", "text": "ä", **WIDE}, "ASCII"),
        ({"text": ""}, "needs a text"),
        ({"text": {"fi": "{{ c }}", "en": ""}}, "needs a text"),
    ],
)
def test_a_code_that_cannot_be_drawn_is_refused_when_it_is_saved(
    fields: dict[str, Any], complaint: str
) -> None:
    given = code_layer().model_dump() | fields
    spec = canvas().model_dump() | {"layers": (shape_layer().model_dump(), given)}
    with pytest.raises(ValidationError, match=complaint) as caught:
        type(canvas()).model_validate(spec, context={ALLOWED_VALUES: everything})
    [error] = caught.value.errors()
    assert error["loc"] == ("layers", 1, "code")


def test_what_comes_from_the_store_is_not_checked_again() -> None:
    assert CodeLayer.model_validate(code_layer().model_dump() | {"text": ""}).text == {"any": ""}


@pytest.mark.parametrize(
    ("code", "value"), [("ean13", "12"), ("code128", "Õ"), ("qr", ""), ("qr", "x" * 3000)]
)
@pytest.mark.parametrize("when", [(), ({"value": "c", "is_set": True},)])
def test_a_value_that_the_code_cannot_hold_is_an_error(
    code: str, value: str, when: tuple[Any, ...]
) -> None:
    """Of a layer with conditions too: that it is absent is not what it says."""
    with pytest.raises(CodeError):
        contents(code_layer(code=code, text="{{ c }}", when=when), lambda _: value)


def test_a_value_that_is_too_long_for_the_box_is_an_error() -> None:
    layer = code_layer(text="{{ c }}")
    assert changed(drawn(canvas(layer, background="#000000"), lookup=lambda _: "x" * 40), BLACK)
    with pytest.raises(CodeError, match="make the box larger or the text shorter"):
        drawn(canvas(layer), lookup=lambda _: "x" * 400)
