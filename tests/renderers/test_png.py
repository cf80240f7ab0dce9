"""PNG files of which one band is new."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from renderers.png import Surroundings
from tests import programs
from tests.renderers.support import law, quadrants


def noise(width: int, height: int, spread: float = 60) -> Image.Image:
    return Image.effect_noise((width, height), spread).convert("RGB")


@law
@given(st.data(), st.integers(1, 60), st.integers(1, 60), st.booleans())
def test_a_joined_picture_has_the_pixels_of_its_parts(
    data: st.DataObject, width: int, height: int, noisy: bool
) -> None:
    top = data.draw(st.integers(0, height - 1))
    bottom = data.draw(st.integers(top + 1, height))
    image = noise(width, height) if noisy else quadrants(60).resize((width, height))
    band = noise(width, bottom - top, 90)
    made = Image.open(BytesIO(Surroundings(image, top, bottom).file(band)))
    image.paste(band, (0, top))
    assert (made.mode, made.size) == ("RGB", (width, height))
    assert made.tobytes() == image.tobytes()


@pytest.mark.parametrize(("top", "bottom"), [(0, 64), (100, 164), (236, 300), (0, 300)])
def test_other_programs_find_no_fault_with_it(tmp_path: Path, top: int, bottom: int) -> None:
    image = quadrants(300).resize((600, 300))
    file = tmp_path / "joined.png"
    file.write_bytes(Surroundings(image, top, bottom).file(noise(600, bottom - top)))
    told = programs.ask("pngcheck", "pngcheck", file)
    assert told.startswith("OK:")
    assert "600x300, 24-bit RGB" in told
