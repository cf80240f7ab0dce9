from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from renderers import fonts
from renderers.fonts import Font
from renderers.text.breaks import SOFT_HYPHEN, merged
from renderers.text.fit import ELLIPSIS, Setting, Size, Style, fit
from renderers.text.look import clusters
from tests.renderers.support import law, letters, text_style

WORDS = "Matkusta Roomaan ennen kuin kesä loppuu"
NBSP = "\u00a0"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
LOOKS = (
    letters(),
    letters(Font.DISPLAY, ratio=2),
    letters(Font.SERIF, ratio=0.5),
    letters(strike=True),
)

texts = st.text(f"aäõWжщ1, -{NBSP}{SOFT_HYPHEN}\nאמ(漢。🎉", max_size=60) | st.lists(
    st.sampled_from(
        ("Hei", "õnne", "Поездка", f"1{NBSP}290{NBSP}€", "\n", "i", "שלום", "مرحبا,", "в", "!")
    ),
    max_size=15,
).map(" ".join)
mixed = st.lists(st.tuples(texts, st.integers(0, len(LOOKS) - 1)), max_size=3)
styles = st.builds(
    Style,
    letters=st.sampled_from([*fonts.BY_NAME.values()]).map(
        lambda font: (letters(font), *LOOKS[1:])
    ),
    width=st.integers(1, 600),
    height=st.integers(1, 300),
    size=st.integers(16, 90),
    smallest=st.integers(6, 16),
    line_height=st.sampled_from((0.8, 1.0, 1.25, 3.0)),
    balance=st.booleans(),
    spacing=st.sampled_from((0, 0, 0.2, -0.05)),
    language=st.sampled_from(("", "fi", "ru", "en", "fr", "ar")),
)


def set_(text: str, style: Style) -> Setting:
    return fit(((text, 0),), style)


def lines(text: str, **fields: Any) -> list[str]:
    return [line.text for line in set_(text, text_style(**fields)).lines]


def natural(text: str, size: int) -> int:
    """How wide a text is, up to a whole pixel."""
    return int(set_(text, text_style(size=size, smallest=size, width=10_000)).width) + 1


def seen(text: str) -> list[str]:
    """A text's letters, without what lines may add or take."""
    return [letter for letter in text if letter not in f" -\n{SOFT_HYPHEN}"]


def is_cut(setting: Setting) -> bool:
    return any(line.text.endswith(ELLIPSIS) for line in setting.lines)


@law
@given(mixed, styles)
def test_no_line_is_wider_than_its_box_but_for_an_ellipsis(
    spans: list[tuple[str, int]], style: Style
) -> None:
    for line in fit(spans, style).lines:
        assert line.width <= style.width or line.text == ELLIPSIS


@law
@given(mixed, styles)
def test_nothing_is_lost_unless_an_ellipsis_says_so(
    spans: list[tuple[str, int]], style: Style
) -> None:
    setting = fit(spans, style)
    if not is_cut(setting):
        assert seen("".join(line.text for line in setting.lines)) == seen(
            "".join(text for text, _ in spans)
        )


@law
@given(mixed, styles)
def test_every_letter_keeps_its_look(spans: list[tuple[str, int]], style: Style) -> None:
    setting = fit(spans, style)
    assume(not is_cut(setting))
    found = merged(span for line in setting.lines for span in line.spans)
    letters_of = [
        [(letter, number) for text, number in parts for letter in seen(text)]
        for parts in (found, spans)
    ]
    assert letters_of[0] == letters_of[1]


@law
@given(mixed, styles)
def test_the_lines_stay_in_the_box_but_for_one_that_is_too_high(
    spans: list[tuple[str, int]], style: Style
) -> None:
    setting = fit(spans, style)
    assert setting.height <= style.height or len(setting.lines) <= 1


@law
@given(mixed, styles)
def test_the_size_is_between_the_styles_two(spans: list[tuple[str, int]], style: Style) -> None:
    assert style.smallest <= fit(spans, style).size.pixels <= style.size


