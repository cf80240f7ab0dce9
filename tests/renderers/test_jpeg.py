"""JPEG files of which one band is new."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from renderers.jpeg import BLOCK, Surroundings
from tests import programs
from tests.renderers.support import law, quadrants, written

OPTIONS = {"quality": 88, "subsampling": 0}


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 60).convert("RGB")


@law
@given(st.data(), st.integers(1, 120), st.integers(1, 200))
def test_a_joined_picture_is_decoded_as_one_that_was_encoded_whole(
    data: st.DataObject, width: int, height: int
) -> None:
    blocks = -(-height // BLOCK)
    first = data.draw(st.integers(0, blocks - 1))
    last = data.draw(st.integers(first + 1, blocks))
    top, bottom = first * BLOCK, min(height, last * BLOCK)
    left = data.draw(st.integers(0, width))
    right = data.draw(st.integers(left, width))
    image, new = noise(width, height), noise(right - left, bottom - top)
    band = image.crop((0, top, width, bottom))
    band.paste(new, (left, 0))
    joined = Surroundings(image, top, bottom, left, right).file(band)
    image.paste(band, (0, top))
    whole = written(image, "JPEG", **OPTIONS)
    made, plain = (Image.open(BytesIO(one)) for one in (joined, whole))
    assert made.size == plain.size
    assert made.tobytes() == plain.tobytes()


@pytest.mark.parametrize(("top", "bottom"), [(0, 64), (104, 168), (240, 300), (0, 300)])
def test_other_programs_find_no_fault_with_it(tmp_path: Path, top: int, bottom: int) -> None:
    image = quadrants(300).resize((600, 300))
    joined, pixels = tmp_path / "joined.jpg", tmp_path / "joined.ppm"
    joined.write_bytes(Surroundings(image, top, bottom, 0, 600).file(noise(600, bottom - top)))
    told = programs.ask("jpeginfo", "jpeginfo", "-c", joined)
    assert "600 x  300" in told
    assert "OK" in told
    programs.ask("libjpeg-turbo-progs", "djpeg", "-strict", "-outfile", pixels, joined)
    with Image.open(pixels) as image:
        assert image.size == (600, 300)
