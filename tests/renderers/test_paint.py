"""A canvas without its layers, and one of them."""

import pytest

from renderers.paint import background, paint_layer
from tests.renderers.support import (
    BLUE,
    RED,
    canvas,
    changed,
    drawn,
    filled,
    near,
    picture_layer,
    pixel,
    quadrants,
    shape_layer,
    text_layer,
    written,
)

ID, OTHER = "0" * 32, "1" * 32


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_background_fills_the_canvas(scale: int) -> None:
    image = drawn(canvas(width=30, height=20, scale=scale, background="#102030"))
    assert (image.mode, image.size) == ("RGB", (30 * scale, 20 * scale))
    assert changed(image, (0x10, 0x20, 0x30)) is None


def test_a_layer_that_is_not_shown_is_not_painted() -> None:
    spec = canvas(shape_layer())
    image = background(spec)
    paint_layer(image, spec, 0, None, "en", {})
    assert changed(image) is None
    paint_layer(image, spec, 0, (), "en", {})
    assert changed(image) == (0, 0, 10, 10)


def test_a_layer_is_painted_on_a_part_of_a_canvas() -> None:
    layers = (shape_layer(y=20), text_layer(y=20, colour="#0000FF"), picture_layer(y=25, x=20))
    spec = canvas(*layers, scale=2)
    whole, part = background(spec), background(spec).crop((0, 44, 80, 70))
    assets = {ID: written(quadrants(), "PNG")}
    for number, content in enumerate(filled(spec).contents):
        paint_layer(whole, spec, number, content, "en", assets)
        paint_layer(part, spec, number, content, "en", assets, top=44)
    assert part.tobytes() == whole.crop((0, 44, 80, 70)).tobytes()


def test_a_background_may_be_a_gradient() -> None:
    image = background(canvas(background={"start": "#FF0000", "end": "#0000FF"}, scale=2))
    assert image.size == (80, 80)
    assert near(pixel(image, 5, 0), RED, 4)
    assert near(pixel(image, 5, 79), BLUE, 4)