@law
@given(texts, styles)
def test_spaces_around_a_text_change_nothing(text: str, style: Style) -> None:
    line = next(iter(text.strip().splitlines()), "-")
    plain, around = set_(line, style), set_(f"  {line}  ", style)
    assert [line.spans for line in around.lines] == [line.spans for line in plain.lines]
    assert around.size.pixels == plain.size.pixels


@law
@given(texts, styles, st.lists(st.integers(0, 60), max_size=4))
def test_a_text_in_parts_of_one_look_is_as_it_is_in_one(
    text: str, style: Style, cuts: list[int]
) -> None:
    parts = [(text[first:last], 0) for first, last in pairwise([0, *sorted(cuts), len(text)])]
    whole, apart = set_(text, style), fit(parts, style)
    assert [line.spans for line in apart.lines] == [line.spans for line in whole.lines]
    assert apart.size.pixels == whole.size.pixels


@law
@given(mixed, styles)
def test_balance_needs_no_more_lines_and_no_other_size(
    spans: list[tuple[str, int]], style: Style
) -> None:
    plain = fit(spans, replace(style, balance=False))
    balanced = fit(spans, replace(style, balance=True))
    assert balanced.size.pixels == plain.size.pixels
    assert len(balanced.lines) <= len(plain.lines)
    assert balanced.width <= max(plain.width, style.width)
    assert seen("".join(line.text for line in balanced.lines)) == seen(
        "".join(line.text for line in plain.lines)
    )


@law
@given(texts, styles)
def test_letters_are_whole_where_a_text_is_cut(text: str, style: Style) -> None:
    family = f"{text}{FAMILY}o\u0303{FAMILY}"
    for line in set_(family, style).lines:
        assert {*clusters(line.text)} - {*clusters(family)} <= {ELLIPSIS, " ", "-"}


@law
@given(st.text("שלוםא() 1a%,\u05b8\u200d\u200f\u00ad\u0301مرحبا\u064b", max_size=40), styles)
def test_a_text_from_right_to_left_always_has_lines(text: str, style: Style) -> None:
    assert len(set_(text, style).lines) >= bool(text.strip())


def test_a_text_that_fits_keeps_its_size_and_its_paragraphs() -> None:
    setting = set_("Hei\n\nmaailma", text_style(width=400, height=200, size=40))
    assert [line.text for line in setting.lines] == ["Hei", "", "maailma"]
    assert setting.size.pixels == 40


def test_a_text_shrinks_just_until_it_fits() -> None:
    style = text_style(width=120, height=30, size=60, smallest=6)
    setting = set_("Matkatarjous", style)
    larger = replace(setting.lines[0], size=Size(style, setting.size.pixels + 1))
    assert [line.text for line in setting.lines] == ["Matkatarjous"]
    assert 6 < setting.size.pixels < 60
    assert larger.width > 120 or Setting(larger.size, (larger,)).height > 30


