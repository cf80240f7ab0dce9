from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from types import MappingProxyType

import bidi
import pytest
from fontTools.merge import Merger
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from renderers import fonts
from renderers.fonts import Face, Font
from renderers.text.fit import Letters
from renderers.text.look import Direction, missing
from renderers.text.order import direction, is_right_to_left, seen
from tests.renderers.support import WHITE, law, subset, text_style, written_text

LETTERS = "אבש\u05b8اب٢\u064bzZé19"
SIGNS = " \u00a0.,:;!?-+%$€/()[]{}<>«»…\"'"
texts = st.text(LETTERS + SIGNS, max_size=16)
NO_KERNING = ("-kern",)
"""Words are set by themselves: nothing is between one and the space behind it."""
ways: st.SearchStrategy[Direction] = st.sampled_from(("ltr", "rtl"))


MIRRORED = str.maketrans("()[]", ")(][")


def shown(
    text: str, base: Direction, mirrored: Mapping[int, int | str] = MappingProxyType({})
) -> str:
    """The letters from left to right."""
    return "".join(
        part[::-1].translate(mirrored) if way == "rtl" else part
        for part, _, way in seen(((text, 0),), base)
    )


@law
@given(texts, ways)
def test_letters_are_in_the_order_of_another_implementation(text: str, base: Direction) -> None:
    assert shown(text, base) == bidi.get_display(text, base_dir="R" if base == "rtl" else "L")


@law
@given(st.lists(st.tuples(texts | st.text(max_size=9), st.integers(0, 2)), max_size=5), ways)
def test_nothing_is_lost_and_every_letter_keeps_its_look(
    spans: list[tuple[str, int]], base: Direction
) -> None:
    given = sorted((letter, number) for part, number in spans for letter in part)
    runs = seen(tuple(spans), base)
    assert sorted((letter, number) for part, number, _ in runs for letter in part) == given


@law
@given(st.text("aZéж漢19 .,-()", min_size=1), st.lists(st.integers(0, 2), min_size=1))
def test_from_left_to_right_there_is_one_run_for_each_look(text: str, numbers: list[int]) -> None:
    spans = tuple((text, number) for number in numbers)
    looks = [(number, len([*same])) for number, same in groupby(numbers)]
    assert list(seen(spans, "ltr")) == [(text * times, number, "ltr") for number, times in looks]


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("car is אבג.", "ltr", "car is גבא."),
        ("car אבג. x", "rtl", "x .גבא car"),
        ("he said “אבג 123, דהו.”", "ltr", "he said “והד ,123 גבא.”"),
        ("אבג 1,290 ₪", "rtl", "₪ 1,290 גבא"),
        ("سعر 12-15 %", "rtl", "% 15-12 رعس"),
        ("אבג Hotel (Spa) ד", "rtl", "ד Hotel (Spa) גבא"),
        ("a (אב) ג", "ltr", "a (בא) ג"),
        ("(א)\u0301 b", "ltr", "(א)\u0301 b"),
        ("א [b] ((c", "rtl", "c)) [b] א"),
        ("א (b]) c", "rtl", "c ([b) א"),
        ("א () b", "rtl", "b () א"),
        ("אב ", "ltr", "בא "),
    ],
)
def test_mixed_lines(text: str, base: Direction, expected: str) -> None:
    assert shown(text, base, MIRRORED) == expected


@pytest.mark.parametrize(
    ("text", "base", "parts"),
    [
        ("שלום\u00adעולם", "rtl", ["שלום\u00adעולם"]),
        ("ه\u200d", "ltr", ["ه\u200d"]),
        ("\u00adא", "rtl", ["\u00adא"]),
        ("א \U0001f468\u200d\U0001f469 b", "ltr", ["א", " \U0001f468\u200d\U0001f469 b"]),
        ("א b\u200d", "rtl", ["b\u200d", "א "]),
    ],
)
def test_what_is_not_seen_stays_with_its_letter(
    text: str, base: Direction, parts: list[str]
) -> None:
    assert [part for part, _, _ in seen(((text, 0),), base)] == parts


@pytest.mark.parametrize("strange", ["\uffff", "\u2067", "\u2069", "\u202e", "\u2029", "\u0378"])
def test_no_letter_is_too_strange(strange: str) -> None:
    assert sorted(shown(f"א{strange}b", "rtl")) == sorted(f"א{strange}b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", "ltr"),
        ("12 אב c", "rtl"),
        ("«é» א", "ltr"),
        ("", "ltr"),
        ("…", "ltr"),
        ("١ ا", "rtl"),
    ],
)
def test_a_paragraph_begins_as_its_first_letter_reads(text: str, expected: Direction) -> None:
    assert direction(text) == expected


def test_numbers_of_arabic_are_from_right_to_left() -> None:
    assert is_right_to_left("١٢٣")
    assert not is_right_to_left("é, 12")
    assert not is_right_to_left("12")


WORDS = {
    Font.HEBREW: ("שלום", "שָׁלוֹם", "(עולם)", "ב-12", "1,290", "50%", "[ב]", "א!", "Spa", "(Spa)"),
    Font.ARABIC: ("مرحبا", "بكَ", "(ليال)", "12", "١٢٣", "50%", "[لا]", "!", "Spa", "(Spa)"),
}


@lru_cache(maxsize=2)
def of_two(font: Font) -> Face:
    """Latin letters and others in one font."""
    others = {ord(letter) for letter in "".join(WORDS[font]) + "א"} & fonts.shipped(font).letters
    latin = subset(Font.SERIF, range(0x20, 0x7F))
    output = BytesIO()
    Merger().merge([BytesIO(latin), BytesIO(subset(font, others - {*range(0x7F)}))]).save(output)
    return Face(f"{font} and Latin", output.getvalue())


def apart(one: Image.Image, other: Image.Image) -> int:
    """How many dark points of a picture have none near them in another."""
    near = other.convert("L").filter(ImageFilter.MinFilter(5))
    lost = ImageChops.subtract(near, one.convert("L"))
    return sum(lost.point(lambda value: value > 160 and 255).histogram()[255:])


@law
@given(st.data(), st.sampled_from([*WORDS]))
def test_a_line_looks_as_it_does_when_it_is_set_as_a_whole(data: st.DataObject, font: Font) -> None:
    words = st.lists(st.sampled_from(WORDS[font]), min_size=1, max_size=5)
    line = " ".join(data.draw(words))
    typeface = of_two(font)
    face = typeface.at(40)
    letters = Letters((typeface,), "#000000")
    style = text_style(letters, width=900, size=40, smallest=40, align="left", features=NO_KERNING)
    whole = Image.new("RGB", (900, 100), WHITE)
    ImageDraw.Draw(whole).text(
        (0, face.getmetrics()[0]),
        line,
        (0, 0, 0),
        face,
        anchor="ls",
        features=[*NO_KERNING],
        direction=direction(line),
    )
    ours = written_text(line, style)
    assert missing(line, letters.fonts) == ""
    assert apart(ours, whole) == apart(whole, ours) == 0
