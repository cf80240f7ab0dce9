"""Every kind of picture, as it is committed: it looks the same today, and other programs than
Pillow read its files. `make golden` writes the committed pictures anew."""

from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from renderers.encode import ImageType
from tests import programs
from tests.renderers.gallery import (
    BY_NAME,
    FOUND,
    GOLDEN,
    GOLDENS,
    LANGUAGES,
    SAMPLES,
    SCALES,
    Golden,
    Sample,
)
from tests.renderers.likeness import difference
from tests.renderers.support import opened

MOST_BYTES = 1_500_000
samples = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
stills = pytest.mark.parametrize(
    "sample", [one for one in SAMPLES if one.seconds is None], ids=lambda sample: sample.name
)
coded = pytest.mark.parametrize(
    "sample", [one for one in SAMPLES if list(one.codes("en"))], ids=lambda sample: sample.name
)


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_it_looks_as_it_did(golden: Golden) -> None:
    found = golden.image()
    committed = opened(golden.path.read_bytes()).convert("RGB")
    assert found.size == committed.size
    apart = difference(found, committed)
    if apart.is_seen:
        FOUND.mkdir(exist_ok=True)
        left, shown = FOUND / f"{golden.name}.png", FOUND / f"{golden.name}-difference.png"
        found.save(left)
        apart.shown.save(shown)
        pytest.fail(
            f"{golden.name} differs: {apart}. Look at {left} and {shown}; if it is as it should"
            " be, `make golden` and commit"
        )


def test_the_committed_pictures_are_those_of_the_samples_and_small() -> None:
    files = set(GOLDEN.glob("*.png"))
    assert files == {golden.path for golden in GOLDENS}
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    assert {path.stem for path in (GOLDEN / "specs").glob("*.json")} == set(BY_NAME)


@samples
def test_a_language_changes_what_is_said_not_the_size(sample: Sample) -> None:
    looks = [sample.image(language, 1) for language in LANGUAGES]
    assert {look.size for look in looks} == {sample.size}
    assert all(difference(looks[0], other).is_seen for other in looks[1:])


@stills
@pytest.mark.parametrize("scale", SCALES)
def test_another_program_reads_the_png(sample: Sample, scale: int, tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(sample.file("fi", scale, ImageType.PNG))
    width, height = (side * scale for side in sample.size)
    told = programs.ask("pngcheck", "pngcheck", file)
    assert told.startswith("OK:")
    assert f"({width}x{height}, " in told


@stills
@pytest.mark.parametrize("scale", SCALES)
def test_another_program_reads_the_jpeg_and_sees_the_same(
    sample: Sample, scale: int, tmp_path: Path
) -> None:
    file, decoded = tmp_path / "picture.jpg", tmp_path / "picture.ppm"
    file.write_bytes(sample.file("ru", scale, ImageType.JPG))
    width, height = (side * scale for side in sample.size)
    told = programs.ask("jpeginfo", "jpeginfo", "-c", file).split()
    assert f"{width} x {height}" in " ".join(told)
    assert told[-1] == "OK"
    programs.ask("libjpeg-turbo-progs", "djpeg", "-outfile", decoded, file)
    with Image.open(decoded) as image:
        apart = difference(image.convert("RGB"), sample.image("ru", scale))
    assert not apart.is_seen, apart


@samples
@pytest.mark.parametrize("scale", SCALES)
def test_another_program_reads_the_gif(sample: Sample, scale: int, tmp_path: Path) -> None:
    file = tmp_path / "picture.gif"
    file.write_bytes(sample.file("et", scale, ImageType.GIF))
    width, height = (side * scale for side in sample.size)
    told = programs.ask("gifsicle", "gifsicle", "--info", file)
    assert f"logical screen {width}x{height}" in told
    assert "loop" not in told
    frames = 1 if sample.seconds is None else 60
    assert told.count(f"+ image #0 {width}x{height}") == 1
    assert told.count("+ image #") == frames
    if sample.seconds is not None:
        assert told.count("disposal asis delay 1.00s") == frames


@coded
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scale", SCALES)
def test_codes_are_read_from_every_type_of_file(sample: Sample, language: str, scale: int) -> None:
    for kind in ImageType:
        with Image.open(BytesIO(sample.file(language, scale, kind))) as image:
            found = zxingcpp.read_barcodes(image.convert("RGB"))
        assert sorted(code.text for code in found) == sorted(sample.codes(language)), kind
