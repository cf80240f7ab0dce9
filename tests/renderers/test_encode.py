import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from renderers import palette
from renderers.encode import BY_EXTENSION, LAST_RESORT, MEDIA_TYPES, ImageType, encode
from tests import programs
from tests.renderers.support import RED, WHITE, law, opened, pixel, quadrants, written

FORMATS = {ImageType.PNG: "PNG", ImageType.JPG: "JPEG", ImageType.GIF: "GIF"}
every_type = pytest.mark.parametrize("kind", ImageType)


@st.composite
def pictures(draw: st.DrawFn) -> Image.Image:
    """Small, of arbitrary pixels."""
    width, height = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    size = width * height * 3
    return Image.frombytes("RGB", (width, height), draw(st.binary(min_size=size, max_size=size)))


def photograph() -> Image.Image:
    """What nobody has drawn: soft, with some grain, in many colours."""
    chance = random.Random(1)
    small = [Image.frombytes("L", (12, 8), chance.randbytes(96)) for _ in range(3)]
    soft = Image.merge("RGB", [one.resize((240, 160), Image.Resampling.BICUBIC) for one in small])
    grain = Image.frombytes("RGB", soft.size, chance.randbytes(3 * 240 * 160))
    return Image.blend(soft, grain, 0.04)


def stripes(colours: int) -> Image.Image:
    """So many colours, near to each other."""
    image = Image.new("RGB", (4 * colours, 40))
    for number in range(colours):
        image.paste((40 + number, 90 + number, 200 - number), (4 * number, 0, image.width, 40))
    return image


def confetti(colours: int, width: int = 60, height: int = 40) -> Image.Image:
    """So many colours, anywhere."""
    chance = random.Random(1)
    known = [chance.randbytes(3) for _ in range(colours)]
    return Image.frombytes(
        "RGB", (width, height), b"".join(chance.choices(known, k=width * height))
    )


