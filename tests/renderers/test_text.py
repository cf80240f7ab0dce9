from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderers import text
from renderers.fonts import Font
from renderers.spec import TextLayer
from renderers.text import ELLIPSIS, Face, Setting, fit, mask
from tests.renderers.support import law, text_layer

WORDS = "Matkusta Roomaan ennen kuin kesä loppuu"
NBSP = "\u00a0"

texts = st.text("aäõWжщ1, -\u00a0\n", max_size=60) | st.lists(
    st.sampled_from(("Hei", "õnne", "Поездка", "1" + NBSP + "290" + NBSP + "€", "\n", "i")),
    max_size=15,
).map(" ".join)
layers = st.builds(
    text_layer,
    width=st.integers(1, 300),
    height=st.integers(1, 150),
    size=st.integers(6, 60),
    smallest=st.integers(6, 30),
    font=st.sampled_from([font.name.lower() for font in Font]),
    line_height=st.sampled_from((0.8, 1.0, 1.25, 3.0)),
    balance=st.booleans(),
)
scales = st.integers(1, 3)


def words(lines: tuple[str, ...] | list[str]) -> list[str]:
    return [word for line in lines for word in line.split(" ") if word]


def natural_width(line: str, size: int, font: Font = Font.REGULAR) -> float:
    return Setting(Face(font, size), 1.25, (line,)).width


@law
@given(texts, layers, scales)
def test_no_line_is_wider_than_its_box(content: str, layer: TextLayer, scale: int) -> None:
    setting = fit(content, layer, scale)
    for line in setting.lines:
        width = natural_width(line, setting.face.size, setting.face.font)
        assert width <= layer.width * scale or line == ELLIPSIS


@law
@given(texts, layers, scales)
def test_no_word_is_lost_unless_an_ellipsis_says_so(
    content: str, layer: TextLayer, scale: int
) -> None:
    lines = fit(content, layer, scale).lines
    if not any(line.endswith(ELLIPSIS) for line in lines):
        assert words(lines) == words(content.splitlines())


@law
@given(texts, layers, scales)
def test_the_lines_stay_in_the_box_but_for_one_that_is_too_high(
    content: str, layer: TextLayer, scale: int
) -> None:
    setting = fit(content, layer, scale)
    assert setting.height <= layer.height * scale or len(setting.lines) <= 1


@law
@given(texts, layers, scales)
def test_the_size_is_between_the_layers_two(content: str, layer: TextLayer, scale: int) -> None:
    size = fit(content, layer, scale).face.size
    assert min(layer.smallest, layer.size) * scale <= size <= layer.size * scale


@law
@given(texts, layers, scales)
def test_spaces_around_a_text_change_nothing(content: str, layer: TextLayer, scale: int) -> None:
    line = (content.strip().splitlines() or ["-"])[0]
    assert fit(f"  {line}  ", layer, scale) == fit(line, layer, scale)


@law
@given(texts, layers, scales)
def test_balance_needs_no_more_lines_and_no_other_size(
    content: str, layer: TextLayer, scale: int
) -> None:
    plain = fit(content, layer.model_copy(update={"balance": False}), scale)
    balanced = fit(content, layer.model_copy(update={"balance": True}), scale)
    assert balanced.face.size == plain.face.size
    assert len(balanced.lines) <= len(plain.lines)
    assert words(balanced.lines) == words(plain.lines)
    assert balanced.width <= max(plain.width, layer.width * scale)


def test_a_text_that_fits_keeps_its_size_and_its_paragraphs() -> None:
    setting = fit("Hei\n\nmaailma", text_layer(width=200, height=100, size=20), 2)
    assert (setting.lines, setting.face.size) == (("Hei", "", "maailma"), 40)


def test_a_text_shrinks_just_until_it_fits() -> None:
    layer = text_layer(width=120, height=30, size=60, smallest=6)
    setting = fit("Matkatarjous", layer, 1)
    larger = replace(setting, face=replace(setting.face, size=setting.face.size + 1))
    assert setting.lines == ("Matkatarjous",)
    assert 6 < setting.face.size < 60
    assert larger.width > 120 or larger.height > 30


