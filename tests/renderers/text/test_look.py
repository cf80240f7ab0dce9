from collections.abc import Sequence
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from renderers import fonts
from renderers.fonts import Face, Font
from renderers.text.look import (
    FIGURES,
    TABULAR,
    Chunk,
    Direction,
    Look,
    chunk,
    clusters,
    look,
    missing,
)
from tests.renderers.support import WHITE, law, subset, text_style, written_text

CHAIN = fonts.chain(fonts.shipped(Font.REGULAR))
EMOJI = {
    "plain": "\U0001f389",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "flag": "\U0001f1eb\U0001f1ee",
    "region": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "skin": "\U0001f44d\U0001f3fd",
    "keycap": "1\ufe0f\u20e3",
    "chosen": "\u2764\ufe0f",
    "rainbow": "\U0001f3f3\ufe0f\u200d\U0001f308",
    "in Inter too": "\u2b1c",
}
every_emoji = pytest.mark.parametrize("emoji", EMOJI.values(), ids=EMOJI)
inline = st.characters(exclude_characters="\n\r\x1c\x1d\x1e\x85\u2029", exclude_categories=["Cs"])
texts = st.text("aVTéж1 .,-שا🎉\u0301", max_size=12)


def chunk_of(
    text: str,
    *,
    spacing: float = 0,
    chain: Sequence[Face] = CHAIN,
    features: tuple[str, ...] = FIGURES,
    way: Direction | None = None,
) -> Chunk:
    return Chunk(text, Look(tuple(chain), 40, features, spacing), way)


def drawers(text: str, chain: Sequence[Face] = CHAIN) -> list[tuple[str, str]]:
    return [(whole(font), part) for font, part in chunk_of(text, chain=chain).parts]


def whole(face: Face) -> str:
    """The font's id, or that of the one whose core it is."""
    return next((font for font, core in fonts.CORES.items() if core == face.id), face.id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hei, maailma!", [(Font.REGULAR, "Hei, maailma!")]),
        ("", [(Font.REGULAR, "")]),
        ("שלום!", [(Font.HEBREW, "שלום"), (Font.REGULAR, "!")]),
        ("مرحبا،", [(Font.ARABIC, "مرحبا،")]),
        ("aשb", [(Font.REGULAR, "a"), (Font.HEBREW, "ש"), (Font.REGULAR, "b")]),
        ("Hei🎉!", [(Font.REGULAR, "Hei"), (Font.EMOJI, "🎉"), (Font.REGULAR, "!")]),
        ("🎉漢", [(Font.EMOJI, "🎉漢")]),
        ("漢a", [(Font.REGULAR, "漢a")]),
        ("\u2b1c\ufe0e", [(Font.REGULAR, "\u2b1c\ufe0e")]),
        ("\u2b1c\ufe0e\u2b1c", [(Font.REGULAR, "\u2b1c\ufe0e"), (Font.EMOJI, "\u2b1c")]),
        ("\u2764", [(Font.REGULAR, "\u2764")]),
        ("©", [(Font.REGULAR, "©")]),
        ("\u200d", [(Font.REGULAR, "\u200d")]),
    ],
)
def test_the_first_font_that_can_draws(text: str, expected: list[tuple[str, str]]) -> None:
    assert drawers(text) == expected


def test_from_right_to_left_the_last_part_is_leftmost() -> None:
    parts = [(whole(font), part) for font, part in chunk_of("אa🎉", way="rtl").parts]
    assert parts == [(Font.EMOJI, "🎉"), (Font.REGULAR, "a"), (Font.HEBREW, "א")]


@every_emoji
def test_an_emoji_is_one_picture_in_colour(emoji: str) -> None:
    assert drawers(f"a{emoji}") == [(Font.REGULAR, "a"), (Font.EMOJI, emoji)]
    assert list(clusters(f"a{emoji}")) == ["a", emoji]
    one = chunk_of(emoji)
    assert one.width == chunk_of(EMOJI["plain"]).width
    ((image, _, _),) = one.drawn
    assert image.mode == "RGBA"
    assert image.getchannel("A").getextrema() == (0, 255) or emoji == EMOJI["in Inter too"]