def test_a_longer_text_is_never_larger() -> None:
    style = text_style(width=150, height=60, size=50, smallest=6)
    sizes = [set_(" ".join(["sana"] * count), style).size.pixels for count in range(1, 12)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_lines_break_at_spaces_but_not_at_no_break_spaces() -> None:
    width = natural("vain 1 290 €", 16) + 2
    assert lines("Roomaan vain 1 290 €", width=width) == ["Roomaan", "vain 1 290 €"]
    price = f"1{NBSP}290{NBSP}€"
    assert lines(f"Hinta vain {price}", width=width) == ["Hinta vain", price]


def test_a_trailing_space_makes_no_empty_line() -> None:
    width = natural("sana", 10)
    assert lines("sana ", width=width, height=14, size=10, smallest=10) == ["sana"]
    assert lines("sana  sana", width=width, height=40, size=10, smallest=10) == ["sana", "sana"]


@pytest.mark.parametrize(
    ("content", "fields", "expected"),
    [
        ("Saippuakauppias", {"width": 60, "height": 20}, ["Saippua…"]),
        ("yksi kaksi kolme", {"width": 45, "height": 20}, ["yksi…"]),
        ("yksi kaksi kolme", {"width": 80, "height": 16}, ["yksi kaksi…"]),
        ("yksi kaksi…\nkolme", {"width": 90, "height": 16}, ["yksi kaksi…"]),
        ("Saippuakauppias\non\ntäällä", {"width": 60, "height": 40}, ["Saippua…", "on…"]),
        ("W", {"width": 1, "height": 20}, [ELLIPSIS]),
        ("Hei", {"width": 90, "height": 1}, ["Hei"]),
        ("", {"width": 1, "height": 1}, []),
        (f"{FAMILY}{FAMILY}", {"width": 23, "height": 20}, [f"{FAMILY}…"]),
        (f"{FAMILY}", {"width": 11, "height": 20}, [ELLIPSIS]),
        ("шлюпка в море", {"width": 80, "height": 16}, ["шлюпка в…"]),
    ],
    ids=[
        "a word", "a line", "with room", "own ellipsis", "both ways", "no room", "low", "nothing",
        "emoji", "one emoji", "within what sticks",
    ],
)  # fmt: skip
def test_what_does_not_fit_ends_with_an_ellipsis(
    content: str, fields: dict[str, int], expected: list[str]
) -> None:
    assert lines(content, size=12, smallest=12, **fields) == expected


def test_a_line_is_cut_at_a_words_end_if_half_of_it_stays() -> None:
    words = "A hotel, quiet, by the sea and its harbour"
    narrowest = natural(f"A{ELLIPSIS}", 12)
    for width in range(narrowest, natural(words, 12)):
        [cut] = lines(words, width=width, height=14, size=12, smallest=12)
        kept = cut.removesuffix(ELLIPSIS)
        assert words.startswith(kept)
        assert kept == kept.rstrip(" ,")
        if words[len(kept)] not in " ,":
            assert kept.count(" ") == 0 or kept.rfind(" ") < len(kept) / 2


@pytest.mark.parametrize(
    ("language", "text", "stays"),
    [
        ("en", "now 30 % off", "30 %"),
        ("fi", "heti klo 5.47", "klo 5.47"),
        ("fi", "vain 1 290 €!", "290 €!"),
        ("ru", "дом № 5", "№ 5"),
    ],
)
def test_a_number_stays_with_what_it_is_a_number_of(language: str, text: str, stays: str) -> None:
    for width in range(natural(stays, 12), natural(text, 12)):
        found = lines(text, width=width, height=100, size=12, smallest=12, language=language)
        assert any(stays in line for line in found)


@pytest.mark.parametrize(
    ("language", "way"), [("he", "rtl"), ("ar", "rtl"), ("fi", "ltr"), ("", "ltr")]
)
def test_a_text_without_letters_reads_as_its_language(language: str, way: str) -> None:
    for text, direction in (("1 290", way), ("Hei 1", "ltr"), ("שלום 1", "rtl")):
        [line] = set_(text, text_style(language=language)).lines
        assert line.direction == direction


def test_an_ellipsis_looks_as_what_it_follows() -> None:
    style = text_style(*LOOKS, width=75, height=20, size=12, smallest=12)
    (line,) = fit(((f"yksi{NBSP}", 0), ("kaksikymmentä", 3)), style).lines
    assert line.text == f"yksi{NBSP}kaksik…"
    assert line.spans[-1] == ("kaksik…", 3)


def test_a_large_line_that_does_not_fit_is_left_out() -> None:
    style = text_style(*LOOKS, width=300, height=56, size=20, smallest=20, line_height=1)
    spans = (("yksi\n", 0), ("kaksi\n", 0), ("kolme", 1))
    setting = fit(spans, style)
    assert [line.text for line in setting.lines] == ["yksi", "kaksi…"]
    assert setting.height <= 56


def test_balanced_lines_are_about_equally_long() -> None:
    style = text_style(width=260, height=60)
    plain, balanced = (set_(WORDS, replace(style, balance=balance)) for balance in (False, True))
    assert len(plain.lines) == len(balanced.lines) == 2

    def unevenness(setting: Setting) -> float:
        first, second = (line.width for line in setting.lines)
        return abs(first - second)

    assert unevenness(balanced) < unevenness(plain) / 2


def test_a_setting_without_lines_has_no_width() -> None:
    empty = set_("", text_style())
    assert (empty.width, empty.leadings) == (0, [])


def test_lines_are_as_far_apart_as_their_largest_letters_need() -> None:
    style = text_style(*LOOKS, width=300, height=900, size=20, smallest=20, line_height=1.5)
    spans = (("a\nb ", 0), ("c", 1), ("\nd\n", 0), ("e", 2), ("\n\nf", 0))
    setting = fit(spans, style)
    assert [line.text for line in setting.lines] == ["a", "b c", "d", "e", "", "f"]
    assert setting.leadings == [0, 60, 30, 15, 30, 30]
    larger = fit((("a", 1),), style)
    assert larger.ascent == pytest.approx(2 * fit((("a", 0),), style).ascent, abs=1)
    assert larger.height == pytest.approx(2 * fit((("a", 0),), style).height, abs=2)


def test_a_space_looks_as_both_words_beside_it_or_as_the_text() -> None:
    style = text_style(*LOOKS, width=900)
    (line,) = fit((("was ", 0), ("1 290", 3), (" now ", 0), ("a b", 1), (" c", 3)), style).lines
    assert merged(line.spans) == (
        ("was ", 0), ("1 290", 3), (" now ", 0), ("a b", 1), (" ", 0), ("c", 3),
    )  # fmt: skip


def hyphenated(word: str, language: str, **fields: Any) -> list[str]:
    given = {"width": 80, "height": 200, "size": 16, "smallest": 12}
    return lines(word, language=language, **given | fields)


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("fi", "Kulttuurimatkailukeskus", ["Kulttuurimat-", "kailukeskus"]),
        ("et", "Kõrvalmaanteed pidi", ["Kõrvalmaan-", "teed pidi"]),
        ("ru", "Достопримечательность", ["Достоприме-", "чательность"]),
        ("en", "Internationalisation", ["International-", "isation"]),
        ("de", "Donaudampfschifffahrt", ["Donaudampf-", "schifffahrt"]),
        ("fi", f"Saippua{SOFT_HYPHEN}kauppiaankatu", ["Saippua-", "kauppiaank…"]),
        ("", f"Kala{SOFT_HYPHEN}kaupunki{SOFT_HYPHEN}tie", ["Kala-", "kaupunkitie"]),
    ],
)
def test_a_word_that_is_too_wide_is_broken(language: str, word: str, expected: list[str]) -> None:
    shown = [line.replace(SOFT_HYPHEN, "") for line in hyphenated(word, language)]
    assert shown == expected


