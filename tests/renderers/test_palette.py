"""Pictures with a palette."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from renderers import palette
from tests.renderers.support import (
    WHITE,
    canvas,
    drawn,
    law,
    pixel,
    quadrants,
    shape_layer,
    text_layer,
)

INK, GROUND = "#1B2A49", "#F3F6FB"
colours = st.tuples(*[st.integers(0, 255)] * 3)
near_ones = st.tuples(*[st.integers(120, 128)] * 3)


@st.composite
def pictures(draw: st.DrawFn, most: int = palette.MOST) -> Image.Image:
    """Of at most so many colours, far from each other or as near as can be."""
    known = draw(st.lists(draw(st.sampled_from([colours, near_ones])), min_size=1, max_size=most))
    width, height = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    picked = draw(st.lists(st.sampled_from(known), min_size=1, max_size=width * height))
    many = (picked * (width * height))[: width * height]
    return Image.frombytes("RGB", (width, height), b"".join(map(bytes, many)))


def noise(width: int, height: int) -> Image.Image:
    """Hardly two pixels of one colour."""
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))


def only(colour: Any, image: Image.Image) -> bool:
    """Whether a picture is all of one colour."""
    return image.getcolors() == [(image.width * image.height, colour)]


def advertisement() -> Image.Image:
    """Texts of three colours and a button on a flat ground: some hundreds of colours."""
    return drawn(
        canvas(
            text_layer(text="Your parcel", x=20, y=10, width=260, height=60, size=36, colour=INK),
            text_layer(
                text="is on its way", x=20, y=70, width=260, height=40, size=20, colour="#B03060"
            ),
            shape_layer(x=20, y=110, width=120, height=34, colour="#1C8A6B", radius=17),
            text_layer(text="Track", x=40, y=116, width=90, height=24, size=16, colour="#FFF4C0"),
            shape_layer(x=150, y=110, width=120, height=34, colour="#E4572E80", radius=17),
            width=300,
            height=150,
            scale=2,
            background=GROUND,
        )
    )  # fmt: skip


def ramp(*ends: tuple[str, str], width: int = 256) -> Image.Image:
    """From colour to colour, each a stripe, as smooth as can be."""
    image = Image.new("RGB", (width, 40 * len(ends)))
    for number, (start, end) in enumerate(ends):
        slope = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
        stripe = Image.composite(
            Image.new("RGB", (256, 256), end), Image.new("RGB", (256, 256), start), slope
        )
        image.paste(stripe.resize((width, 40)), (0, 40 * number))
    return image


@law
@given(pictures())
def test_few_colours_are_kept_exactly(image: Image.Image) -> None:
    shown = palette.exact(image)
    assert shown is not None
    assert (shown.mode, shown.size) == ("P", image.size)
    assert shown.convert("RGB").tobytes() == image.tobytes()
    counted = image.getcolors()
    assert counted is not None
    assert len(shown.getpalette() or ()) == 3 * len(counted)


def test_of_256_colours_that_are_as_near_as_can_be_all_are_kept() -> None:
    values = [(r, g, b) for r in range(8) for g in range(8) for b in range(4)]
    image = Image.frombytes("RGB", (16, 16), b"".join(map(bytes, values)))
    shown = palette.exact(image)
    assert shown is not None
    assert shown.convert("RGB").tobytes() == image.tobytes()


def test_more_colours_are_not_kept_exactly() -> None:
    assert palette.exact(noise(40, 40)) is None


def test_an_advertisement_looks_the_same_with_a_palette() -> None:
    image = advertisement()
    assert len(image.getcolors(10_000) or ()) > palette.MOST
    shown = palette.alike(image)
    assert shown is not None
    assert shown.mode == "P"
    assert pixel(shown.convert("RGB"), 0, 0) == pixel(image, 0, 0)
    off = ImageChops.difference(image, shown.convert("RGB"))
    assert max(ImageStat.Stat(off).mean) < 0.2


def test_the_most_frequent_colour_is_kept_exactly_among_those_that_are_near() -> None:
    image = Image.new("RGB", (100, 100), (243, 246, 251))
    for x in range(20):
        for y in range(20):
            image.putpixel((x, y), (240 + x % 4, 244 + y % 4, 240 + (x + y) % 12))
    for x in range(30):
        for y in range(20, 40):
            image.putpixel((x, y), (8 * x, 6 * y, x + y))
    shown = palette.few(image, 32, dithered=True).convert("RGB")
    assert only((243, 246, 251), shown.crop((40, 50, 100, 100)))


@pytest.mark.parametrize(
    "image",
    [
        noise(300, 200),
        ramp(("#000000", "#FFFFFF"), ("#FF0040", "#00C0FF"), ("#204080", "#F0A030"),
             ("#003010", "#80FF90"), ("#600000", "#FF8000"), ("#101040", "#A0A0FF")),
    ],
    ids=["a photograph", "gradients in many colours"],
)  # fmt: skip
def test_what_would_be_seen_gets_no_palette(image: Image.Image) -> None:
    assert palette.alike(image) is None


def test_a_picture_looks_like_itself() -> None:
    assert palette.look_alike(quadrants(40), quadrants(40))
    assert palette.look_alike(noise(40, 40), noise(40, 40))


def test_an_area_of_another_colour_is_seen() -> None:
    image = Image.new("RGB", (100, 100), GROUND)
    for other, same in (("#F3F6FF", True), ("#E9ECF1", False), ("#F3E9FB", False)):
        changed = image.copy()
        changed.paste(other, (40, 40, 50, 50))
        assert palette.look_alike(image, changed) is same


def test_bands_are_seen() -> None:
    smooth = ramp(("#203060", "#405080"))
    coarse, fine = (
        smooth.point([value // step * step for value in range(256)] * 3) for step in (8, 2)
    )
    assert not palette.look_alike(smooth, coarse)
    assert palette.look_alike(smooth, fine)


def test_beside_an_edge_less_is_seen() -> None:
    striped, flat = Image.new("RGB", (64, 64), WHITE), Image.new("RGB", (64, 64), WHITE)
    pen = ImageDraw.Draw(striped)
    for x in range(0, 64, 2):
        pen.line((x, 0, x, 63), fill=INK)
    for image, same in ((striped, True), (flat, False)):
        assert palette.look_alike(image, image.point(lambda value: max(0, value - 4))) is same


@law
@given(pictures(most=600), st.sampled_from((2, 3, 16, 32, 64, 128, 256)), st.booleans())
def test_no_more_colours_than_asked_for(image: Image.Image, most: int, dithered: bool) -> None:
    shown = palette.few(image, most, dithered=dithered)
    assert (shown.mode, shown.size) == ("P", image.size)
    assert len(shown.getpalette() or ()) <= 3 * most
    assert max(shown.tobytes()) < most
    assert len(shown.convert("RGB").getcolors() or ()) <= most


def test_dithering_keeps_the_brightness_of_areas() -> None:
    image = ramp(("#203060", "#C0A080"), ("#402020", "#90D0B0"))
    plain, dithered = (
        ImageChops.difference(
            image.reduce(8), palette.few(image, 16, dithered=dithered).convert("RGB").reduce(8)
        )
        for dithered in (False, True)
    )
    assert sum(ImageStat.Stat(dithered).mean) < 0.7 * sum(ImageStat.Stat(plain).mean)


def test_flat_colours_are_not_dithered() -> None:
    image = ramp(("#203060", "#C0A080"), ("#402020", "#90D0B0"))
    image.paste(GROUND, (0, 0, 256, 30))
    shown = palette.few(image, 32, dithered=True).convert("RGB")
    assert only(pixel(image, 0, 0), shown.crop((0, 0, 256, 30)))


def test_a_large_picture_is_learned_from_a_sample() -> None:
    image = advertisement().resize((1500, 750), Image.Resampling.BICUBIC)
    shown = palette.alike(image)
    assert shown is not None
    assert shown.size == image.size
