import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from renderers.encode import BY_EXTENSION, LAST_RESORT, MEDIA_TYPES, ImageType, encode
from tests.renderers.support import RED, WHITE, law, opened, pixel, quadrants, written

FORMATS = {ImageType.PNG: "PNG", ImageType.JPG: "JPEG", ImageType.GIF: "GIF"}
every_type = pytest.mark.parametrize("kind", ImageType)


@st.composite
def pictures(draw: st.DrawFn) -> Image.Image:
    """Small, of arbitrary pixels."""
    width, height = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    size = width * height * 3
    return Image.frombytes("RGB", (width, height), draw(st.binary(min_size=size, max_size=size)))


def noise(width: int, height: int) -> Image.Image:
    """A picture that JPEG cannot make small."""
    values = random.Random(1).choices((0, 255), k=width * height * 3)
    return Image.frombytes("RGB", (width, height), bytes(values))


@law
@given(pictures())
def test_a_png_holds_every_pixel_exactly(image: Image.Image) -> None:
    found = opened(encode(image, ImageType.PNG))
    assert (found.mode, found.size, found.tobytes()) == ("RGB", image.size, image.tobytes())


@law
@given(pictures(), st.sampled_from(ImageType))
@example(noise(300, 200), ImageType.JPG).via(
    "more bytes than pixels, which Pillow refuses at first"
)
def test_every_file_is_valid_and_of_the_right_type_and_size(
    image: Image.Image, kind: ImageType
) -> None:
    found = opened(encode(image, kind))
    assert (found.format, found.size) == (FORMATS[kind], image.size)
    assert Image.MIME[FORMATS[kind]] == MEDIA_TYPES[kind]


@every_type
def test_colours_come_through(kind: ImageType) -> None:
    image = quadrants(64)
    found = opened(encode(image, kind)).convert("RGB")
    worst = max(high for _, high in ImageChops.difference(image, found).getextrema())  # type: ignore[misc]
    assert worst <= (40 if kind is ImageType.JPG else 0)


@every_type
def test_the_same_picture_gives_the_same_bytes(kind: ImageType) -> None:
    assert encode(quadrants(), kind) == encode(quadrants(), kind)


def test_a_calm_jpeg_is_optimised() -> None:
    plain = written(quadrants(200), "JPEG", quality=88, subsampling=0)
    assert len(encode(quadrants(200), ImageType.JPG)) < len(plain)


def test_a_busy_jpeg_is_as_good_as_a_calm_one() -> None:
    image = noise(300, 200)
    calm, busy = (
        opened(encode(picture, ImageType.JPG)) for picture in (image.crop((0, 0, 64, 64)), image)
    )
    assert busy.quantization == calm.quantization  # type: ignore[attr-defined]


def test_types_are_found_by_extension() -> None:
    assert {kind.value: kind for kind in ImageType} == BY_EXTENSION
    assert BY_EXTENSION["jpg"] is ImageType.JPG
    assert set(MEDIA_TYPES) == set(ImageType)


@every_type
def test_the_last_resort_is_one_pixel_that_nobody_sees(kind: ImageType) -> None:
    image = opened(LAST_RESORT[kind])
    assert (image.format, image.size) == (FORMATS[kind], (1, 1))
    over = Image.new("RGBA", (1, 1), WHITE if kind is ImageType.JPG else RED)
    seen = Image.alpha_composite(over, image.convert("RGBA"))
    assert pixel(seen, 0, 0)[:3] == pixel(over, 0, 0)[:3]