@every_emoji
def test_emoji_have_other_colours_than_the_ink(emoji: str) -> None:
    picture = written_text(emoji, text_style(size=40, smallest=40))
    assert picture.getbbox() is not None
    colours = {pixel for _, pixel in picture.getcolors(100_000) or []}
    assert len(colours) > 2
    assert (0, 0, 0) not in colours


def test_emoji_have_no_dark_edges() -> None:
    ours = written_text(EMOJI["skin"], text_style(size=60, smallest=60))
    plain = Image.new("RGB", ours.size, WHITE)
    ImageDraw.Draw(plain).text(
        (0, CHAIN[0].at(60).getmetrics()[0]),
        EMOJI["skin"],
        font=fonts.shipped(Font.EMOJI).at(60),
        anchor="ls",
        embedded_color=True,
    )
    assert max(ImageChops.difference(ours, plain).tobytes()) <= 3


@pytest.mark.parametrize("letter", "õäöüšžéй")
@pytest.mark.parametrize("font", fonts.BY_NAME.values())
def test_a_letter_and_its_mark_are_drawn_as_one(letter: str, font: Font) -> None:
    chain = fonts.chain(fonts.shipped(font))
    apart = normalize("NFD", letter)
    assert drawers(apart, chain) == [(font, apart)]
    one, other = chunk_of(letter, chain=chain), chunk_of(apart, chain=chain)
    assert one.width == other.width
    assert one.drawn[0][0].tobytes() == other.drawn[0][0].tobytes()


@pytest.mark.parametrize("letters", ["õ", "o\u0303"])
@pytest.mark.parametrize("text", ["õ", "o\u0303"])
def test_a_font_without_marks_draws_letters_with_marks(letters: str, text: str) -> None:
    brand = Face(f"a font of {letters!r}", subset(Font.SERIF, map(ord, letters)))
    assert drawers(text, [brand, *CHAIN]) == [(brand.id, text)]
    assert missing(text, [brand]) == ""
    whole = chunk_of(text, chain=[fonts.shipped(Font.SERIF)])
    drawn = chunk_of(text, chain=[brand])
    assert drawn.width == whole.width
    size, other = (one.drawn[0][0].size for one in (drawn, whole))
    assert all(abs(side - other_side) <= 1 for side, other_side in zip(size, other, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hyvää yötä, õhtu!", ""),
        ("Съешь ещё этих булок\n", ""),
        ("Ξεσκεπάζω", ""),
        ("مرحبا، كيف حالك؟ ١٢٣ \u061c", ""),
        ("שָׁלוֹם ₪", ""),
        ("".join(EMOJI.values()), ""),
        ("a\u00adb\u200bc\u2060\u200e", ""),
        ("o\u0303 š", ""),
        ("", ""),
        ("漢字と字", "漢字と"),
        ("ab ภาษา", "ภาษ"),
        ("हिन्दी ok", "हिन्दी"),
        ("🎉漢", "漢"),
    ],
)
@pytest.mark.parametrize("font", fonts.BY_NAME.values())
def test_what_no_font_draws_is_named(text: str, expected: str, font: Font) -> None:
    found = missing(text, fonts.chain(fonts.shipped(font)))
    assert sorted(set(found)) == sorted(set(expected))


@law
@given(
    st.text(inline, max_size=8),
    st.sampled_from((0, 3.5, -2)),
    st.sampled_from((None, "ltr", "rtl")),
)
def test_any_text_is_drawn(text: str, spacing: float, way: Direction | None) -> None:
    one = chunk_of(text, spacing=spacing, way=way)
    assert "".join(part for _, part in (one.parts[::-1] if way == "rtl" else one.parts)) == text
    assert all(image.mode in ("L", "RGBA") for image, _, _ in one.drawn)


@law
@given(texts, st.floats(-4, 12))
def test_spacing_widens_by_the_number_of_letters(text: str, spacing: float) -> None:
    # Ligatures are off in both: a spacing that is nearly none.
    near, spaced = chunk_of(text, spacing=1e-9), chunk_of(text, spacing=spacing or 1e-9)
    count = len(list(clusters(text)))
    assert spaced.width == pytest.approx(near.width + count * spacing, abs=1e-3)
    assert len(spaced.drawn) == count


