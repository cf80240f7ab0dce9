"""GIF files out of parts."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from renderers import gif
from tests import programs
from tests.renderers.support import law

GREYS = bytes(part for shade in range(128) for part in (2 * shade, 2 * shade, 2 * shade))
few_colours = st.integers(0, 3)
all_colours = st.integers(0, 127)


def numbered(width: int, height: int, pixels: bytes) -> Image.Image:
    image = Image.frombytes("P", (width, height), pixels)
    image.putpalette(GREYS)
    return image


def whole(width: int, height: int, *images: bytes) -> bytes:
    return b"".join((gif.header(width, height, GREYS), *images, gif.TRAILER))


def read(data: bytes) -> bytes:
    image = Image.open(BytesIO(data))
    image.load()
    return image.tobytes()


@law
@given(
    st.data(), st.integers(1, 40), st.integers(1, 12), st.sampled_from((few_colours, all_colours))
)
def test_runs_can_be_joined_wherever_they_are_cut(
    data: st.DataObject, width: int, height: int, colours: st.SearchStrategy[int]
) -> None:
    size = width * height
    pixels = bytes(data.draw(st.lists(colours, min_size=size, max_size=size)))
    cuts = data.draw(
        st.lists(st.integers(1, max(1, size - 1)), max_size=6, unique=True).map(sorted)
    )
    ends = [0, *(cut for cut in cuts if cut < size), size]
    runs = [gif.run(pixels[start:end]) for start, end in pairwise(ends)]
    assert read(whole(width, height, gif.image((0, 0, width, height), runs))) == pixels


@pytest.mark.parametrize("length", [1, 125, 126, 127, 128, 254, 255, 256, 8001, 8002, 40_000])
@pytest.mark.parametrize("period", [1, 2, 127, 128])
def test_a_run_may_be_of_any_length(length: int, period: int) -> None:
    pixels = bytes(place % period for place in range(length))
    assert read(whole(length, 1, gif.image((0, 0, length, 1), [gif.run(pixels)]))) == pixels


def test_what_is_of_one_colour_is_small() -> None:
    assert len(gif.run(bytes(120_000))) < 2000


def test_a_packed_image_has_the_same_pixels() -> None:
    pixels = bytes((x // 9 + y // 9) % 128 for y in range(30) for x in range(50))
    image = numbered(50, 30, pixels)
    packed = gif.packed_image((0, 0, 50, 30), image)
    assert read(whole(50, 30, packed)) == pixels
    assert len(packed) < len(gif.image((0, 0, 50, 30), [gif.run(pixels)]))


def test_frames_stay_for_their_time_and_are_drawn_where_they_belong(tmp_path: Path) -> None:
    first = gif.image((0, 0, 20, 10), [gif.run(bytes(200))])
    second = gif.image((3, 2, 7, 5), [gif.run(bytes([5] * 12))])
    file = tmp_path / "two.gif"
    file.write_bytes(whole(20, 10, gif.control(100), first, gif.control(6000), second))
    told = programs.ask("gifsicle", "gifsicle", "--info", file)
    assert "logical screen 20x10" in told
    assert "global color table [128]" in told
    assert "image #1 4x3 at 3,2" in told
    assert told.count("disposal asis delay") == 2
    assert "delay 1.00s" in told
    assert "delay 60.00s" in told
    assert "loop" not in told
