from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from renderers.fields import OFFER_PICTURE, Gradient
from renderers.layers.layer import Layer
from renderers.layers.shape import ShapeLayer
from renderers.layers.text import TextLayer
from renderers.spec import Canvas
from renderers.template import ALLOWED_VALUES
from tests.renderers.support import (
    avatar_layer,
    badge_layer,
    canvas,
    chart_layer,
    code_layer,
    picture_layer,
    price_layer,
    progress_layer,
    rating_layer,
    shape_layer,
    steps_layer,
    text_layer,
)

BOX = {"x": 0, "y": 0, "width": 10, "height": 10}
ID = "0123456789abcdef" * 2


def one_of_each() -> tuple[Layer, ...]:
    when = ({"value": "offer.stock", "at_least": 1}, {"value": "b", "equals": True})
    return (
        picture_layer(picture=OFFER_PICTURE, fit="contain", crop={"left": 0.1}, focus={"y": 0}),
        picture_layer(picture="{{ cart.10.instead.picture }}"),
        shape_layer(colour="#11223344", border={"width": 2, "colour": "#000000"}),
        text_layer(text={"fi": "Hei {{ a }}"}, font="serif", styles={"b": {"strike": True}}),
        rating_layer(value="{{ n }}", when=when),
        progress_layer(value=3, most=7),
        steps_layer(reached="{{ s }}"),
        price_layer(old_place="above"),
        badge_layer(shape="burst", when=when),
        code_layer(text="{{ c }}"),
        chart_layer(1, 2.5, "{{ n }}", chart="line", filled="#FF000080"),
        avatar_layer(colours=("#112233",)),
    )


def test_a_canvas_is_the_same_after_being_stored() -> None:
    spec = canvas(
        *one_of_each(),
        background=Gradient(start="#000000", end="#FFFFFF", towards="right"),
        fallback_fonts=(ID,),
        scale=3,
    )
    for brief in (True, False):
        stored = spec.model_dump_json(by_alias=True, exclude_defaults=brief)
        assert Canvas.model_validate_json(stored) == spec
    kinds = [layer.model_dump()["kind"] for layer in spec.layers]
    assert kinds == [
        *(
            "picture",
            "picture",
            "shape",
            "text",
            "rating",
            "progress",
            "steps",
            "price",
            "badge",
            "code",
        ),
        *("chart", "avatar"),
    ]


def test_a_canvas_knows_the_fonts_that_its_texts_ask_for() -> None:
    spec = canvas(*one_of_each(), fallback_fonts=(ID,))
    assert [*spec.fonts] == [
        *(ID, "serif", "regular", "semibold", "regular", "regular", "regular", "semibold"),
    ]


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
    ("model", "fields"),
    [
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
    assert len(canvas(*[shape] * 4).layers) == 4
    with pytest.raises(ValidationError, match="the layers have at most"):
        canvas(*[shape] * 5)


def test_texts_together_have_a_limit() -> None:
    text = text_layer(text={"fi": "a" * 2000, "en": "b"})
    assert len(canvas(*[text] * 5).layers) == 5
    with pytest.raises(ValidationError, match="the texts have at most 10000 characters"):
        canvas(*[text] * 6)


def test_a_layer_has_a_limit_of_its_own() -> None:
    with pytest.raises(ValidationError, match="a layer has at most 4000000 pixels"):
        canvas(shape_layer(width=2000, height=1000), scale=2)


@pytest.mark.parametrize(
    ("change", "loc"),
    [
        ({"layers": ({**BOX, "kind": "video"},)}, ("layers", 0)),
        ({"layers": (BOX,)}, ("layers", 0)),
        ({"layers": ({**BOX, "kind": "rating", "value": "3"},)}, ("layers", 0, "rating", "value")),
        (
            {"layers": ({**BOX, "kind": "rating", "value": "{{ n"},)},
            ("layers", 0, "rating", "value"),
        ),
        (
            {"layers": ({**BOX, "kind": "text", "size": 9, "text": {"fi": "{{ 1 }}"}},)},
            ("layers", 0, "text", "text", "fi"),
        ),
        (
            {"layers": ({**BOX, "kind": "shape", "colour": "#FF0000", "when": ({},)},)},
            ("layers", 0, "shape", "when", 0),
        ),
        ({"fallback_fonts": ("regular",)}, ("fallback_fonts", 0)),
        ({"fallback_fonts": (ID,) * 5}, ("fallback_fonts",)),
        ({"scale": 4}, ("scale",)),
        ({"width": 2001}, ("width",)),
        ({"background": "#FFFFFF00"}, ("background",)),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], loc: tuple[Any, ...]) -> None:
    given = {"width": 40, "height": 40} | change
    with pytest.raises(ValidationError) as caught:
        Canvas.model_validate(given, context={ALLOWED_VALUES: lambda _: True})
    assert any(error["loc"][: len(loc)] == loc for error in caught.value.errors())


def test_a_layer_has_at_most_five_conditions() -> None:
    when = ({"value": "a", "is_set": True},)
    assert len(shape_layer(when=when * 5).when) == 5
    with pytest.raises(ValidationError, match="at most 5 items"):
        shape_layer(when=when * 6)
