from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from renderers.fields import OFFER_PICTURE, Gradient
from renderers.fonts import Font
from renderers.layers.picture import PictureLayer
from renderers.layers.shape import ShapeLayer
from renderers.layers.text import TextLayer
from renderers.spec import Canvas
from renderers.template import ALLOWED_VALUES
from tests.renderers.support import canvas, picture_layer, shape_layer, text_layer

BOX = {"x": 0, "y": 0, "width": 10, "height": 10}
ID = "0123456789abcdef" * 2


def test_a_canvas_is_the_same_after_being_stored() -> None:
    spec = canvas(
        picture_layer(picture=OFFER_PICTURE, fit="contain", radius=8),
        shape_layer(colour="#11223344"),
        text_layer(text={"fi": "Hei {{ a }}", "any": "Hi"}, font="serif", line_height=1.1),
        background=Gradient(start="#000000", end="#FFFFFF", towards="right"),
        scale=3,
    )
    stored = spec.model_dump_json(exclude_defaults=True)
    assert Canvas.model_validate_json(stored) == spec
    assert [type(layer) for layer in spec.layers] == [PictureLayer, ShapeLayer, TextLayer]


def test_a_bare_canvas_is_white_and_empty() -> None:
    spec = Canvas(width=1, height=2)
    assert (spec.background, spec.layers, spec.scale) == ("#FFFFFF", (), 1)


@pytest.mark.parametrize(
    ("width", "height", "scale", "fits"),
    [
        (2000, 2000, 1, True),
        (1000, 1000, 2, True),
        (1001, 1000, 2, False),
        (666, 667, 3, True),
        (667, 667, 3, False),
        (2001, 1, 1, False),
        (0, 10, 1, False),
        (10, 10, 4, False),
    ],
)
def test_a_canvas_has_at_most_four_million_real_pixels(
    width: int, height: int, scale: int, fits: bool
) -> None:
    sizes = {"width": width, "height": height, "scale": scale}
    if fits:
        assert canvas(**sizes).scale == scale
    else:
        with pytest.raises(ValidationError):
            canvas(**sizes)


@pytest.mark.parametrize(
    ("source", "stored"),
    [(ID, ID), (OFFER_PICTURE, OFFER_PICTURE), ("{{offer.picture}}", OFFER_PICTURE)],
)
def test_a_picture_is_an_id_or_the_offers(source: str, stored: str) -> None:
    assert picture_layer(picture=source).picture == stored


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
        "https://example.com/a.png",
        "../../etc/passwd",
    ],
)
def test_no_other_picture_is_taken(source: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        picture_layer(picture=source)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Gradient, {"start": "#000000", "end": "#FFFFFF80"}),
        (Gradient, {"start": "#000000", "end": "#FFFFFF", "towards": "up"}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "red"}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFF"}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFFFFF\n"}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFFFFF", "radius": -1}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFFFFF", "x": 2001}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFFFFF", "width": 10.5}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFFFFF", "width": True}),
        (ShapeLayer, {**BOX, "kind": "shape", "colour": "#FFFFFF", "border": 1}),
        (TextLayer, {**BOX, "kind": "text", "text": "a", "size": 5}),
        (TextLayer, {**BOX, "kind": "text", "text": "a", "size": 401}),
        (TextLayer, {**BOX, "kind": "text", "text": "a", "size": 10, "font": "Comic Sans"}),
        (TextLayer, {**BOX, "kind": "text", "text": "a", "size": 10, "line_height": float("nan")}),
        (TextLayer, {**BOX, "kind": "text", "text": {}, "size": 10}),
        (Canvas, {"width": 10, "height": 10, "background": "#FFFFFF00"}),
        (Canvas, {"width": 10, "height": 10, "layers": ({**BOX, "kind": "video"},)}),
        (Canvas, {"width": 10, "height": 10, "layers": (shape_layer(),) * 61}),
    ],
)
def test_what_a_spec_does_not_know_is_refused(
    model: type[BaseModel], fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(fields)


@pytest.mark.parametrize("font", Font)
def test_every_shipped_font_has_a_name(font: Font) -> None:
    assert text_layer(font=font.name.lower()).typeface is font


def test_texts_are_checked_where_it_is_told_what_they_may_show() -> None:
    spec = canvas(text_layer(text={"fi": "Hei {{ a.b }}", "en": "Hi"})).model_dump_json()
    allowed = {"a.b"}.__contains__
    assert Canvas.model_validate_json(spec, context={ALLOWED_VALUES: allowed}).layers
    with pytest.raises(ValidationError, match=r"'a\.b' is no value that a text can show"):
        Canvas.model_validate_json(spec, context={ALLOWED_VALUES: {"a"}.__contains__})


@pytest.mark.parametrize("context", [None, {}])
def test_texts_from_the_store_are_not_checked_again(context: dict[str, Any] | None) -> None:
    spec = canvas().model_dump() | {"layers": ({**BOX, "kind": "text", "text": "{{", "size": 9},)}
    [layer] = Canvas.model_validate(spec, context=context).layers
    assert isinstance(layer, TextLayer)
    assert layer.text == {"any": "{{"}


def test_layers_together_have_a_limit() -> None:
    shape = shape_layer(width=2000, height=1900)
    assert len(canvas(*[shape] * 8).layers) == 8
    with pytest.raises(ValidationError, match="the layers have at most"):
        canvas(*[shape] * 9)


def test_a_layer_has_a_limit_of_its_own() -> None:
    with pytest.raises(ValidationError, match="a layer has at most 4000000 pixels"):
        canvas(shape_layer(width=2000, height=1000), scale=2)
