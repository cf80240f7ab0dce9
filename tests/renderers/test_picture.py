import re
import struct
import time
import warnings
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps, PngImagePlugin

from renderers import picture
from renderers.picture import (
    FORMATS,
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_SCANS,
    PictureError,
    accept,
    decode,
)
from tests.fuzz.damage import png_apart, png_together
from tests.renderers.support import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    Pixel,
    law,
    opened,
    pixel,
    quadrants,
    written,
)

SECRET = b"Secret-42"


def colours(image: Image.Image) -> list[Pixel]:
    """Of the four quarters: upper left, upper right, lower left, lower right."""
    quarters, three = (image.width // 4, image.height // 4), 3
    x, y = quarters
    return [
        pixel(image, *at)[:3]
        for at in ((x, y), (three * x, y), (x, three * y), (three * x, three * y))
    ]


def near(found: Pixel, expected: Pixel) -> bool:
    return all(abs(a - b) <= 16 for a, b in zip(found, expected, strict=True))


def exif(orientation: int | None = None) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.ImageDescription] = SECRET.decode()
    if orientation:
        tags[ExifTags.Base.Orientation] = orientation
    return tags


def strange_exif() -> bytes:
    """Turned to the right; its width is a text, which Pillow reads and cannot write."""
    entries = ((0x0100, 2, 2, b"a\0\0\0"), (0x0112, 3, 1, b"\0\6\0\0"))
    tags = b"".join(struct.pack(">HHI4s", *entry) for entry in entries)
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(entries)) + tags + bytes(4)


def png_text() -> PngImagePlugin.PngInfo:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Comment", SECRET.decode())
    chunks.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return chunks


