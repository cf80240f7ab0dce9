"""Glyphs of several coloured layers, such as emoji (COLR version 0 and CPAL)."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.C_O_L_R_ import LayerRecord
from fontTools.ttLib.tables.C_P_A_L_ import Color

from renderers.typeface.errors import TypefaceError
from renderers.typeface.outlines import Outlines, around, rectangle

MOST_LAYERS = 64
"""Of one glyph."""
_TEXT_COLOUR = 0xFFFF


@dataclass(frozen=True, slots=True)
class Colours:
    """The layers of coloured glyphs, by the glyph's name, and the colours that they use; `whole`
    is whether that is all that is coloured: paints of version 1 are not read."""

    layers: Mapping[str, Sequence[LayerRecord]]
    palette: Sequence[Color]
    whole: bool


def read_colours(tables: Mapping[str, bytes], names: Sequence[str]) -> Colours:
    """The first palette's. Raises TypefaceError, or other errors for damaged tables."""
    if "COLR" not in tables or "CPAL" not in tables:
        return Colours({}, (), "COLR" not in tables)
    version, layers = _layers(tables["COLR"], names)
    palette = _palette(tables["CPAL"])
    known = {_TEXT_COLOUR, *range(len(palette))}
    if any(layer.colorID not in known for glyph in layers.values() for layer in glyph):
        raise TypefaceError("a layer of the font has a colour that is not in its palette (CPAL)")
    return Colours(layers, palette, version == 0)


def seen(outlines: Outlines, coloured: Colours, names: Sequence[str]) -> Outlines:
    """A coloured glyph's own outline, where it is empty, becomes the box of its layers: Pillow asks
    it how large the glyph is, and would draw nothing."""
    numbers = {name: number for number, name in enumerate(names)}
    shapes, boxes, bearings = map(list, (outlines.shapes, outlines.boxes, outlines.bearings))
    for name, layers in coloured.layers.items():
        box = around(outlines.boxes[numbers[layer.name]] for layer in layers)
        glyph = numbers[name]
        if boxes[glyph] is None and box is not None:
            shapes[glyph] = rectangle(outlines.kind, box)
            boxes[glyph], bearings[glyph] = box, box[0]
    return Outlines(outlines.kind, tuple(shapes), tuple(boxes), tuple(bearings))


def add_colours(font: TTFont, coloured: Colours) -> None:
    if coloured.layers:
        layers, palette = newTable("COLR"), newTable("CPAL")
        layers.version, layers.ColorLayers = 0, coloured.layers
        palette.version, palette.palettes = 0, [coloured.palette]
        palette.numPaletteEntries = len(coloured.palette)
        font["COLR"], font["CPAL"] = layers, palette


def _layers(data: bytes, names: Sequence[str]) -> tuple[int, dict[str, list[LayerRecord]]]:
    version, count, begin, first, number = struct.unpack_from(">HHIIH", data)
    records = [
        LayerRecord(names[glyph], colour)
        for glyph, colour in struct.iter_unpack(">HH", data[first : first + 4 * number])
    ]
    layers = {}
    for base in range(count):
        glyph, at, own = struct.unpack_from(">HHH", data, begin + 6 * base)
        if own > MOST_LAYERS or at + own > len(records):
            raise TypefaceError(
                f"a glyph has at most {MOST_LAYERS} coloured layers, this one {own}"
            )
        layers[names[glyph]] = records[at : at + own]
    return version, layers


def _palette(data: bytes) -> list[Color]:
    _, entries, palettes, _, begin = struct.unpack_from(">HHHHI", data)
    [first] = struct.unpack_from(f">{palettes}H", data, 12)[:1]
    return [
        Color(*struct.unpack_from("BBBB", data, begin + 4 * (first + entry)))
        for entry in range(entries)
    ]
