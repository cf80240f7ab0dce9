from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderers.text.breaks import (
    MOST_CHARACTERS,
    SOFT_HYPHEN,
    Word,
    between,
    limited,
    loose,
    merged,
    paragraphs,
    parts,
)
from tests.renderers.support import law

NBSP = "\u00a0"
languages = st.sampled_from(("", "fi", "et", "ru", "en", "de", "fr", "pl", "ja", "ar", "xx"))
texts = st.text("aäЖв漢。「1 !?:«»-\u00a0\u00ad\n", max_size=40)
spans = st.lists(st.tuples(texts, st.integers(0, 2)), max_size=5)


def words(text: str, language: str = "") -> list[list[str]]:
    return [[word.text for word in each] for each in paragraphs(((text, 0),), language)]


def put_together(paragraph: Sequence[Word]) -> str:
    return "".join(" " * word.spaced + word.text for word in paragraph)[1:]


def broken(text: str, language: str) -> list[str]:
    return [part.text for part in parts(Word(((text, 0),)), language)]


@law
@given(spans, languages)
def test_words_put_together_are_the_text(given: list[tuple[str, int]], language: str) -> None:
    whole = "".join(text for text, _ in given)
    found = [put_together(paragraph) for paragraph in paragraphs(given, language)]
    assert found == [line.strip(" ") for line in whole.splitlines()]


@law
@given(spans, languages)
def test_parts_put_together_are_the_word(given: list[tuple[str, int]], language: str) -> None:
    for paragraph in paragraphs(given, language):
        for word in paragraph:
            found = parts(word, language)
            assert merged(span for part in found for span in part.spans) == word.spans
            assert [part.spaced for part in found] == [word.spaced] + [False] * (len(found) - 1)
            assert " ".join(part.text for part in loose(word)) == word.text
            assert all(part.spaced for part in loose(word)[1:])


@law
@given(spans, st.integers(0, 60), st.integers(0, 60))
def test_a_part_of_a_text_keeps_its_looks(
    given: list[tuple[str, int]], first: int, last: int
) -> None:
    letters = [(letter, number) for text, number in given for letter in text]
    part = between(given, first, last)
    assert [(letter, number) for text, number in part for letter in text] == letters[first:last]
    assert all(one[1] != other[1] for one, other in pairwise(part))


@law
@given(st.lists(st.text(max_size=5), max_size=8), languages)
def test_a_text_in_parts_of_one_look_has_the_same_words(given: list[str], language: str) -> None:
    apart = paragraphs([(text, 0) for text in given], language)
    assert [*apart] == [*paragraphs((("".join(given), 0),), language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ru", "Поездка в Рим и к морю", ["Поездка", "в Рим", "и к морю"]),
        ("uk", "я з вами", ["я з вами"]),
        ("ru", "Рим в 5 и", ["Рим", "в 5", "и"]),
        ("pl", "jazda w góry od razu", ["jazda", "w góry", "od", "razu"]),
        ("cs", "jedu k moři", ["jedu", "k moři"]),
        ("fr", "« Bonjour ! » dit-il : 5 %", ["« Bonjour ! »", "dit-il :", "5 %"]),
        ("fr", "Quoi ?! !", ["Quoi ?! !"]),
        ("en", "I am a cat !", ["I", "am", "a", "cat", "!"]),
        ("en", f"1{NBSP}290{NBSP}€ only", [f"1{NBSP}290{NBSP}€", "only"]),
        ("ru", "в  море", ["в", "", "море"]),
        ("ja", "旅行 「東京」へ。", ["旅", "行", "「東", "京」", "へ。"]),
        ("ja", "ABC漢字", ["ABC", "漢", "字"]),
    ],
)
def test_words_by_language(language: str, text: str, expected: list[str]) -> None:
    assert words(text, language) == [expected]


def test_letters_without_spaces_between_them_are_not_parted_by_any() -> None:
    (paragraph,) = paragraphs((("旅行 東京", 0),), "ja")
    assert [word.spaced for word in paragraph] == [True, False, True, False]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\v", "\f", "\x85"])
def test_a_line_break_ends_a_paragraph(end: str) -> None:
    ((text, _),) = limited(((f"a b{end}c", 0),))
    assert words(text) == [["a", "b"], ["c"]]


def test_an_empty_line_is_a_paragraph() -> None:
    assert words("a\n\n b ") == [["a"], [""], ["b"]]
    assert words("") == []


def test_what_controls_is_not_read() -> None:
    controls = "\x00\x07\x1b\x1c\x7f\x80\x9f\u202e\u2067\u2069\ud800"
    assert limited(((f"a{controls}b\tc\nd", 1),)) == (("ab c\nd", 1),)
    assert limited((("a\u200d\u00ad\u200fb", 0),)) == (("a\u200d\u00ad\u200fb", 0),)


def test_no_more_is_read_than_a_picture_shows() -> None:
    long = "a" * (MOST_CHARACTERS - 1)
    assert limited(((long, 0), ("bcd", 1), ("e", 2))) == ((long, 0), ("b", 1), ("", 2))


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("fi", "kesäyöunelmia", ["ke", "säyöu", "nel", "mia"]),
        ("fi", "Kulttuurimatka!", ["Kult", "tuu", "ri", "matka!"]),
        ("fi", "talo", ["talo"]),
        ("et", "kõrvalmaantee", ["kõr", "val", "maan", "tee"]),
        ("ru", "достопримечательность", ["до", "сто", "при", "ме", "ча", "тель", "ность"]),
        ("en", "hyphenation", ["hy", "phen", "a", "tion"]),
        ("de", "(Donaudampfschiff)", ["(Do", "nau", "dampf", "schiff)"]),
        ("de", "Wasser-Fahrzeuge", ["Was", "ser-Fahr", "zeuge"]),
        ("ar", "internationalisation", ["internationalisation"]),
        ("", "internationalisation", ["internationalisation"]),
        ("en", "www2000", ["www2000"]),
    ],
)
def test_syllables_by_language(language: str, word: str, expected: list[str]) -> None:
    assert broken(word, language) == expected


def test_the_authors_soft_hyphens_are_those_that_count() -> None:
    assert broken(f"hyphen{SOFT_HYPHEN}ation", "en") == ["hyphen", f"{SOFT_HYPHEN}ation"]
    assert broken(f"a{SOFT_HYPHEN * 2}b", "") == ["a", f"{SOFT_HYPHEN * 2}b"]


@pytest.mark.parametrize("word", [f"{SOFT_HYPHEN}ab", f"ab{SOFT_HYPHEN}", SOFT_HYPHEN])
def test_a_soft_hyphen_with_nothing_on_a_side_breaks_nothing(word: str) -> None:
    assert broken(word, "") == [word]