def chunks(text: str, number: int, **fields: Any) -> list[str]:
    """What is drawn in a line, from left to right."""
    setting = set_(text, text_style(**fields))
    return [part.text for part, _ in setting.lines[number].chunks]


def test_a_line_reads_in_the_direction_of_its_paragraph() -> None:
    text = "שלום שלום iPhone 15!"
    assert chunks(text, 0, width=90) == ["שלום", " ", "שלום"]
    assert chunks(text, 1, width=90) == ["!", "iPhone", " ", "15"]
    assert chunks("Hei! שלום", 0) == ["Hei!", " ", "שלום"]
    assert chunks("Hei!\nשלום!", 1) == ["שלום!"]


def test_words_that_stick_together_come_apart_before_letters_are_lost() -> None:
    letters_ = " ".join("абвгдежзик")
    given = {"width": 60, "height": 90, "language": "ru"}
    assert " ".join(lines(letters_, **given)) == letters_
    width = natural("и к морю", 16)
    assert lines("и к морю", **given | {"width": width}) == ["и к морю"]
    assert lines("и к морю", **given | {"width": width - 2}) == ["и к", "морю"]


def test_a_hyphen_ends_its_line() -> None:
    for width in range(40, 200):
        for line in hyphenated("Tietotekniikkaa", "fi", width=width, size=16, smallest=16):
            assert "-" not in line[:-1]


def test_spacing_of_letters_from_right_to_left_takes_no_room() -> None:
    plain, spaced = (set_("שלום עולם", text_style(spacing=spacing)) for spacing in (0, 0.5))
    assert spaced.width == plain.width
    assert [line.text for line in set_("שלום עולם", text_style(spacing=0.5, width=75)).lines] == [
        "שלום עולם"
    ]
