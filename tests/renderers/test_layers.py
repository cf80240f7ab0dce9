"""Backgrounds, pictures, shapes and texts, as they are painted."""

from typing import Any

import pytest
from PIL import Image, ImageChops

from renderers.fields import Gradient
from renderers.pen import MissingAssetError
from tests.renderers.support import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    Pixel,
    canvas,
    drawn,
    picture_layer,
    pixel,
    quadrants,
    shape_layer,
    text_layer,
    written,
)

ID, OTHER = "0" * 32, "1" * 32


def near(found: Pixel, expected: Pixel, tolerance: int = 3) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True))


def changed(image: Image.Image, background: Pixel = WHITE) -> tuple[int, int, int, int] | None:
    """The box of all pixels that differ from the background."""
    return ImageChops.difference(image, Image.new("RGB", image.size, background)).getbbox()


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_background_fills_the_canvas(scale: int) -> None:
    image = drawn(canvas(width=30, height=20, scale=scale, background="#102030"))
    assert (image.mode, image.size) == ("RGB", (30 * scale, 20 * scale))
    assert changed(image, (0x10, 0x20, 0x30)) is None


@pytest.mark.parametrize("size", [1, 2, 40, 600])
def test_a_gradient_goes_from_its_start_to_its_end(size: int) -> None:
    ends = Gradient(start="#FF0000", end="#0000FF")
    down = drawn(canvas(width=10, height=size, background=ends))
    right_ends = ends.model_copy(update={"towards": "right"})
    right = drawn(canvas(width=size, height=10, background=right_ends))
    column = [pixel(down, 5, y) for y in range(size)]
    assert column == [pixel(right, x, 5) for x in range(size)]
    assert [red for red, _, _ in column] == sorted((red for red, _, _ in column), reverse=True)
    assert len({pixel(down, x, size // 2) for x in range(10)}) == 1
    if size > 2:
        assert near(column[0], RED, 4)
        assert near(column[-1], BLUE, 4)
        assert near(column[size // 2], (127, 0, 127), 5)


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


def greys(image: Image.Image) -> float:
    """The part of the ink's pixels that is neither ink nor ground: how blurred edges are."""
    counts = image.convert("L").histogram()
    return sum(counts[32:224]) / sum(counts[:224])


@pytest.mark.parametrize(
    "layer",
    [
        text_layer(text="Matka", width=60, height=30, size=18),
        shape_layer(width=37, height=29, radius=14),
    ],
    ids=["text", "shape"],
)
@pytest.mark.parametrize("scale", [2, 3])
def test_a_larger_scale_is_really_sharper(layer: Any, scale: int) -> None:
    layer = layer.model_copy(update={"colour": "#000000"})
    once, sharp = (drawn(canvas(layer, width=60, scale=number)) for number in (1, scale))
    blurred = once.resize(sharp.size, Image.Resampling.BICUBIC)
    assert greys(sharp) < greys(blurred) * 0.75
    small = sharp.reduce(scale)
    assert changed(once) is not None
    difference = ImageChops.difference(small, once).convert("L")
    assert sum(value * count for value, count in enumerate(difference.histogram())) < 60 * 40 * 12


def test_a_picture_keeps_its_own_pixels_at_scale_two() -> None:
    board = Image.new("L", (40, 40))
    board.putdata([255 * ((x + y) % 2) for y in range(40) for x in range(40)])
    data = {ID: written(board, "PNG")}
    sharp = drawn(canvas(picture_layer(), width=20, height=20, scale=2), data)
    assert sharp.tobytes() == board.convert("RGB").tobytes()
    plain = drawn(canvas(picture_layer(), width=20, height=20), data)
    assert all(near(pixel(plain, x, x), (127, 127, 127), 6) for x in range(20))


def test_a_missing_picture_is_told_by_its_id() -> None:
    with pytest.raises(MissingAssetError, match=OTHER):
        drawn(canvas(picture_layer(picture=OTHER)), {ID: b""})