def test_a_longer_text_is_never_larger() -> None:
    layer = text_layer(width=150, height=60, size=50, smallest=6)
    sizes = [fit(" ".join(["sana"] * count), layer, 1).face.size for count in range(1, 12)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_lines_break_at_spaces_but_not_at_no_break_spaces() -> None:
    width = int(natural_width("vain 1 290 €", 16)) + 2
    layer = text_layer(width=width, height=100, size=16, smallest=16)
    assert fit("Roomaan vain 1 290 €", layer, 1).lines == ("Roomaan", "vain 1 290 €")
    price = f"1{NBSP}290{NBSP}€"
    assert fit(f"Hinta vain {price}", layer, 1).lines == ("Hinta vain", price)


def test_a_trailing_space_makes_no_empty_line() -> None:
    layer = text_layer(width=int(natural_width("sana", 10)) + 1, height=14, size=10)
    assert fit("sana ", layer, 1).lines == ("sana",)
    assert fit("sana  sana", layer.model_copy(update={"height": 40}), 1).lines == ("sana", "sana")


@pytest.mark.parametrize(
    ("content", "fields", "lines"),
    [
        ("Saippuakauppias", {"width": 60, "height": 20}, ("Saippua…",)),
        ("yksi kaksi kolme", {"width": 45, "height": 20}, ("yksi…",)),
        ("yksi kaksi kolme", {"width": 80, "height": 16}, ("yksi kaksi…",)),
        ("yksi kaksi…\nkolme", {"width": 90, "height": 16}, ("yksi kaksi…",)),
        ("Saippuakauppias\non\ntäällä", {"width": 60, "height": 40}, ("Saippua…", "on…")),
        ("W", {"width": 1, "height": 20}, (ELLIPSIS,)),
        ("Hei", {"width": 90, "height": 1}, ("Hei",)),
        ("", {"width": 1, "height": 1}, ()),
    ],
    ids=["a word", "a line", "with room", "own ellipsis", "both ways", "no room", "low", "nothing"],
)
def test_what_does_not_fit_ends_with_an_ellipsis(
    content: str, fields: dict[str, int], lines: tuple[str, ...]
) -> None:
    assert fit(content, text_layer(size=12, smallest=12, **fields), 1).lines == lines


def test_balanced_lines_are_about_equally_long() -> None:
    layer = text_layer(width=260, height=60, size=16, smallest=16)
    plain = fit(WORDS, layer, 1)
    balanced = fit(WORDS, layer.model_copy(update={"balance": True}), 1)
    assert len(plain.lines) == len(balanced.lines) == 2

    def unevenness(setting: Setting) -> float:
        first, second = (natural_width(line, setting.face.size) for line in setting.lines)
        return abs(first - second)

    assert unevenness(balanced) < unevenness(plain) / 2


def test_a_setting_without_lines_has_no_width() -> None:
    assert Setting(Face(Font.SERIF, 20), 1.5, ()).width == 0
    assert Setting(Face(Font.SERIF, 21), 1.5, ("a", "b")).leading == 32


def test_figures_are_of_one_height() -> None:
    heights = set()
    for figure in "0123456789":
        _, top, _, bottom = ink(mask(figure, text_layer(size=60, height=90, font="serif"), 1))
        heights.add((top // 4, bottom // 4))
    assert len(heights) <= 2


def ink(image: Any) -> tuple[int, int, int, int]:
    box = image.getbbox()
    assert box is not None
    return box  # type: ignore[no-any-return]


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_text_stands_where_it_is_aligned(scale: int) -> None:
    boxes = {
        (align, valign): ink(mask("HEI", text_layer(align=align, valign=valign), scale))
        for align in ("left", "centre", "right")
        for valign in ("top", "middle", "bottom")
    }
    width, height, near = 100 * scale, 40 * scale, 3 * scale
    for (align, valign), (left, top, right, bottom) in boxes.items():
        margins = {"left": left, "right": width - right, "centre": abs(left - width + right)}
        assert margins[align] <= near
        above, below = top, height - bottom
        if valign == "middle":
            assert abs(above - below) <= near
        else:
            assert (above < below) == (valign == "top")


def test_every_line_is_drawn() -> None:
    layer = text_layer(width=50, height=60, size=10, smallest=10, line_height=2.0)
    image = mask("HHH\nHHH", layer, 1)
    rows = [any(image.crop((0, y, 50, y + 1)).tobytes()) for y in range(60)]
    starts = [y for y in range(1, 60) if rows[y] and not rows[y - 1]]
    assert len(starts) == 2
    assert starts[1] - starts[0] == 20


@law
@given(texts | st.text(max_size=20), layers, scales)
def test_a_mask_has_the_size_of_its_box_for_any_text(
    content: str, layer: TextLayer, scale: int
) -> None:
    image = mask(content, layer, scale)
    assert (image.mode, image.size) == ("L", (layer.width * scale, layer.height * scale))


def test_a_tight_box_cuts_off_what_stands_over() -> None:
    image = mask("WWWW", text_layer(width=8, height=5, size=40, smallest=40), 1)
    assert image.size == (8, 5)
    assert text.ELLIPSIS == "…"


def test_spaces_within_a_text_are_kept() -> None:
    one, two = (mask(words, text_layer(), 1).getbbox() for words in ("a b", "a  b"))
    assert one is not None
    assert two is not None
    assert two[2] > one[2] + 2


def test_a_line_from_right_to_left_is_set_as_a_whole() -> None:
    layer = text_layer(width=200)
    assert fit("שלום עולם", layer, 1).lines == ("שלום עולם",)
    assert mask("שלום עולם", layer, 1).getbbox() is not None