def test_spaced_letters_stand_apart_and_in_order() -> None:
    lefts = {
        spacing: [left for _, left, _ in chunk_of("HHH", spacing=spacing).drawn]
        for spacing in (0.001, 10, -3)
    }
    assert [wide - near for wide, near in zip(lefts[10], lefts[0.001], strict=True)] == [0, 10, 20]
    assert [tight - near for tight, near in zip(lefts[-3], lefts[0.001], strict=True)] == [
        0,
        -3,
        -6,
    ]


def test_spacing_leaves_letters_from_right_to_left_joined() -> None:
    spaced, plain = (chunk_of("مرحبا", spacing=spacing, way="rtl") for spacing in (9, 0))
    assert spaced.width == plain.width
    assert [image.tobytes() for image, _, _ in spaced.drawn] == [
        image.tobytes() for image, _, _ in plain.drawn
    ]


@pytest.mark.parametrize("font", [Font.REGULAR, Font.SEMIBOLD])
def test_tabular_figures_are_of_one_width(font: Font) -> None:
    chain = [fonts.shipped(font)]
    widths = [chunk_of(one, chain=chain, features=TABULAR).width for one in "0123456789"]
    assert max(widths) - min(widths) < 0.1


def test_figures_are_of_one_height() -> None:
    for font in fonts.BY_NAME.values():
        chain = fonts.chain(fonts.shipped(font))
        drawn = [chunk_of(figure, chain=chain).drawn[0] for figure in "0123456789"]
        tops, bottoms = zip(*((top, top + image.height) for image, _, top in drawn), strict=True)
        assert max(tops) - min(tops) <= 3
        assert max(bottoms) - min(bottoms) <= 3


def test_a_space_is_wide_and_has_nothing_to_see() -> None:
    one = chunk_of("\u00a0")
    assert one.width > 5
    assert all(image.getbbox() is None for image, _, _ in one.drawn)


def test_looks_and_chunks_are_kept() -> None:
    one = look(CHAIN, 31, FIGURES, 0, "fi")
    assert one is look(CHAIN, 31, FIGURES, 0, "fi")
    assert chunk("Hei", one) is chunk("Hei", one)
    assert chunk("Hei", one) is not chunk("Hei", look(CHAIN, 32, FIGURES, 0, "fi"))
    assert (one.ascent, one.descent) == CHAIN[0].at(31).getmetrics()


def test_letters_have_their_languages_forms() -> None:
    fonts_ = (fonts.shipped(Font.REGULAR),)
    forms = {
        language: Chunk("ş Ş", Look(fonts_, 60, FIGURES, 0, language), None).drawn[0][0].tobytes()
        for language in ("ro", "tr")
    }
    assert forms["ro"] != forms["tr"]


def test_a_narrow_space_is_no_reason_to_take_another_font() -> None:
    serif, regular = (fonts.chain(fonts.shipped(font)) for font in (Font.SERIF, Font.REGULAR))
    price = "1\u202f290\u202f€"
    assert drawers(price, serif) == [(Font.SERIF, price.replace("\u202f", "\u00a0"))]
    assert drawers(price, regular) == [(Font.REGULAR, price)]


@pytest.mark.parametrize("text", ["Õg", "🎉", ".", "א"])
@pytest.mark.parametrize("size", [201, 600])
def test_large_letters_are_drawn_as_small_ones_are(text: str, size: int) -> None:
    large, small = (Chunk(text, Look(CHAIN, one), None) for one in (size, 200))
    ((image, right, below),) = large.drawn
    ((plain, plain_right, plain_below),) = small.drawn
    ratio = size / 200
    assert image.mode == plain.mode
    for found, expected in (
        (image.width, plain.width),
        (image.height, plain.height),
        (right, plain_right),
        (below, plain_below),
    ):
        assert abs(found - ratio * expected) <= 2 * ratio + 2
