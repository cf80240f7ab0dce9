from io import BytesIO

import pytest
from PIL import ImageFont

from renderers.typeface.metrics import Metrics
from renderers.typeface.names import Names
from renderers.typeface.outlines import Outlines, rectangle
from renderers.typeface.written import build, data_of
from tests.renderers.typeface.support import opened

NAMES = Names("Café", "Bold")
MARKS = {65: 1, 0x1F600: 2}


def font(kind: str = "ttf", weight: int = 700, characters: dict[int, int] | None = None) -> bytes:
    metrics = Metrics(1000, 900, -300, 50, weight, False, ((500, 0), (600, 10), (700, -20)))
    boxes = (None, (10, 0, 400, 700), (-20, -30, 600, 800))
    shapes = [rectangle(kind, box or (0, 0, 0, 0)) for box in boxes]
    outlines = Outlines(kind, tuple(shapes), boxes, (0, 10, -20))
    return data_of(build(metrics, outlines, characters or MARKS, NAMES))


@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_all_that_was_understood_is_written(kind: str) -> None:
    written = opened(font(kind))
    head, hhea, windows = written["head"], written["hhea"], written["OS/2"]
    assert (head.unitsPerEm, head.macStyle) == (1000, 1)
    assert (head.xMin, head.yMin, head.xMax, head.yMax) == (-20, -30, 600, 800)
    assert (hhea.ascent, hhea.descent, hhea.lineGap, hhea.advanceWidthMax) == (900, -300, 50, 700)
    assert (windows.sTypoAscender, windows.sTypoDescender, windows.sTypoLineGap) == (900, -300, 50)
    assert (windows.usWinAscent, windows.usWinDescent, windows.usWeightClass) == (900, 300, 700)
    assert not windows.fsType & 2
    assert [written["hmtx"][name] for name in written.getGlyphOrder()] == [
        (500, 0),
        (600, 10),
        (700, -20),
    ]
    assert written.getBestCmap().keys() == MARKS.keys()
    assert [written["name"].getDebugName(number) for number in (1, 2, 6)] == [
        "Café",
        "Bold",
        "Caf-Bold",
    ]
    assert ("glyf" in written, "CFF " in written) == (kind == "ttf", kind == "otf")


@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_it_depends_on_nothing_else(kind: str) -> None:
    assert font(kind) == font(kind)
    head = opened(font(kind))["head"]
    assert head.created == head.modified == 2_082_844_800


def test_it_draws() -> None:
    for kind in ("ttf", "otf"):
        face = ImageFont.truetype(BytesIO(font(kind)), 100)
        assert face.getmetrics() == (90, 30)
        assert face.getbbox("A", anchor="ls") == (0, -70, 60, 0)
        assert face.getmask("A").getbbox() == (1, 0, 40, 70)


def test_light_letters_are_not_called_bold() -> None:
    written = opened(font(weight=300))
    assert (written["head"].macStyle, written["OS/2"].fsSelection) == (0, 0x40)
    assert opened(font(weight=700))["OS/2"].fsSelection == 0x20


def test_characters_in_no_order_are_written() -> None:
    many = {0x4E00 + 2 * number: 1 + number % 2 for number in range(9000)}
    assert opened(font(characters=many)).getBestCmap().keys() == many.keys()
