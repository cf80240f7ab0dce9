import pytest

from renderers import fonts
from renderers.fonts import Font

LATIN = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
ALPHABETS = {
    "fi": LATIN + "åäöšž",
    "et": LATIN + "šžõäöü",
    "ru": CYRILLIC,
    "en": LATIN,
}
SIGNS = "0123456789€$£%&@#+−-–—·•…«»„“”‘’'\"!?.,:;()/"
SPACES = {"space": " ", "no-break": "\u00a0", "narrow no-break": "\u202f"}
NOWHERE = "\U0010fffd"
"""A private character, which no font has."""

every_font = pytest.mark.parametrize("font", Font)


def glyph(font: Font, character: str) -> tuple[tuple[int, int], bytes, float]:
    face = fonts.load(font, 48)
    mask = face.getmask(character)
    return mask.size, bytes(mask), face.getlength(character)


def missing(font: Font, characters: str) -> list[str]:
    notdef = glyph(font, NOWHERE)
    return [character for character in characters if glyph(font, character) == notdef]


@every_font
def test_a_missing_glyph_is_told(font: Font) -> None:
    assert missing(font, "a漢字") == ["漢", "字"]


@every_font
@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_is_there_in_both_cases(font: Font, language: str) -> None:
    letters = ALPHABETS[language]
    assert missing(font, letters + letters.upper()) == []
    assert all(any(glyph(font, letter)[1]) for letter in letters)


@every_font
def test_every_sign_is_there_and_seen(font: Font) -> None:
    assert missing(font, SIGNS) == []
    assert all(any(glyph(font, sign)[1]) for sign in SIGNS)


@every_font
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_a_space_takes_room_and_no_ink(font: Font, space: str) -> None:
    _, ink, width = glyph(font, space)
    assert not any(ink)
    assert 0 < width < glyph(font, "m")[2]


@every_font
def test_letters_that_differ_by_a_mark_look_different(font: Font) -> None:
    pairs = ["aä", "oö", "oõ", "öõ", "uü", "ий", "её", "sš", "zž", "aå"]
    drawn = [[glyph(font, letter)[1] for letter in pair] for pair in pairs]
    assert all(first != second for first, second in drawn)


@every_font
def test_a_font_is_loaded_once_for_a_size(font: Font) -> None:
    assert fonts.load(font, 31) is fonts.load(font, 31)
    heights = [sum(fonts.load(font, size).getmetrics()) for size in (10, 20, 40)]
    assert heights == sorted(set(heights))


def test_the_fonts_are_different() -> None:
    letters = {font: tuple(glyph(font, letter) for letter in "aж5") for font in Font}
    assert len(set(letters.values())) == len(Font) == 4
