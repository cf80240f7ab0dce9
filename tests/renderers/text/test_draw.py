import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from renderers.fonts import Font
from renderers.text.breaks import MOST_CHARACTERS
from renderers.text.draw import draw
from renderers.text.fit import Style
from tests.renderers.support import (
    BLUE,
    RED,
    WHITE,
    Pixel,
    ink,
    law,
    letters,
    pixel,
    text_style,
    written_text,
)

Spans = list[tuple[str, int]]

LOOKS = (
    letters(),
    letters(Font.DISPLAY, "#FF0000", ratio=1.5),
    letters(Font.SERIF, "#0000FF", strike=True),
    letters(colour="#00FF0080", underline=True),
)
ALPHABET = "aWõжשב\u05b8مرحبا١2(1) %.,-\n\u00ad\u200d\u0301🎉漢\U0001f44d\U0001f3fd\ufe0f"
texts = st.text(ALPHABET, max_size=25) | st.text(max_size=15)
spans = st.lists(st.tuples(texts, st.integers(0, len(LOOKS) - 1)), max_size=4)
styles = st.builds(
    Style,
    letters=st.just(LOOKS),
    width=st.integers(1, 150),
    height=st.integers(1, 90),
    size=st.integers(16, 60),
    smallest=st.integers(6, 16),
    align=st.sampled_from(("start", "left", "centre", "right")),
    valign=st.sampled_from(("top", "middle", "bottom")),
    spacing=st.sampled_from((0, 0.3, -0.1)),
    language=st.sampled_from(("", "fi", "ru", "he", "ja")),
)


def colours(image: Image.Image) -> dict[Pixel | float, int]:
    return {colour: count for count, colour in image.getcolors(100_000) or []}


@law
@given(spans, styles)
def test_nothing_is_drawn_outside_the_box_and_twice_the_same(given: Spans, style: Style) -> None:
    first, second = (Image.new("RGB", (230, 170), WHITE) for _ in range(2))
    draw(first, given, style, 40, 40)
    draw(second, given, style, 40, 40)
    assert first.tobytes() == second.tobytes()
    first.paste(WHITE, (40, 40, 40 + style.width, 40 + style.height))
    assert colours(first) == {WHITE: 230 * 170}


@law
@given(spans, styles, st.integers(0, 60))
def test_a_band_has_the_same_pixels(given: Spans, style: Style, top: int) -> None:
    whole, band = Image.new("RGB", (150, 90), WHITE), Image.new("RGB", (150, 30), WHITE)
    draw(whole, given, style, 0, 0)
    draw(band, given, style, 0, -top)
    assert band.tobytes() == whole.crop((0, top, 150, top + 30)).tobytes()


def test_what_is_kept_of_a_text_is_not_changed_by_drawing_it_elsewhere() -> None:
    style = text_style(letters(colour="#00000040"), width=90, size=40, smallest=40)
    first = written_text("Hei 🎉", style)
    draw(Image.new("RGB", (50, 20), RED), (("Hei 🎉", 0),), style, -30, -5)
    assert written_text("Hei 🎉", style).tobytes() == first.tobytes()


@pytest.mark.parametrize("align", ["start", "left", "centre", "right"])
@pytest.mark.parametrize("valign", ["top", "middle", "bottom"])
@pytest.mark.parametrize("text", ["HEI", "אבה"])
def test_a_text_stands_where_it_is_aligned(align: str, valign: str, text: str) -> None:
    style = text_style(align=align, valign=valign)
    left, top, right, bottom = ink(written_text(text, style))
    side = {"HEI": "left", "אבה": "right"}[text] if align == "start" else align
    margins = {
        "left": left,
        "right": style.width - right,
        "centre": abs(left - style.width + right),
    }
    assert margins[side] <= 4
    above, below = top, style.height - bottom
    if valign == "middle":
        assert abs(above - below) <= 4
    else:
        assert (above < below) == (valign == "top")


def test_each_paragraph_starts_where_it_begins_to_be_read() -> None:
    style = text_style(width=200, height=100, size=20, smallest=20, line_height=2)
    image = written_text("שלום\nHei\niPhone שלום", style)
    sides = [ink(image.crop((0, top, 200, top + 30))) for top in (0, 40)]
    assert sides[0][2] > 196
    assert sides[1][0] < 4


def test_all_lines_of_a_paragraph_start_at_its_side() -> None:
    style = text_style(width=90, height=100, size=20, smallest=20, line_height=2)
    image = written_text("שלום שלום iPhone", style)
    assert ink(image.crop((0, 40, 90, 70)))[2] > 86


def test_every_line_is_drawn() -> None:
    style = text_style(width=50, height=60, size=10, smallest=10, line_height=2.0)
    image = ImageChops.invert(written_text("HHH\nHHH", style))
    rows = [any(image.crop((0, y, 50, y + 1)).tobytes()) for y in range(60)]
    starts = [y for y in range(1, 60) if rows[y] and not rows[y - 1]]
    assert len(starts) == 2
    assert starts[1] - starts[0] == 20


