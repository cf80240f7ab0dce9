"""What passes for the same picture, and what does not."""

from random import Random

import pytest
from PIL import Image, ImageDraw

from renderers.fonts import Font, shipped
from tests.renderers import gallery
from tests.renderers.likeness import difference
from tests.renderers.support import opened, written

SIZE = (420, 80)
SAID = "Enää 7 paikkaa, klo 18.00"
INKS = (("#1B2A49", "#FFFFFF"), ("#5B6472", "#FFFFFF"), ("#E6E9F5", "#14213D"))
"""Dark on white, grey on white, and light on dark."""
fonts = pytest.mark.parametrize("font", [Font.REGULAR, Font.SEMIBOLD, Font.DISPLAY, Font.SERIF])
sizes = pytest.mark.parametrize("size", [14, 22, 34])
inks = pytest.mark.parametrize(("ink", "ground"), INKS)


def word(
    text: str, font: Font, size: int, ink: str, ground: str, at: tuple[int, int] = (20, 10)
) -> Image.Image:
    image = Image.new("RGB", SIZE, ground)
    ImageDraw.Draw(image).text(at, text, ink, shipped(font).at(size))
    return image


def smoothed_otherwise(image: Image.Image, ground: str, most: int) -> Image.Image:
    """Each place at the edges of letters is lighter or darker by up to so much of 255."""
    chance, other = Random(7), image.copy()
    plain = Image.new("RGB", (1, 1), ground).getpixel((0, 0))
    for y in range(image.height):
        for x in range(image.width):
            colour = image.getpixel((x, y))
            assert isinstance(colour, tuple)
            if colour != plain:
                by = chance.randint(-most, most)
                other.putpixel((x, y), tuple(min(255, max(0, part + by)) for part in colour))
    return other


@fonts
@sizes
@inks
def test_another_smoothing_of_edges_passes(font: Font, size: int, ink: str, ground: str) -> None:
    one = word(SAID, font, size, ink, ground)
    assert not difference(one, smoothed_otherwise(one, ground, 25)).is_seen


@fonts
@sizes
@inks
@pytest.mark.parametrize("at", [(21, 10), (20, 11)])
def test_a_word_a_pixel_off_does_not(
    font: Font, size: int, ink: str, ground: str, at: tuple[int, int]
) -> None:
    one, other = (word(SAID, font, size, ink, ground, place) for place in ((20, 10), at))
    assert difference(one, other).is_seen


@fonts
@sizes
@inks
@pytest.mark.parametrize(
    "said",
    [
        "Enää 7 paikkaa, klo 18.0",
        "Enää 7 paikkaa, klo 18 00",
        "Enaä 7 paikkaa, klo 18.00",
        "Enää 1 paikkaa, klo 18.00",
    ],
)
def test_a_letter_that_is_missing_or_another_does_not(
    font: Font, size: int, ink: str, ground: str, said: str
) -> None:
    one, other = (word(text, font, size, ink, ground) for text in (SAID, said))
    assert difference(one, other).is_seen


@pytest.mark.parametrize("sample", gallery.SAMPLES, ids=lambda sample: sample.name)
def test_what_is_packed_passes_for_what_was_drawn(sample: gallery.Sample) -> None:
    drawn = sample.image("et", 1)
    assert not difference(drawn, opened(gallery.packed(drawn)).convert("RGB")).is_seen
    jpeg = written(drawn, "JPEG", quality=88, subsampling=0)
    assert not difference(drawn, opened(jpeg)).is_seen


def test_another_shade_of_a_ground_does_not() -> None:
    one, other = (Image.new("RGB", SIZE, colour) for colour in ("#F4EFE6", "#F4ECE6"))
    assert difference(one, other).is_seen


def test_a_difference_says_how_much_and_shows_where() -> None:
    one = Image.new("RGB", SIZE, "#FFFFFF")
    other = one.copy()
    other.paste((0, 0, 0), (40, 30, 60, 50))
    found = difference(one, other)
    assert str(found).startswith("largest 255 (at most ")
    assert found.shown.getpixel((50, 40)) == 255
    assert found.shown.getpixel((10, 10)) == 0
    assert difference(one, one).shown.getbbox() is None
