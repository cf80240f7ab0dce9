"""Pictures, as they are fitted."""

import pytest
from PIL import Image
from pydantic import ValidationError

from tests.renderers.support import (
    BLACK,
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
    filled,
    near,
    picture_layer,
    pixel,
    quadrants,
    shape_layer,
    written,
)

ID, OTHER = "0" * 32, "1" * 32


def quarter_colours(image: Image.Image) -> list[Pixel]:
    return [pixel(image, *at) for at in ((2, 2), (17, 2), (2, 17), (17, 17))]


@pytest.mark.parametrize("fit", ["cover", "contain"])
def test_a_picture_of_the_boxs_shape_fills_it(fit: str) -> None:
    layer = picture_layer(x=10, y=10, fit=fit)
    for side in (10, 20, 40):
        image = drawn(canvas(layer), {ID: written(quadrants(side), "PNG")})
        inside = image.crop((10, 10, 30, 30))
        assert quarter_colours(inside) == [RED, GREEN, BLUE, WHITE]
        assert changed(image) == (10, 10, 30, 30)


def stripes(width: int, height: int) -> bytes:
    """A third each of red, green and blue, along the longer side."""
    image = Image.new("RGB", (width, height), GREEN)
    if width > height:
        image.paste(RED, (0, 0, width // 3, height))
        image.paste(BLUE, (width - width // 3, 0, width, height))
    else:
        image.paste(RED, (0, 0, width, height // 3))
        image.paste(BLUE, (0, height - height // 3, width, height))
    return written(image, "PNG")


@pytest.mark.parametrize("size", [(60, 20), (20, 60), (120, 40), (15, 45)])
def test_cover_crops_evenly_what_stands_over(size: tuple[int, int]) -> None:
    image = drawn(canvas(picture_layer()), {ID: stripes(*size)})
    assert all(near(found, GREEN, 10) for found in quarter_colours(image))
    assert changed(image) == (0, 0, 20, 20)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((60, 20), (10, 17, 30, 24)), ((20, 60), (17, 10, 24, 30)), ((6, 2), (10, 17, 30, 24))],
)
@pytest.mark.parametrize("scale", [1, 2])
def test_contain_shows_all_in_the_middle(
    size: tuple[int, int], expected: tuple[int, int, int, int], scale: int
) -> None:
    layer = picture_layer(x=10, y=10, fit="contain")
    image = drawn(canvas(layer, scale=scale, background="#000000"), {ID: stripes(*size)})
    found = changed(image, BLACK)
    assert found is not None
    assert near(found, tuple(side * scale for side in expected), scale)
    middle = (found[0] + found[2]) // 2, (found[1] + found[3]) // 2
    assert near(pixel(image, *middle), GREEN, 40)
    assert near(pixel(image, found[0] + 1, found[1] + 1), RED, 60)
    assert near(pixel(image, found[2] - 2, found[3] - 2), BLUE, 60)


@pytest.mark.parametrize("fit", ["cover", "contain"])
@pytest.mark.parametrize("size", [(6000, 1), (1, 6000)])
def test_a_picture_thin_as_a_hair_is_drawn(size: tuple[int, int], fit: str) -> None:
    data = written(Image.new("RGB", size, RED), "PNG")
    image = drawn(canvas(picture_layer(fit=fit, radius=4)), {ID: data})
    assert changed(image) == ((0, 0, 20, 20) if fit == "cover" else None)


def test_a_transparent_picture_lets_the_background_through() -> None:
    data = Image.new("RGBA", (20, 20), (*GREEN, 0))
    data.paste((*RED, 255), (0, 0, 10, 20))
    data.paste((*BLUE, 128), (10, 0, 15, 20))
    for radius in (0, 2):
        image = drawn(canvas(picture_layer(radius=radius)), {ID: written(data, "PNG")})
        found = [pixel(image, x, 10) for x in (5, 12, 17)]
        assert found == [RED, (127, 127, 255), WHITE]


def test_the_colour_of_transparent_pixels_does_not_bleed() -> None:
    data = Image.new("RGBA", (60, 60), (*GREEN, 0))
    data.paste((*RED, 255), (0, 0, 31, 60))
    image = drawn(canvas(picture_layer(), background="#FF0000"), {ID: written(data, "PNG")})
    assert changed(image, RED) is None


@pytest.mark.parametrize("fit", ["cover", "contain"])
def test_a_picture_has_round_corners(fit: str) -> None:
    data = written(Image.new("RGB", (30, 30), RED), "PNG")
    image = drawn(canvas(picture_layer(radius=8, fit=fit), scale=2), {ID: data})
    shape = drawn(canvas(shape_layer(width=20, height=20, radius=8), scale=2))
    assert image.tobytes() == shape.tobytes()


def test_a_round_picture_may_have_any_size_that_a_layer_may_have() -> None:
    layer = picture_layer(width=700, height=100, radius=10)
    data = written(Image.new("RGB", (70, 10), RED), "PNG")
    image = drawn(canvas(layer, width=700, height=100, scale=3), {ID: data})
    assert pixel(image, 0, 0) == pixel(image, 2099, 299) == WHITE
    assert pixel(image, 1050, 150) == RED


def test_a_picture_keeps_its_own_pixels_at_scale_two() -> None:
    board = Image.new("L", (40, 40))
    board.putdata([255 * ((x + y) % 2) for y in range(40) for x in range(40)])
    data = {ID: written(board, "PNG")}
    sharp = drawn(canvas(picture_layer(), width=20, height=20, scale=2), data)
    assert sharp.tobytes() == board.convert("RGB").tobytes()
    plain = drawn(canvas(picture_layer(), width=20, height=20), data)
    assert all(near(pixel(plain, x, x), (127, 127, 127), 6) for x in range(20))


@pytest.mark.parametrize("fit", ["cover", "contain"])
@pytest.mark.parametrize(
    ("crop", "colours"),
    [
        ({}, {RED, GREEN, BLUE, WHITE}),
        ({"right": 0.5, "bottom": 0.5}, {RED}),
        ({"left": 0.5, "bottom": 0.5}, {GREEN}),
        ({"right": 0.5, "top": 0.5}, {BLUE}),
        ({"left": 0.99, "right": 1, "bottom": 0.01}, {GREEN}),
    ],
)
def test_a_crop_shows_a_part_alone(fit: str, crop: dict[str, float], colours: set[Pixel]) -> None:
    image = drawn(canvas(picture_layer(fit=fit, crop=crop)), {ID: written(quadrants(), "PNG")})
    shown = image.crop((0, 0, 20, 20))
    assert set(quarter_colours(shown)) == colours


@pytest.mark.parametrize(
    "crop",
    [{"left": 0.5, "right": 0.5}, {"top": 0.6, "bottom": 0.4}, {"left": 1}, {"right": 1.1}],
)
def test_a_crop_leaves_something(crop: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=r"left is less than right|less than or equal to 1"):
        picture_layer(crop=crop)


@pytest.mark.parametrize(
    ("size", "focus", "colour"),
    [
        ((60, 20), {"x": 0}, RED),
        ((60, 20), {}, GREEN),
        ((60, 20), {"x": 1}, BLUE),
        ((20, 60), {"y": 0}, RED),
        ((20, 60), {"x": 1}, GREEN),
        ((20, 60), {"y": 1}, BLUE),
    ],
)
def test_the_focus_stays_in_sight(
    size: tuple[int, int], focus: dict[str, float], colour: Pixel
) -> None:
    image = drawn(canvas(picture_layer(focus=focus)), {ID: stripes(*size)})
    assert all(near(found, colour, 10) for found in quarter_colours(image))


def test_a_focus_is_that_of_the_part_that_is_shown() -> None:
    layer = picture_layer(crop={"left": 1 / 3}, focus={"x": 0})
    image = drawn(canvas(layer), {ID: stripes(60, 20)})
    assert all(near(found, GREEN, 10) for found in quarter_colours(image))


@pytest.mark.parametrize(
    ("opacity", "expected"), [(0, WHITE), (0.5, (255, 127, 127)), (0.999, RED), (1, RED)]
)
@pytest.mark.parametrize("radius", [0, 3])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_opacity_lets_the_background_through(
    opacity: float, expected: Pixel, radius: int, mode: str
) -> None:
    data = {ID: written(Image.new(mode, (9, 9), RED), "PNG")}
    image = drawn(canvas(picture_layer(opacity=opacity, radius=radius)), data)
    assert near(pixel(image, 10, 10), expected, 2)


def test_the_picture_of_a_product_is_the_one_looked_up() -> None:
    layer = picture_layer(picture="{{ product['vip-trip'].picture }}")
    looked_up = {"product.vip-trip.picture": OTHER}.get
    assert filled(canvas(layer), looked_up).assets == (OTHER,)
    assert contents(layer, looked_up) == (OTHER,)


def test_a_picture_of_one_pixel_fills_any_box() -> None:
    data = {ID: written(Image.new("RGB", (1, 1), RED), "PNG")}
    for crop in ({}, {"left": 0.3, "right": 0.4, "top": 0.9}):
        image = drawn(canvas(picture_layer(crop=crop)), data)
        assert amount_of(image, RED) == 400
