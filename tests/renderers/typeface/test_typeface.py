"""Uploaded fonts, from the file to what is stored."""

import logging
from io import BytesIO

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from PIL import Image, ImageChops, ImageDraw, ImageFont

from renderers import typeface
from renderers.fonts import Font
from renderers.typeface import Typeface, TypefaceError, accept
from tests.renderers.typeface.support import (
    blocky,
    changed,
    edited,
    few,
    opened,
    put,
    shipped,
    square,
    tables_of,
)

SECRET = b"Secret-42"
KEPT = {"head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "name", "post"}
TRUETYPE, POSTSCRIPT = {"glyf", "loca"}, {"CFF "}
LAYOUT = {"GSUB", "GPOS", "GDEF"}


def drawn(data: bytes, text: str, size: int = 60) -> Image.Image:
    image = Image.new("L", (12 * size, 2 * size))
    face = ImageFont.truetype(BytesIO(data), size)
    ImageDraw.Draw(image).text((size // 2, size // 2), text, 255, face)
    return image


def ink(image: Image.Image) -> float:
    return sum(value * count for value, count in enumerate(image.histogram())) / 255


@pytest.mark.parametrize("flavor", [None, "woff", "woff2"])
@pytest.mark.parametrize("font", [Font.SERIF, Font.REGULAR])
def test_every_kind_of_file_gives_the_same_font(font: Font, flavor: str | None) -> None:
    taken = accept(few(font, flavor=flavor))
    assert taken.data == accept(few(font)).data
    assert taken.type == ("font/ttf" if font == Font.SERIF else "font/otf")
    assert taken.family == ("Playfair Display" if font == Font.SERIF else "Inter")
    assert (taken.style, taken.weight) == (
        ("Bold", 700) if font == Font.SERIF else ("Regular", 400)
    )
    assert taken.glyphs == len(opened(few(font)).getGlyphOrder())
    assert taken.warnings == ()


@pytest.mark.parametrize("font", [Font.SERIF, Font.DISPLAY])
def test_a_whole_font_is_read(font: Font) -> None:
    taken = accept(shipped(font))
    assert {"en", "et", "fi", "ru", "sv", "pl", "uk"} <= set(taken.languages)
    assert "ar" not in taken.languages
    before, after = (drawn(data, "Õhtu AVATAR ffi €1") for data in (shipped(font), taken.data))
    assert ink(ImageChops.difference(before, after)) < ink(before) * 0.05


@pytest.mark.parametrize("font", [Font.SERIF, Font.REGULAR])
def test_what_is_stored_is_accepted_as_it_is(font: Font) -> None:
    once = accept(few(font))
    assert accept(once.data) == once
    assert len(once.id) == 32
    assert int(once.id, 16)


@pytest.mark.parametrize(("font", "outlines"), [(Font.SERIF, TRUETYPE), (Font.REGULAR, POSTSCRIPT)])
def test_nothing_else_of_the_file_is_kept(font: Font, outlines: set[str]) -> None:
    def stuff(source: TTFont) -> None:
        source["EVIL"] = newTable("EVIL")
        source["EVIL"].data = SECRET
        source["name"].setName(SECRET.decode(), 10, 3, 1, 0x409)

    data = edited(few(font), stuff) + SECRET
    assert data.count(SECRET) > 1
    taken = accept(data)
    assert SECRET not in taken.data
    assert SECRET.decode().encode("utf-16-be") not in taken.data
    found = set(opened(taken.data).keys()) - {"GlyphOrder"}
    assert KEPT | outlines <= found <= KEPT | outlines | LAYOUT
    assert taken == accept(few(font))


def test_programs_are_gone() -> None:
    assert {"prep", "gasp"} <= set(tables_of(few(Font.SERIF)))
    data = accept(few(Font.SERIF)).data
    assert not {"fpgm", "prep", "cvt ", "gasp"} & set(tables_of(data))
    stored = opened(data)
    assert stored["maxp"].maxSizeOfInstructions == 0
    glyphs = [stored["glyf"][name] for name in stored.getGlyphOrder()]
    assert all(not glyph.program.getBytecode() for glyph in glyphs if glyph.numberOfContours)
    assert not any(glyph.isComposite() for glyph in glyphs)
    assert any(glyph.isComposite() for glyph in opened(few(Font.SERIF))["glyf"].glyphs.values())


def test_letters_stand_together_as_before() -> None:
    for font in (Font.SERIF, Font.REGULAR):
        faces = [
            ImageFont.truetype(BytesIO(data), 100) for data in (few(font), accept(few(font)).data)
        ]
        for text in ("AaA", "ffl", "Aš1"):
            before, after = (face.getlength(text) for face in faces)
            assert before == pytest.approx(after, abs=1.01)


def test_a_fonts_words_come_from_it() -> None:
    taken = accept(blocky())
    assert taken == Typeface(
        id=taken.id,
        type="font/ttf",
        family="Blocky",
        style="Regular",
        weight=400,
        glyphs=2,
        languages=(),
        lacks=(),
        warnings=(),
        data=taken.data,
    )


def test_a_letter_that_is_not_drawn_is_told_and_not_counted() -> None:
    empty = TTGlyphPen(None).glyph()
    letters = dict.fromkeys("abcdefghijklmno", empty)
    taken = accept(blocky({"A": square(), "space": empty, **letters}, {
        65: "A", 32: "space", 0x3164: "space", **{ord(letter): letter for letter in letters}
    }))  # fmt: skip
    assert taken.warnings == ("letters that are drawn as nothing: a b c d e f g h i j k l …",)
    assert accept(blocky({"A": square(), "B": empty})).warnings == (
        "letters that are drawn as nothing: B",
    )


def test_a_font_that_draws_nothing_is_refused() -> None:
    with pytest.raises(TypefaceError, match="the font draws nothing"):
        accept(blocky({"A": TTGlyphPen(None).glyph()}))


def test_of_a_variable_font_the_default_is_kept() -> None:
    data = blocky(
        edit=lambda builder: (
            builder.setupFvar([("wght", 400, 400, 700, "Weight")], []),
            builder.setupGvar({}),
        )
    )
    assert "fvar" in tables_of(data)
    taken = accept(data)
    assert taken.warnings == (
        "a variable font: its default is kept; upload other weights as fonts of their own",
    )
    assert taken.data == accept(blocky()).data


def test_colours_are_kept_and_others_told() -> None:
    def colour(builder: FontBuilder) -> None:
        builder.setupCOLR({"A": [("B", 0)]}, version=0)
        builder.setupCPAL([[(1, 0, 0, 1)]])

    plain = blocky({"A": square(), "B": square(side=300)}, edit=colour)

    def coloured(version: int) -> bytes:
        return changed(plain, COLR=put(tables_of(plain)["COLR"], 0, "H", version))

    taken = accept(coloured(0))
    assert {"COLR", "CPAL"} <= set(tables_of(taken.data))
    assert taken.warnings == ()
    assert accept(taken.data) == taken
    assert accept(coloured(1)).warnings == (
        "colours of the kind COLR 1 are not kept; export the font with COLR 0",
    )


def test_a_font_that_is_too_large_when_it_is_written_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = len(accept(blocky()).data)
    monkeypatch.setattr(typeface, "MOST_WRITTEN", size)
    assert len(accept(blocky()).data) == size
    monkeypatch.setattr(typeface, "MOST_WRITTEN", size - 1)
    with pytest.raises(TypefaceError, match=f"has {size} bytes, at most {size - 1} would be right"):
        accept(blocky())


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        accept(few(Font.SERIF))
        accept(few(Font.REGULAR, flavor="woff2"))
    assert caplog.records == []