def test_spaces_within_a_text_are_kept() -> None:
    one, two = (ink(written_text(words, text_style())) for words in ("a b", "a  b"))
    assert two[2] > one[2] + 2


def test_a_tight_box_cuts_off_what_stands_over() -> None:
    style = text_style(width=8, height=5, size=40, smallest=40)
    assert written_text("WWWW", style).size == (8, 5)


@pytest.mark.parametrize("text", ["Ürituse", "Õhtu", "Åbo", "ẴŨ"])
def test_marks_on_capitals_are_not_cut_off_where_there_is_room(text: str) -> None:
    heights = []
    for valign in ("top", "middle"):
        style = text_style(letters(Font.DISPLAY), size=40, width=260, height=120, valign=valign)
        image = Image.new("RGB", (260, 120), WHITE)
        draw(image, [(text, 0)], style, 0, 0)
        _, top, _, bottom = ink(image)
        heights.append(bottom - top)
    assert heights[0] == heights[1]


def test_nothing_is_drawn_of_no_text() -> None:
    for text in ("", "\n", "  ", "\u00a0", "\u200d", "\u202e"):
        assert set(colours(written_text(text, text_style()))) == {WHITE}


@pytest.mark.parametrize("text", ["W", "שלום", "🎉"])
def test_a_transparent_colour_lets_through_what_is_below(text: str) -> None:
    full, half = (
        written_text(text, text_style(letters(colour=f"#000000{alpha}"), size=60, smallest=60))
        for alpha in ("FF", "80")
    )
    expected = Image.blend(Image.new("RGB", full.size, WHITE), full, 128 / 255)
    assert max(ImageChops.difference(half, expected).tobytes()) <= 3


def test_each_part_is_drawn_in_its_look() -> None:
    style = text_style(
        letters(),
        letters(colour="#FF0000"),
        letters(Font.SERIF, "#0000FF", ratio=2),
        size=20,
        smallest=20,
        width=400,
    )
    image = written_text([("Only ", 0), ("77", 1), (" seats ", 0), ("H", 2)], style)

    def part(colour: Pixel) -> tuple[int, int, int, int]:
        """Where a colour is."""
        found = Image.new("RGB", image.size, WHITE)
        for x in range(image.width):
            for y in range(image.height):
                if pixel(image, x, y) == colour:
                    found.putpixel((x, y), colour)
        return ink(found)

    red, blue = part(RED), part(BLUE)
    assert red[2] < blue[0]
    assert blue[3] - blue[1] > 1.5 * (red[3] - red[1])
    assert abs(blue[3] - red[3]) <= 1


def rows(image: Image.Image, colour: Pixel, left: int, right: int) -> list[int]:
    """The rows that are all of a colour from left to right."""
    return [
        y
        for y in range(image.height)
        if all(pixel(image, x, y) == colour for x in range(left, right))
    ]


@pytest.mark.parametrize("kind", ["strike", "underline"])
@pytest.mark.parametrize("texts", [("ab ", "cd ef", " gh"), ("אב ", "גד הו", " זח")])
def test_a_stroke_is_as_long_as_its_part(kind: str, texts: tuple[str, str, str]) -> None:
    style = text_style(
        letters(),
        letters(colour="#FF0000", strike=kind == "strike", underline=kind == "underline"),
        letters(colour="#FF0000"),
        size=28,
        smallest=28,
        width=300,
    )
    before, within, after = texts
    image = written_text([(before, 0), (within, 1), (after, 0)], style)
    bare = written_text([(before, 0), (within, 2), (after, 0)], style)
    left, top, right, bottom = ink(ImageChops.add(image, ImageChops.invert(bare)))
    assert bottom - top == 2
    assert rows(image, RED, left, right) == [top, top + 1]
    box = ink(bare)
    assert box[0] + 20 < left < right < box[2] - 20
    baseline = style.letters[0].fonts[0].at(28).getmetrics()[0]
    assert (top > baseline) == (kind == "underline")


def test_a_style_of_one_word_leaves_the_spaces_beside_it() -> None:
    style = text_style(letters(), letters(underline=True), size=28, smallest=28, width=300)
    tight = written_text([("H", 0), (" ", 1), ("H", 0)], style)
    assert tight.tobytes() == written_text("H H", style).tobytes()


def test_soft_hyphens_are_not_drawn() -> None:
    plain, soft = (
        written_text(text, text_style(width=400)) for text in ("kalakauppa", "kala\u00adkauppa")
    )
    assert soft.tobytes() == plain.tobytes()


def test_no_more_is_drawn_than_is_read() -> None:
    style = text_style(width=400, height=400, size=6, smallest=6)
    text = "ab " * (MOST_CHARACTERS // 3) + "cd"
    more = written_text(text + " WWW" * 9, style)
    assert more.tobytes() == written_text(text, style).tobytes()
