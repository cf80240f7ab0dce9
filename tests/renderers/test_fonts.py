from importlib.resources import files

import pytest
from PIL import ImageFont

from renderers import fonts
from renderers.fonts import BY_NAME, CORES, Face, Font, chain, shipped, uploaded

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
OTHERS = {
    Font.ARABIC: "ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأإؤئةپچژگ٠١٢٣٤٥٦٧٨٩،؛؟",
    Font.HEBREW: "אבגדהוזחטיכךלמםנןסעפףצץקרשת₪־׳״",
    Font.EMOJI: "🎉🔥⭐✅❤👍🏽👨👩👧🏳🌈🇫🇮🇪🇪🏴☕⏰",
}
NOWHERE = "\U0010fffd"
"""A private character, which no font has."""

every_font = pytest.mark.parametrize("font", BY_NAME.values())


def face(font: Font, size: int = 48) -> ImageFont.FreeTypeFont:
    return shipped(font).at(size)


def glyph(font: Font, character: str) -> tuple[tuple[int, int], bytes, float]:
    mask = face(font).getmask(character)
    return mask.size, bytes(mask), face(font).getlength(character)


def missing(font: Font, characters: str) -> list[str]:
    notdef = glyph(font, NOWHERE)
    return [character for character in characters if glyph(font, character) == notdef]


@every_font
def test_a_missing_glyph_is_told(font: Font) -> None:
    assert missing(font, "a漢字") == ["漢", "字"]
    assert shipped(font).draws("a")
    assert not shipped(font).draws("a漢")


@every_font
@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_is_there_in_both_cases(font: Font, language: str) -> None:
    letters = ALPHABETS[language]
    assert missing(font, letters + letters.upper()) == []
    assert shipped(font).draws(letters + letters.upper())
    assert all(any(glyph(font, letter)[1]) for letter in letters)


@every_font
def test_every_sign_is_there_and_seen(font: Font) -> None:
    assert missing(font, SIGNS) == []
    assert shipped(font).draws(SIGNS)
    assert all(any(glyph(font, sign)[1]) for sign in SIGNS)


@pytest.mark.parametrize("font", OTHERS)
def test_every_letter_of_another_script_is_there(font: Font) -> None:
    assert missing(font, OTHERS[font]) == []
    assert shipped(font).draws(OTHERS[font])


@pytest.mark.parametrize(
    "fonts_", [(Font.ARABIC, Font.ARABIC_BOLD), (Font.HEBREW, Font.HEBREW_BOLD)]
)
def test_a_bold_font_has_the_letters_of_the_regular_one(fonts_: tuple[Font, Font]) -> None:
    regular, bold = map(shipped, fonts_)
    assert regular.letters == bold.letters


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


@pytest.mark.parametrize("font", Font)
def test_a_font_is_loaded_once_for_a_size(font: Font) -> None:
    assert shipped(font) is shipped(font)
    assert face(font, 31) is face(font, 31)
    heights = [sum(face(font, size).getmetrics()) for size in (10, 20, 40)]
    assert heights == sorted(set(heights))


def test_the_fonts_are_different() -> None:
    letters = {font: tuple(glyph(font, letter) for letter in "aж5") for font in BY_NAME.values()}
    assert len(set(letters.values())) == len(BY_NAME) == 4


def test_emoji_alone_are_in_colour() -> None:
    assert [font for font in Font if shipped(font).is_coloured] == [Font.EMOJI]


def test_an_uploaded_font_is_kept_by_its_id() -> None:
    data = (files(fonts) / Font.SERIF).read_bytes()
    one = uploaded("brand", data)
    assert one is uploaded("brand", data)
    assert one is not uploaded("other", data)
    assert (one.id, one.letters) == ("brand", shipped(Font.SERIF).letters)


def names(*given: Face) -> list[str]:
    cores = set(CORES.values())
    return [font.id for font in chain(*given) if font.id not in cores]


def test_what_a_font_lacks_is_taken_from_others_of_its_weight() -> None:
    regular = [Font.REGULAR, Font.ARABIC, Font.HEBREW, Font.EMOJI]
    bold = [Font.SEMIBOLD, Font.ARABIC_BOLD, Font.HEBREW_BOLD, Font.EMOJI]
    brand = uploaded("brand", (files(fonts) / Font.SERIF).read_bytes())
    assert names(shipped(Font.REGULAR)) == regular
    assert names(shipped(Font.SEMIBOLD)) == bold
    assert names(shipped(Font.DISPLAY)) == [Font.DISPLAY, *bold]
    assert names(shipped(Font.SERIF), brand) == [Font.SERIF, "brand", *bold]
    assert names(brand, brand, shipped(Font.EMOJI)) == ["brand", Font.EMOJI, *regular[:-1]]


@every_font
def test_a_core_stands_before_its_font_and_looks_the_same(font: Font) -> None:
    core = CORES[font]
    assert [one.id for one in chain(shipped(font))][:2] == [core, font]
    letters = shipped(core).letters
    assert letters < shipped(font).letters
    assert shipped(core).draws("".join(ALPHABETS.values()) + SIGNS + SPACES["no-break"])
    words = ("Matka Väljaspool, AVAT. To 12:30", "Поездка в Рим", "fi ffi 1\u00a0290\u00a0€")
    for text in (*map(chr, sorted(letters)), *words):
        (size, drawn, width), (other_size, other, other_width) = (
            glyph(core, text),
            glyph(font, text),
        )
        assert (size, width) == (other_size, other_width)
        assert all(abs(a - b) < 8 for a, b in zip(drawn, other, strict=True))
