"""What layers are painted with."""

from importlib.resources import files
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from renderers import fonts
from renderers.coverage import rounded
from renderers.fields import Box, Gradient, TextBox
from renderers.fonts import Font
from renderers.pen import Area, MissingAssetError, Pen
from tests.renderers.support import (
    BLUE,
    RED,
    WHITE,
    Pixel,
    canvas,
    changed,
    drawn,
    near,
    picture_layer,
    pixel,
    text_layer,
)

ID, OTHER = "0" * 32, "1" * 32


@pytest.mark.parametrize("size", [1, 2, 40, 600])
def test_a_gradient_goes_from_its_start_to_its_end(size: int) -> None:
    ends = Gradient(start="#FF0000", end="#0000FF")
    down = drawn(canvas(width=10, height=size, background=ends))
    right_ends = ends.model_copy(update={"towards": "right"})
    right = drawn(canvas(width=size, height=10, background=right_ends))
    column = [pixel(down, 5, y) for y in range(size)]
    assert column == [pixel(right, x, 5) for x in range(size)]
    assert [red for red, _, _ in column] == sorted((red for red, _, _ in column), reverse=True)
    assert len({pixel(down, x, size // 2) for x in range(10)}) == 1
    if size > 2:
        assert near(column[0], RED, 4)
        assert near(column[-1], BLUE, 4)
        assert near(column[size // 2], (127, 0, 127), 5)


def test_a_missing_picture_is_told_by_its_id() -> None:
    with pytest.raises(MissingAssetError, match=OTHER):
        drawn(canvas(picture_layer(picture=OTHER)), {ID: b""})


def uploaded_font(source: Font, lacks: str) -> bytes:
    """A font file: a shipped one that cannot draw some letters."""
    with TTFont(BytesIO((files(fonts.__name__) / source).read_bytes())) as font:
        for table in font["cmap"].tables:
            table.cmap = {code: name for code, name in table.cmap.items() if chr(code) not in lacks}
        output = BytesIO()
        font.save(output)
    return output.getvalue()


OWN, SPARE = "a" * 32, "b" * 32
UPLOADED = {
    OWN: uploaded_font(Font.SERIF, "kw€"),
    SPARE: uploaded_font(Font.DISPLAY, "j€"),
}


def said(text: str, font: str, *fallback_fonts: str) -> bytes:
    """What is seen of a text."""
    layer = text_layer(text=text, font=font, size=24, width=90)
    image = drawn(canvas(layer, width=90, fallback_fonts=fallback_fonts), UPLOADED)
    return image.crop(changed(image)).tobytes()  # lines stand as the first font tells


def test_a_text_is_set_in_an_uploaded_font() -> None:
    assert said("Hei", OWN) == said("Hei", "serif") != said("Hei", "regular")


def test_what_a_font_lacks_is_set_in_the_next() -> None:
    assert said("kw", OWN, SPARE) == said("kw", "display") != said("kw", OWN)
    assert said("kw", OWN, OWN, SPARE) == said("kw", "display")
    assert said("Hei kw", OWN, SPARE) != said("Hei kw", OWN)
    assert said("Hei", OWN, SPARE) == said("Hei", OWN)
    assert said("€", OWN, SPARE) == said("€", OWN) == said("€", "regular")


@pytest.mark.parametrize(("font", "spare"), [(OTHER, ()), ("regular", (OTHER,)), (OWN, (OTHER,))])
def test_a_missing_font_is_told_by_its_id(font: str, spare: tuple[str, ...]) -> None:
    with pytest.raises(MissingAssetError, match=OTHER):
        said("Hei", font, *spare)


def test_an_area_is_in_real_pixels() -> None:
    pen = Pen(Image.new("RGB", (9, 9)), 3, {})
    area = pen.area(Box(x=-1, y=2, width=3, height=4))
    assert (area, area.size) == (Area(-3, 6, 9, 12), (9, 12))
    assert area.within(2, 1, 4, 3) == Area(-1, 7, 4, 3)


@pytest.mark.parametrize("tabular", [False, True])
def test_a_text_is_set_as_its_box_tells(tabular: bool) -> None:
    pen = Pen(Image.new("RGB", (9, 9)), 2, {}, language="fi")
    box = TextBox(x=0, y=0, width=50, height=30, size=12, smallest=20, letter_spacing=0.1)
    style = pen.style(box, pen.area(box), tabular=tabular)
    assert (style.size, style.smallest, style.width, style.height) == (24, 24, 100, 60)
    assert (style.spacing, style.language, "tnum" in style.features) == (0.1, "fi", tabular)


def test_a_band_of_a_picture_is_painted_where_it_stands() -> None:
    image = Image.new("RGB", (10, 10), WHITE)
    pen = Pen(image, 1, {}, top=20)
    pen.paint(Area(2, 23, 4, 2), "#FF0000", rounded((4, 2), 0))
    assert changed(image) == (2, 3, 6, 5)
    pen.show(Area(0, 28, 5, 5), Image.new("RGB", (5, 5), BLUE), None)
    assert changed(image) == (0, 3, 6, 10)


@pytest.mark.parametrize(
    ("colour", "expected"), [("#FF0000", RED), ("#FF000080", (255, 127, 127)), ("#FF000000", WHITE)]
)
def test_paint_covers_as_far_as_it_is_opaque(colour: str, expected: Pixel) -> None:
    image = Image.new("RGB", (4, 4), WHITE)
    Pen(image, 1, {}).paint(Area(0, 0, 4, 4), colour, rounded((4, 4), 0))
    assert pixel(image, 1, 1) == expected


def test_an_asset_is_one_of_those_given() -> None:
    pen = Pen(Image.new("RGB", (1, 1)), 1, {ID: b"x"})
    assert pen.asset(ID) == b"x"
    with pytest.raises(MissingAssetError, match=OTHER):
        pen.asset(OTHER)
