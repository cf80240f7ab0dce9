import struct
from io import BytesIO

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image, ImageDraw, ImageFont

from renderers.typeface import accept
from renderers.typeface.colours import MOST_LAYERS, Colours, add_colours, read_colours
from renderers.typeface.errors import TypefaceError
from tests.renderers.support import pixel
from tests.renderers.typeface.support import blocky, opened, put, square, tables_of

RED, BLUE, TEXT = (1, 0, 0, 1), (0, 0, 1, 0.5), 0xFFFF
NAMES = [".notdef", "A", "B", "C"]


def coloured(*layers: tuple[str, int], truetype: bool = True, empty: bool = False) -> bytes:
    """A, of coloured layers, with B a large square and C a small one."""
    pen = TTGlyphPen(None) if truetype else T2CharStringPen(500, None)
    own = (pen.glyph() if truetype else pen.getCharString()) if empty else square(truetype=truetype)

    def colour(builder: FontBuilder) -> None:
        builder.setupCOLR({"A": list(layers)}, version=0)
        builder.setupCPAL([[RED, BLUE], [BLUE, RED]])

    shapes = {"A": own, "B": square(truetype=truetype), "C": square(truetype=truetype, side=250)}
    return blocky(shapes, truetype=truetype, edit=colour)


def read(data: bytes) -> Colours:
    return read_colours(tables_of(data), NAMES)


def shown(data: bytes) -> Image.Image:
    image = Image.new("RGB", (100, 100), "white")
    face = ImageFont.truetype(BytesIO(data), 100)
    ImageDraw.Draw(image).text((0, 0), "A", "black", face, embedded_color=True)
    return image


def test_layers_and_the_first_palette_are_read() -> None:
    found = read(coloured(("B", 0), ("C", 1), ("B", TEXT)))
    assert found.whole
    layers = [(layer.name, layer.colorID) for layer in found.layers["A"]]
    assert layers == [("B", 0), ("C", 1), ("B", TEXT)]
    assert [(c.red, c.green, c.blue, c.alpha) for c in found.palette] == [
        (255, 0, 0, 255),
        (0, 0, 255, 128),
    ]


def test_what_was_read_is_written() -> None:
    data = coloured(("B", 0), ("C", 1))
    font = opened(data)
    del font["COLR"], font["CPAL"]
    font.setGlyphOrder(NAMES)
    add_colours(font, read(data))
    tables = {tag: font[tag].compile(font) for tag in ("COLR", "CPAL")}
    assert read_colours(tables, NAMES).layers.keys() == {"A"}
    assert tables["COLR"] == tables_of(data)["COLR"]


def test_a_font_without_colours() -> None:
    data = coloured(("B", 0))
    tables = tables_of(data)
    assert read(blocky()) == Colours({}, (), True)
    assert read_colours({"COLR": tables["COLR"]}, NAMES) == Colours({}, (), False)
    font = opened(blocky())
    add_colours(font, read(blocky()))
    assert "COLR" not in font


def test_paints_of_version_1_are_told() -> None:
    tables = tables_of(coloured(("B", 0)))
    newer = tables | {"COLR": put(tables["COLR"], 0, "H", 1)}
    found = read_colours(newer, NAMES)
    assert (found.whole, list(found.layers)) == (False, ["A"])


@pytest.mark.parametrize("truetype", [True, False])
@pytest.mark.parametrize("empty", [True, False])
def test_a_glyph_is_drawn_in_its_colours(truetype: bool, empty: bool) -> None:
    image = shown(accept(coloured(("B", 0), ("C", TEXT), truetype=truetype, empty=empty)).data)
    assert pixel(image, 45, 60) == (255, 0, 0)
    assert pixel(image, 10, 90) == (0, 0, 0)
    assert pixel(image, 70, 60) == (255, 255, 255)


def test_layers_without_an_outline_give_none() -> None:
    def colour(builder: FontBuilder) -> None:
        builder.setupCOLR({"A": [(".notdef", 0)]}, version=0)
        builder.setupCPAL([[RED]])

    with pytest.raises(TypefaceError, match="the font draws nothing"):
        accept(blocky({"A": TTGlyphPen(None).glyph()}, edit=colour))


def test_a_colour_is_of_the_palette() -> None:
    assert read(coloured(("B", 1))).whole
    with pytest.raises(TypefaceError, match=r"a colour that is not in its palette \(CPAL\)"):
        read(coloured(("B", 2)))


def test_a_glyph_has_so_many_layers() -> None:
    assert len(read(coloured(*[("B", 0)] * MOST_LAYERS)).layers["A"]) == MOST_LAYERS
    with pytest.raises(TypefaceError, match="at most 64 coloured layers, this one 65"):
        read(coloured(*[("B", 0)] * (MOST_LAYERS + 1)))
    tables = tables_of(coloured(("B", 0)))
    beyond = put(tables["COLR"], 14 + 2, "H", 1)
    with pytest.raises(TypefaceError, match="coloured layers"):
        read_colours(tables | {"COLR": beyond}, NAMES)


@pytest.mark.parametrize("tag", ["COLR", "CPAL"])
def test_a_table_that_is_cut_is_told(tag: str) -> None:
    tables = tables_of(coloured(("B", 0)))
    for length in (0, 5, 13, 17):
        with pytest.raises((struct.error, TypefaceError, ValueError)):
            read_colours(tables | {tag: tables[tag][:length]}, NAMES)


def test_glyphs_that_there_are_not_are_told() -> None:
    tables = tables_of(coloured(("B", 0)))
    with pytest.raises(IndexError):
        read_colours(tables, NAMES[:1])
