"""The gallery holds every sample in all languages and scales, and needs nothing but itself."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from scripts import gallery
from tests.renderers.gallery import BY_NAME, LANGUAGES, SAMPLES, SCALES
from tests.renderers.likeness import difference

FEW = [BY_NAME["rating"], BY_NAME["countdown"]]


class Images(HTMLParser):
    """The pictures of a page, by their alt text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "img" and given["alt"]:
            self.found[given["alt"]] = given["src"] or ""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    page, sheet = gallery.write(tmp_path_factory.mktemp("gallery"), FEW)
    return page, sheet


def test_the_page_has_every_sample_in_all_languages_and_scales(written: tuple[Path, Path]) -> None:
    page = written[0].read_text(encoding="utf-8")
    images = Images()
    images.feed(page)
    assert len(images.found) == len(FEW) * len(LANGUAGES) * len(SCALES)
    for name in gallery.NAMES.values():
        assert images.found[f"Rating, {name}, 2×"].startswith("data:image/png;base64,")
        assert images.found[f"Countdown, its first frame, {name}, 1×"].startswith("data:image/gif")
    assert len(re.findall(r"<figcaption>\d+\.\d kB · \d+\.\d\d ms<", page)) == len(images.found)
    assert "http" not in page


def test_the_sheet_shows_them_where_they_belong(written: tuple[Path, Path]) -> None:
    with Image.open(written[1]) as image:
        sheet = image.convert("RGB")
    drawn = FEW[0].image("ru", 1)
    high = round(gallery.CELL * drawn.height / drawn.width)
    left = gallery.EDGE + 40 + 2 * (gallery.CELL + gallery.GAP)
    # A little within, for its corners are round.
    seen = sheet.crop((left, 92, left + gallery.CELL, 92 + high)).crop((6, 6, 400, high - 6))
    small = drawn.resize((gallery.CELL, high), Image.Resampling.LANCZOS)
    assert not difference(seen, small.crop((6, 6, 400, high - 6))).is_seen
    assert sheet.width == 2 * gallery.EDGE + 40 + 4 * gallery.CELL + 3 * gallery.GAP


def test_the_sheet_of_the_docs_is_that_of_today_and_small() -> None:
    now = gallery.small_sheet(SAMPLES)
    with Image.open(gallery.DOCS) as image:
        committed = image.convert("RGB")
    assert committed.size == now.size
    apart = difference(now, committed)
    assert not apart.is_seen, f"{apart}: make golden"
    assert gallery.DOCS.stat().st_size < 300_000