def png_of_size(width: int, height: int) -> bytes:
    """A tiny file that says that it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


FILES = {
    "png": written(quadrants(), "PNG"),
    "palette": written(quadrants().quantize(4), "PNG", transparency=0),
    "png with text": written(quadrants(), "PNG", pnginfo=png_text(), exif=exif(6)),
    "jpeg": written(quadrants(), "JPEG"),
    "progressive": written(quadrants(), "JPEG", progressive=True, exif=exif(6)),
    "strange exif": written(quadrants(), "JPEG", exif=strange_exif()),
    "gif": written(quadrants(), "GIF", save_all=True, append_images=[Image.new("RGB", (20, 20))]),
    "webp": written(quadrants(mode="RGBA"), "WEBP", lossless=True, exif=exif(6)),
    "lossy webp": written(quadrants(), "WEBP"),
}
every_file = pytest.mark.parametrize("data", FILES.values(), ids=FILES)


def accepted(data: bytes) -> Image.Image:
    """The picture that is stored, if it is one; the other outcome is a PictureError."""
    taken = accept(data)
    image = decode(taken.data)
    assert image.mode in {"RGB", "RGBA"}
    assert image.size == (taken.width, taken.height)
    assert taken.type == Image.MIME[opened(taken.data).format or ""]
    return image


def refusal(data: bytes) -> str | None:
    """Why it is not accepted; any other error than a PictureError comes through."""
    try:
        accepted(data)
    except PictureError as error:
        return str(error)
    return None


@every_file
def test_every_format_is_accepted(data: bytes) -> None:
    assert accepted(data).size == (20, 20)
    assert opened(data).format in FORMATS


@every_file
def test_what_is_stored_is_accepted_as_it_is(data: bytes) -> None:
    once = accept(data)
    again = accept(once.data)
    assert (once.type, once.width, once.height) == (again.type, again.width, again.height)
    assert once == accept(data)
    if once.type == "image/png":
        assert once == again


def test_the_id_names_the_content() -> None:
    taken = {accept(data).id for data in FILES.values()}
    assert len(taken) > 4
    assert all(len(name) == 32 and int(name, 16) for name in taken)
    assert accept(FILES["png"]).id == accept(written(quadrants(), "PNG", compress_level=1)).id


def test_a_photo_stays_a_jpeg_and_all_else_becomes_a_png() -> None:
    types = {name: accept(data).type for name, data in FILES.items()}
    photos = {name for name, type_ in types.items() if type_ == "image/jpeg"}
    assert photos == {"jpeg", "progressive", "strange exif"}
    assert set(types.values()) == {"image/jpeg", "image/png"}


def test_a_photo_with_further_pictures_behind_it_is_a_photo() -> None:
    data = written(quadrants(), "MPO", save_all=True, append_images=[quadrants()])
    assert accept(data).type == "image/jpeg"
    assert getattr(opened(accept(data).data), "n_frames", 1) == 1


def test_a_busy_photo_is_accepted() -> None:
    bands = [Image.effect_noise((300, 300), 200) for _ in range(3)]
    noise = Image.merge("RGB", bands)
    assert accepted(written(noise, "JPEG", quality=95, subsampling=0)).size == (300, 300)


@law
@given(st.binary())
def test_arbitrary_bytes_are_no_picture(data: bytes) -> None:
    with pytest.raises(PictureError):
        accept(data)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of metadata that it cannot read
@settings(law, max_examples=1000)
@given(
    st.sampled_from(list(FILES.values())),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8),
    st.none() | st.floats(0, 1),
    st.binary(max_size=4),
)
def test_broken_files_are_pictures_or_refused(
    data: bytes, changes: list[tuple[float, int]], kept: float | None, added: bytes
) -> None:
    broken = bytearray(data)
    for place, value in changes:
        broken[int(place * len(broken))] = value
    cut = len(broken) if kept is None else int(kept * len(broken))
    reason = refusal(bytes(broken[:cut]) + added)
    assert reason is None or re.match("the picture is broken: |a picture (has|is) ", reason)


@pytest.mark.filterwarnings("ignore::UserWarning")
@every_file
def test_a_truncated_file_is_a_picture_or_refused(data: bytes) -> None:
    refusals = [refusal(data[:length]) for length in range(len(data))]
    assert None not in refusals[: len(data) // 3]


@pytest.mark.parametrize("format_", ["BMP", "TIFF", "ICO", "PPM", "TGA", "PDF"])
def test_another_format_is_refused(format_: str) -> None:
    with pytest.raises(PictureError, match="a picture is one of PNG, JPEG, GIF, WEBP"):
        accept(written(quadrants(), format_))


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        accept(data)


def test_a_palette_that_is_not_there_is_told() -> None:
    """Pillow takes for granted that there is one."""
    parts = png_apart(written(quadrants().quantize(4), "PNG"))
    without = [part for part in parts if part[0] != b"PLTE"]
    with pytest.raises(PictureError, match="the picture is broken"):
        accept(png_together([(b"tRNS", b"\0"), *without]))


def test_a_broken_picture_is_told_from_another_format() -> None:
    with pytest.raises(PictureError, match="the picture is broken"):
        accept(FILES["png"][:-40])


@pytest.mark.parametrize("warned", ["error", "ignore"])
@pytest.mark.parametrize(
    ("width", "height"),
    [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (10_000, 9_000), (5001, 5000), (6001, 1), (1, 6001)],
)
def test_a_bomb_is_refused_before_it_is_unpacked(width: int, height: int, warned: str) -> None:
    data = png_of_size(width, height)
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter(warned)  # type: ignore[arg-type]
        with pytest.raises(PictureError):
            accept(data)
    assert len(data) < 100
    assert time.perf_counter() - started < 0.5


def test_the_limit_is_told() -> None:
    with pytest.raises(PictureError, match=r"at most 25000000 pixels .* this one is 6001x1$"):
        accept(png_of_size(6001, 1))
    with pytest.raises(
        PictureError, match=f"at most {MOST_BYTES} bytes, this one {MOST_BYTES + 1}"
    ):
        accept(bytes(MOST_BYTES + 1))


def test_a_picture_at_the_limits_is_accepted() -> None:
    assert accepted(written(Image.new("1", (LONGEST_SIDE, 2)), "PNG")).size == (LONGEST_SIDE, 2)
    padded = FILES["png"] + bytes(MOST_BYTES - len(FILES["png"]))
    assert accept(padded).id == accept(FILES["png"]).id


def with_scans(count: int) -> bytes:
    """A progressive JPEG that goes over its picture so often."""
    whole = written(quadrants(), "JPEG", progressive=True)
    begins = [place.start() for place in re.finditer(b"\xff\xda", whole)]
    last, end = whole[begins[-1] : -2], whole[-2:]
    return whole[:-2] + last * (count - len(begins)) + end


def test_a_jpeg_goes_over_its_picture_so_often() -> None:
    assert accepted(with_scans(MOST_SCANS)).size == (20, 20)
    for data in (with_scans(MOST_SCANS + 1), with_scans(100_000)):
        started = time.perf_counter()
        with pytest.raises(PictureError, match="over its picture at most 64 times"):
            accept(data)
        assert time.perf_counter() - started < 0.5


def test_what_looks_like_a_scan_in_metadata_is_none() -> None:
    comment = b"\xff\xda" * (MOST_SCANS + 1)
    assert accepted(written(quadrants(), "JPEG", comment=comment)).size == (20, 20)
    assert accepted(FILES["jpeg"] + comment).size == (20, 20)


def test_a_png_within_the_limits_that_holds_too_little_is_refused() -> None:
    with pytest.raises(PictureError, match="broken"):
        accept(png_of_size(5000, 5000))


TURNS = {
    1: [RED, GREEN, BLUE, WHITE],
    2: [GREEN, RED, WHITE, BLUE],
    3: [WHITE, BLUE, GREEN, RED],
    4: [BLUE, WHITE, RED, GREEN],
    5: [RED, BLUE, GREEN, WHITE],
    6: [BLUE, RED, WHITE, GREEN],
    7: [WHITE, GREEN, BLUE, RED],
    8: [GREEN, WHITE, RED, BLUE],
    9: [RED, GREEN, BLUE, WHITE],
}


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("orientation", "expected"), TURNS.items())
def test_a_turned_photo_is_put_upright(
    orientation: int, expected: list[Pixel], format_: str
) -> None:
    image = quadrants(64).resize((64, 32))
    upright = accepted(written(image, format_, exif=exif(orientation), quality=95))
    assert upright.size == ((32, 64) if 5 <= orientation <= 8 else (64, 32))
    assert all(map(near, colours(upright), expected))


def test_metadata_that_cannot_be_written_do_not_matter() -> None:
    data = written(quadrants(64), "JPEG", exif=strange_exif())
    with pytest.raises((struct.error, TypeError)):
        ImageOps.exif_transpose(opened(data))
    assert all(map(near, colours(accepted(data)), TURNS[6]))


@pytest.mark.parametrize("metadata", [b"", b"MM\0*", b"II*\0\x08", b"XX\0*\0\0\0\x08"])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_damaged_metadata_do_not_matter(format_: str, metadata: bytes) -> None:
    data = written(quadrants(64), format_, exif=b"Exif\0\0" + metadata, quality=95)
    assert all(map(near, colours(accepted(data)), TURNS[1]))


@pytest.mark.parametrize(
    "data",
    [
        written(quadrants(), "JPEG", exif=exif(6), comment=SECRET, icc_profile=SECRET * 20),
        written(quadrants(), "PNG", exif=exif(), pnginfo=png_text(), icc_profile=SECRET * 20),
        written(quadrants(), "WEBP", exif=exif(), xmp=SECRET, icc_profile=SECRET * 20),
        written(quadrants(), "GIF", comment=SECRET),
        FILES["png"] + SECRET,
        FILES["jpeg"] + SECRET,
    ],
    ids=["jpeg", "png", "webp", "gif", "behind a png", "behind a jpeg"],
)
def test_metadata_are_gone(data: bytes) -> None:
    assert SECRET in data or SECRET.decode() in str(opened(data).info)
    stored = accept(data).data
    assert SECRET not in stored
    image = opened(stored)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_of_an_animation_the_first_picture_stays() -> None:
    for format_ in ("GIF", "WEBP", "PNG"):
        frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN, BLUE)]
        data = written(frames[0], format_, save_all=True, append_images=frames[1:], duration=100)
        taken = accept(data)
        assert getattr(opened(taken.data), "n_frames", 1) == 1
        assert near(pixel(decode(taken.data), 4, 4), RED)


def test_the_transparent_colour_of_a_palette_is_transparent() -> None:
    image = Image.new("P", (4, 2), 0)
    image.putpalette([*RED, *GREEN])
    image.paste(1, (2, 0, 4, 2))
    for format_ in ("PNG", "GIF"):
        taken = accepted(written(image, format_, transparency=1))
        assert (pixel(taken, 0, 0), pixel(taken, 3, 0)[3]) == ((*RED, 255), 0)


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (Image.new("I;16", (2, 2), 30000), {}, (117, 117, 117)),
        (Image.new("I;16", (2, 2), 65535), {}, WHITE),
        (Image.new("L", (2, 2), 100), {}, (100, 100, 100)),
        (Image.new("LA", (2, 2), (100, 50)), {}, (100, 100, 100, 50)),
        (Image.new("1", (2, 2), 1), {}, WHITE),
        (Image.new("RGBA", (2, 2), (1, 2, 3, 4)), {}, (1, 2, 3, 4)),
        (Image.new("RGB", (2, 2), RED), {"transparency": RED}, (*RED, 0)),
        (Image.new("RGB", (2, 2), RED), {"transparency": BLUE}, (*RED, 255)),
    ],
)
def test_pngs_of_every_depth_keep_their_colours(
    image: Image.Image, options: dict[str, Pixel], expected: Pixel
) -> None:
    assert pixel(accepted(written(image, "PNG", **options)), 0, 0) == expected


@pytest.mark.parametrize(
    ("inks", "expected"),
    [((0, 0, 0, 0), WHITE), ((0, 255, 255, 0), RED), ((0, 0, 0, 255), (0, 0, 0))],
)
def test_a_photo_for_print_is_accepted_in_screen_colours(inks: Pixel, expected: Pixel) -> None:
    image = accepted(written(Image.new("CMYK", (8, 8), inks), "JPEG", quality=95))
    assert near(pixel(image, 4, 4), expected)


def test_a_photo_in_greys_stays_grey() -> None:
    image = accepted(written(Image.new("L", (8, 8), 100), "JPEG"))
    assert near(pixel(image, 4, 4), (100, 100, 100))


def test_only_stored_types_are_decoded() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        picture.decode(FILES["gif"])
