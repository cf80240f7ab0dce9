"""Damaged pictures: each is taken and decodes, or is refused in words."""

import struct
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from renderers.picture import LONGEST_SIDE
from tests.fuzz.damage import (
    by_parts,
    damaged,
    gif_apart,
    gif_together,
    jpeg_apart,
    jpeg_together,
    png_apart,
    png_together,
    webp_apart,
    webp_together,
)
from tests.fuzz.reader import Reader
from tests.renderers.support import law, quadrants, written
from tests.renderers.test_picture import exif

LARGE = 30_000


def frames(count: int, side: int = 20) -> list[Image.Image]:
    return [Image.new("RGB", (side, side), (n % 256, n // 256, 90)) for n in range(count)]


def animated(format_: str, count: int, side: int = 20) -> bytes:
    first, *others = frames(count, side)
    return written(first, format_, save_all=True, append_images=others, duration=50)


TEXT = PngImagePlugin.PngInfo()
TEXT.add_text("Comment", "a text", zip=True)
PNG = [
    written(quadrants(mode="RGBA"), "PNG", pnginfo=TEXT),
    written(quadrants().quantize(4), "PNG", transparency=0),
    animated("PNG", 3),
]
JPEG = [
    written(quadrants(), "JPEG"),
    written(quadrants(), "JPEG", progressive=True, exif=exif(6)),
    written(quadrants().convert("CMYK"), "JPEG"),
]
GIF = [written(quadrants(), "GIF", transparency=1), animated("GIF", 3)]
WEBP = [
    written(quadrants(mode="RGBA"), "WEBP", lossless=True),
    written(quadrants(mode="RGBA"), "WEBP", exif=exif(6)),
    animated("WEBP", 3),
]
FILES = [*PNG, *JPEG, *GIF, *WEBP]


@pytest.mark.parametrize("data", FILES)
def test_without_damage_they_are_taken(reader: Reader, data: bytes) -> None:
    assert reader.read("picture", data).refused is None


@pytest.mark.parametrize(
    ("files", "apart", "together"),
    [
        (PNG, png_apart, png_together),
        (JPEG, jpeg_apart, jpeg_together),
        (GIF, gif_apart, gif_together),
        (WEBP, webp_apart, webp_together),
    ],
)
def test_taking_apart_loses_nothing(
    files: Sequence[bytes], apart: object, together: object
) -> None:
    assert callable(apart)
    assert callable(together)
    assert [together(apart(data)) for data in files] == list(files)


@law
@given(st.one_of(*map(damaged, (PNG, JPEG, GIF, WEBP))) | damaged(FILES))
@example(b"")
def test_damage_anywhere(reader: Reader, data: bytes) -> None:
    reader.read("picture", data)


@law
@given(by_parts(PNG, png_apart, png_together))
def test_damaged_chunks_of_a_png(reader: Reader, data: bytes) -> None:
    reader.read("picture", data)


@law
@given(by_parts(JPEG, jpeg_apart, jpeg_together))
def test_damaged_segments_of_a_jpeg(reader: Reader, data: bytes) -> None:
    reader.read("picture", data)


@law
@given(by_parts(GIF, gif_apart, gif_together))
def test_damaged_blocks_of_a_gif(reader: Reader, data: bytes) -> None:
    reader.read("picture", data)


@law
@given(by_parts(WEBP, webp_apart, webp_together))
def test_damaged_chunks_of_a_webp(reader: Reader, data: bytes) -> None:
    reader.read("picture", data)


def patched(data: bytes, at: int, format_: str, *values: int) -> bytes:
    whole = bytearray(data)
    struct.pack_into(format_, whole, at, *values)
    return bytes(whole)


def png_saying(width: int, height: int) -> bytes:
    head, *others = png_apart(PNG[0])
    return png_together([(head[0], patched(head[1], 0, ">II", width, height)), *others])


def jpeg_saying(data: bytes, width: int, height: int) -> bytes:
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return patched(data, frame + 5, ">HH", height, width)


def gif_saying(width: int, height: int, place: int = 6) -> bytes:
    return patched(GIF[0], place, "<HH", width, height)


def webp_saying(width: int, height: int) -> bytes:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    head, *others = webp_apart(WEBP[2])
    return webp_together([(head[0], head[1][:4] + sizes), *others])


LARGEST = 16_383
"""Of a side of a WebP, but for the sides of an animation."""
BOMBS = {
    "png": png_saying(LARGE, LARGE),
    "wide png": png_saying(2**31 - 1, 1),
    "jpeg": jpeg_saying(JPEG[0], LARGE, LARGE),
    "progressive jpeg": jpeg_saying(JPEG[1], LARGE, LARGE),
    "jpeg for print": jpeg_saying(JPEG[2], 65_535, 65_535),
    "gif": gif_saying(LARGE, LARGE),
    "gif frame": gif_saying(LARGE, LARGE, GIF[0].index(b"\x2c\0\0\0\0") + 5),
    "webp": webp_saying(LARGE, LARGE),
    "lossless webp": patched(
        written(quadrants(), "WEBP", lossless=True), 21, "<I", LARGEST | LARGEST << 14
    ),
    "lossy webp": patched(written(quadrants(), "WEBP"), 26, "<HH", LARGEST, LARGEST),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_a_head_of_a_large_picture_is_refused_before_memory_is_taken(data: bytes) -> None:
    with Reader() as fresh:
        assert fresh.read("picture", FILES[0]).refused is None
        outcome = fresh.read("picture", data)
    assert outcome.refused is not None
    assert len(data) < 2000
    assert outcome.megabytes < 8
    assert outcome.seconds < 0.5


def zipped(size: int) -> bytes:
    """So many zeros."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()


@pytest.fixture(scope="module")
def much() -> bytes:
    return zipped(2**28)


def test_pixels_that_are_more_than_the_picture_are_not_unpacked(much: bytes) -> None:
    head, *_ = png_apart(written(Image.new("RGB", (100, 100)), "PNG"))
    data = png_together([head, (b"IDAT", much), (b"IEND", b"")])
    with Reader() as fresh:
        outcome = fresh.read("picture", data)
    assert outcome.refused is None
    assert outcome.megabytes < 16


@pytest.mark.parametrize(
    ("name", "head"), [(b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0")]
)
def test_texts_of_a_png_are_not_unpacked(much: bytes, name: bytes, head: bytes) -> None:
    first, *others = png_apart(PNG[0])
    data = png_together([first, *[(name, head + much)] * 3, *others])
    with Reader() as fresh:
        outcome = fresh.read("picture", data)
    assert outcome.megabytes < 32
    assert outcome.seconds < 2


def gif_of(count: int) -> bytes:
    """Frames by the thousand, which Pillow would take long to write."""
    head, *blocks, end = gif_apart(animated("GIF", 3, 200))
    return gif_together([head, *blocks[:2], *blocks[-2:] * (count - 1), end])


@pytest.mark.parametrize(
    ("one", "many"),
    [
        (gif_of(1), gif_of(20_000)),
        (animated("WEBP", 2, 200), animated("WEBP", 1000, 200)),
        (animated("PNG", 2, 50), animated("PNG", 1000, 50)),
    ],
    ids=["gif", "webp", "png"],
)
def test_of_a_thousand_frames_only_the_first_is_decoded(one: bytes, many: bytes) -> None:
    with Reader() as fresh:
        few = fresh.read("picture", one)
        outcome = fresh.read("picture", many)
    assert (few.refused, outcome.refused) == (None, None)
    assert outcome.megabytes < 16
    assert outcome.seconds < 0.3


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    large = Image.new("RGB", (LONGEST_SIDE, 4000))
    whole = written(large, "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    with Reader() as fresh:
        outcome = fresh.read("picture", whole[:-2] + last * 10_000 + whole[-2:])
    assert outcome.refused == "a JPEG goes over its picture at most 64 times"
    assert outcome.megabytes < 16
    assert outcome.seconds < 0.5
