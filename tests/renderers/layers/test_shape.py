"""Shapes, as they are painted."""

import pytest
from PIL import Image

from renderers.layers.shape import Border
from tests.renderers.support import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    Pixel,
    amount_of,
    canvas,
    changed,
    drawn,
    near,
    picture_layer,
    pixel,
    shape_layer,
    written,
)

ID, OTHER = "0" * 32, "1" * 32


def test_a_shape_fills_its_box_and_nothing_else() -> None:
    image = drawn(canvas(shape_layer(x=5, y=6, width=7, height=8), scale=2))
    assert changed(image) == (10, 12, 24, 28)
    assert image.crop((10, 12, 24, 28)).getcolors() == [(14 * 16, RED)]


@pytest.mark.parametrize(
    ("alpha", "expected"), [("00", WHITE), ("80", (255, 127, 127)), ("FF", RED)]
)
def test_a_shape_with_alpha_lets_the_background_through(alpha: str, expected: Pixel) -> None:
    for radius in (0, 3):
        layer = shape_layer(width=20, height=20, colour=f"#FF0000{alpha}", radius=radius)
        assert pixel(drawn(canvas(layer)), 10, 10) == expected


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_rounded_corner_is_cut_smoothly(scale: int) -> None:
    image = drawn(canvas(shape_layer(width=40, height=40, radius=12), scale=scale))
    last = 40 * scale - 1
    for corner in ((0, 0), (last, 0), (0, last), (last, last)):
        assert pixel(image, *corner) == WHITE
    for inside in ((last // 2, 0), (0, last // 2), (last // 2, last), (last // 2, last // 2)):
        assert pixel(image, *inside) == RED
    assert any(0 < pixel(image, x, y)[1] < 255 for x in range(12) for y in range(12))


@pytest.mark.parametrize(("width", "height"), [(40, 40), (40, 20), (20, 40)])
def test_a_radius_beyond_half_a_side_makes_a_pill(width: int, height: int) -> None:
    def with_radius(radius: int) -> bytes:
        return drawn(canvas(shape_layer(width=width, height=height, radius=radius))).tobytes()

    assert with_radius(1000) == with_radius(20 if width == height else 10)
    assert with_radius(1000) != with_radius(5)


def test_a_box_too_small_to_round_is_a_rectangle() -> None:
    image = drawn(canvas(shape_layer(width=40, height=1, radius=9)))
    assert changed(image) == (0, 0, 40, 1)
    assert pixel(image, 0, 0) == RED


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(-5, -5, (0, 0, 5, 5)), (35, 35, (35, 35, 40, 40)), (-10, 0, None), (40, 2000, None)],
)
def test_what_stands_over_the_canvas_is_cut_off(
    x: int, y: int, expected: tuple[int, int, int, int] | None
) -> None:
    box = {"x": x, "y": y, "width": 10, "height": 10}
    layers = (shape_layer(**box), shape_layer(**box, radius=2), picture_layer(**box))
    for layer in layers[::2]:
        image = drawn(canvas(layer), {ID: written(Image.new("RGB", (10, 10), RED), "PNG")})
        assert changed(image) == expected
    assert drawn(canvas(layers[1])).size == (40, 40)


def test_a_border_stands_within_the_edge() -> None:
    border = {"width": 3, "colour": "#0000FF"}
    image = drawn(canvas(shape_layer(x=5, y=5, width=20, height=16, border=border), scale=2))
    assert changed(image) == (10, 10, 50, 42)
    assert image.crop((16, 16, 44, 36)).getcolors() == [(28 * 20, RED)]
    assert amount_of(image, BLUE) == 40 * 32 - 28 * 20


@pytest.mark.parametrize("radius", [0, 8])
def test_a_border_is_seen_around_what_is_transparent_and_not_through_it(radius: int) -> None:
    border = {"width": 2, "colour": "#0000FF"}
    layer = shape_layer(width=40, height=40, colour="#FF000000", radius=radius, border=border)
    image = drawn(canvas(layer))
    assert pixel(image, 20, 20) == pixel(image, 3, 20) == WHITE
    assert pixel(image, 1, 20) == pixel(image, 20, 38) == BLUE
    half = layer.model_copy(update={"colour": "#FF000080"})
    assert pixel(drawn(canvas(half)), 20, 20) == (255, 127, 127)


def test_a_border_is_round_within_too_and_nothing_is_between() -> None:
    border = {"width": 6, "colour": "#FF0000"}
    layer = shape_layer(width=40, height=40, radius=20, border=border)
    plain = shape_layer(width=40, height=40, radius=20)
    assert drawn(canvas(layer)).tobytes() == drawn(canvas(plain)).tobytes()
    for colour in ("#00FF00", "#00FF00FF", "#00FF0080"):
        image = drawn(canvas(layer.model_copy(update={"colour": colour})))
        assert pixel(image, 8, 8) == RED
        assert pixel(image, 20, 20) != RED


@pytest.mark.parametrize(("width", "height"), [(4, 40), (40, 4), (1, 1)])
def test_a_border_wider_than_the_shape_fills_it(width: int, height: int) -> None:
    border = {"width": 2, "colour": "#0000FF"}
    image = drawn(canvas(shape_layer(width=width, height=height, border=border)))
    assert amount_of(image, BLUE) == width * height


def test_a_gradient_fills_a_shape_and_its_border_stays() -> None:
    colours = {"start": "#FF0000", "end": "#0000FF", "towards": "right"}
    layer = shape_layer(width=40, height=40, colour=colours, radius=6)
    image = drawn(canvas(layer))
    assert near(pixel(image, 0, 20), RED, 5)
    assert near(pixel(image, 39, 20), BLUE, 5)
    assert pixel(image, 0, 0) == WHITE
    edged = layer.model_copy(update={"border": Border(width=2, colour="#00FF00")})
    image = drawn(canvas(edged))
    assert pixel(image, 0, 20) == pixel(image, 39, 20) == GREEN
    assert near(pixel(image, 2, 20), RED, 9)