def slopes(width: int, height: int) -> Image.Image:
    """Smooth, in some hundreds of colours."""
    slope = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height)).point(lambda value: value // 64)
    return Image.merge("RGB", (slope, ImageChops.add(slope, down), slope))


def noise(width: int, height: int) -> Image.Image:
    """A picture that JPEG cannot make small."""
    values = random.Random(1).choices((0, 255), k=width * height * 3)
    return Image.frombytes("RGB", (width, height), bytes(values))


@law
@given(pictures())
def test_a_png_looks_the_same_and_without_a_palette_is_the_same(image: Image.Image) -> None:
    found = opened(encode(image, ImageType.PNG))
    assert found.size == image.size
    if found.mode == "RGB" or image.getcolors(palette.MOST):
        assert found.convert("RGB").tobytes() == image.tobytes()
    else:
        assert palette.look_alike(image, found.convert("RGB"))


@law
@given(pictures(), st.sampled_from(ImageType), st.none() | st.integers(1, 3000), st.booleans())
@example(noise(300, 200), ImageType.JPG, None, True).via(
    "more bytes than pixels, which Pillow refuses at first"
)
def test_every_file_is_valid_and_of_the_right_type_and_size(
    image: Image.Image, kind: ImageType, budget: int | None, sharp: bool
) -> None:
    found = opened(encode(image, kind, budget, sharp=sharp))
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
    assert encode(photograph(), kind, 9000) == encode(photograph(), kind, 9000)


@settings(law, max_examples=25)
@given(pictures(), st.sampled_from(ImageType), st.integers(60, 3000))
def test_only_the_smallest_file_is_over_the_budget(
    image: Image.Image, kind: ImageType, budget: int
) -> None:
    best, smallest = encode(image, kind), encode(image, kind, 1)
    held = encode(image, kind, budget)
    assert len(held) <= budget or held == smallest
    assert (held == best) is (len(best) <= budget or best == smallest)


@every_type
def test_a_picture_is_made_worse_step_by_step(kind: ImageType) -> None:
    image = photograph()
    best, smallest = (len(encode(image, kind, budget)) for budget in (None, 1))
    assert smallest < best / 2
    off = []
    for budget in (best, best * 3 // 4, best // 2):
        file = encode(image, kind, budget)
        assert len(file) <= budget
        off.append(sum(ImageStat.Stat(difference(image, file)).rms))
    assert off[0] < min(off[1:])


def test_a_jpeg_is_as_good_as_its_budget_allows() -> None:
    image = photograph()
    budget = len(encode(image, ImageType.JPG)) // 2
    options = {"subsampling": 0, "progressive": True}
    sizes = [len(written(image, "JPEG", quality=quality, **options)) for quality in range(50, 89)]
    largest = max(size for size in sizes if size <= budget)
    assert len(encode(image, ImageType.JPG, budget)) == largest


def test_a_palette_is_as_deep_as_it_must_be(tmp_path: Path) -> None:
    for colours, told in (
        (2, "1-bit palette"), (4, "2-bit palette"), (16, "4-bit palette"), (17, "8-bit palette"),
    ):  # fmt: skip
        image = confetti(colours)
        file = tmp_path / "picture.png"
        file.write_bytes(encode(image, ImageType.PNG))
        assert told in programs.ask("pngcheck", "pngcheck", file)
        assert opened(file.read_bytes()).convert("RGB").tobytes() == image.tobytes()


def test_a_palette_that_does_not_help_is_left_out() -> None:
    image = stripes(16)
    data = encode(image, ImageType.PNG)
    assert opened(data).mode == "RGB"
    shown = palette.exact(image)
    assert shown is not None
    assert len(data) < len(written(shown, "PNG", compress_level=6))


def test_a_palette_that_is_not_exact_must_be_worth_it_or_within_the_budget() -> None:
    image = Image.new("RGB", (300, 200), "#F3F6FB")
    image.paste(slopes(300, 40), (0, 0))
    image.paste(confetti(3, 300, 20), (0, 80))
    shown = palette.alike(image)
    assert shown is not None
    small, full = (
        len(written(one, "PNG", compress_level=level)) for one, level in ((shown, 6), (image, 4))
    )
    assert 0.8 * full < small < full
    assert opened(encode(image, ImageType.PNG)).mode == "RGB"
    assert opened(encode(image, ImageType.PNG, full)).mode == "RGB"
    assert opened(encode(image, ImageType.PNG, full - 1)).mode == "P"


def test_a_gif_of_many_colours_is_dithered() -> None:
    image = photograph()
    found = opened(encode(image, ImageType.GIF))
    plain = palette.few(image, 256, dithered=False)
    seen, unseen = (
        sum(
            ImageStat.Stat(
                ImageChops.difference(image.reduce(8), one.convert("RGB").reduce(8))
            ).mean
        )
        for one in (plain, found)
    )
    assert unseen < seen


def test_hues_are_fine_where_something_is_drawn_or_would_be_smeared() -> None:
    soft = photograph().filter(ImageFilter.GaussianBlur(3))
    letters = Image.new("RGB", (200, 100), "#1030C0")
    ImageDraw.Draw(letters).text((10, 10), "Sale " * 5, fill="#FF2020")
    for image, sharp, hues in (
        (soft, True, "1x1"), (soft, False, "2x2"), (letters, True, "1x1"), (letters, False, "1x1"),
    ):  # fmt: skip
        assert sampling(encode(image, ImageType.JPG, sharp=sharp)) == hues


def test_a_jpeg_is_progressive_where_that_is_smaller() -> None:
    for image, progressive in ((photograph(), True), (quadrants(64), False)):
        file = encode(image, ImageType.JPG)
        assert bool(opened(file).info.get("progressive")) is progressive
        for options in ({"progressive": True}, {"optimize": True}):
            assert len(file) <= len(written(image, "JPEG", quality=88, subsampling=0, **options))


def test_a_busy_jpeg_is_as_good_as_a_calm_one() -> None:
    image = noise(300, 200)
    calm, busy = (
        opened(encode(picture, ImageType.JPG)) for picture in (image.crop((0, 0, 64, 64)), image)
    )
    assert busy.quantization == calm.quantization  # type: ignore[attr-defined]


@every_type
@pytest.mark.parametrize("picture", ["photograph", "stripes"])
@pytest.mark.parametrize("budget", [None, 4000])
def test_other_programs_find_no_fault_with_it(
    tmp_path: Path, kind: ImageType, picture: str, budget: int | None
) -> None:
    image = photograph() if picture == "photograph" else stripes(90)
    file = tmp_path / f"picture.{kind}"
    file.write_bytes(encode(image, kind, budget))
    size = f"{image.width}x{image.height}"
    match kind:
        case ImageType.PNG:
            told = programs.ask("pngcheck", "pngcheck", file)
            assert told.startswith("OK:")
            assert size in told
        case ImageType.JPG:
            told = programs.ask("jpeginfo", "jpeginfo", "--check", file)
            assert f"{image.width} x {image.height}" in " ".join(told.split())
            assert "OK" in told
            pixels = tmp_path / "pixels.ppm"
            programs.ask("libjpeg-turbo-progs", "djpeg", "-outfile", pixels, file)
            again = Image.open(pixels)
            assert max(ImageStat.Stat(difference(again, file.read_bytes())).mean) < 1
        case _:
            told = programs.ask("gifsicle", "gifsicle", "--info", file)
            assert "1 image\n" in told
            assert f"logical screen {size}" in told
            assert "interlaced" not in told


@every_type
@pytest.mark.parametrize("budget", [None, 4000])
def test_a_file_holds_nothing_but_its_picture(kind: ImageType, budget: int | None) -> None:
    for image in (photograph(), stripes(90)):
        image.info |= {
            "comment": b"taken at home", "dpi": (300, 300), "icc_profile": b"profile" * 20,
            "exif": b"Exif\0\0place", "transparency": 3, "background": 1, "duration": 100,
            "xmp": b"<x/>", "gamma": 0.4, "Author": "somebody",
        }  # fmt: skip
        data = encode(image, kind, budget)
        assert parts(kind, data) <= NEEDED[kind]
        assert image.info  # the caller's picture is left as it was


def difference(image: Image.Image, file: bytes) -> Image.Image:
    return ImageChops.difference(image.convert("RGB"), opened(file).convert("RGB"))


def sampling(jpeg: bytes) -> str:
    """How many columns and rows of pixels share a hue."""
    layers = opened(jpeg).layer  # type: ignore[attr-defined]
    return f"{layers[0][1]}x{layers[0][2]}"


NEEDED = {
    ImageType.PNG: {"IHDR", "PLTE", "IDAT", "IEND"},
    ImageType.JPG: {"SOI", "JFIF", "DQT", "SOF", "DHT", "SOS", "EOI"},
    ImageType.GIF: {"header", "colours", "image", "end"},
}


def parts(kind: ImageType, data: bytes) -> set[str]:
    """What a file is made of, to its very end."""
    reading = {ImageType.PNG: png_parts, ImageType.JPG: jpeg_parts, ImageType.GIF: gif_parts}
    return set(reading[kind](data))


def png_parts(data: bytes) -> Iterator[str]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(data):
        yield data[at + 4 : at + 8].decode()
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def jpeg_parts(data: bytes) -> Iterator[str]:
    names = {0xD8: "SOI", 0xDB: "DQT", 0xC0: "SOF", 0xC2: "SOF", 0xC4: "DHT", 0xDA: "SOS",
             0xD9: "EOI"}  # fmt: skip
    at = 0
    while at < len(data):
        marker = data[at + 1]
        assert data[at] == 0xFF
        length = 0 if marker in (0xD8, 0xD9) else int.from_bytes(data[at + 2 : at + 4], "big")
        is_plain = marker == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0" and length == 16
        yield "JFIF" if is_plain else names.get(marker, f"{marker:X}")
        at += 2 + length
        if marker == 0xDA:
            following = re.search(rb"\xff[^\x00\xd0-\xd7]", data[at:])
            assert following
            at += following.start()


def gif_parts(data: bytes) -> Iterator[str]:
    assert data[:6] in (b"GIF87a", b"GIF89a")
    yield "header"
    yield "colours"
    at = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    while at < len(data):
        match data[at]:
            case 0x3B:
                yield "end"
                at += 1
            case 0x2C:
                yield "image"
                at += 11
                while data[at]:
                    at += data[at] + 1
                at += 1
            case other:
                yield f"{other:X}"
                return


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
