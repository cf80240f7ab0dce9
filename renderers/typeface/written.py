"""A font file made of what was understood of another, and of nothing else."""

from collections.abc import Mapping
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont

from renderers.typeface.metrics import BOLD, Metrics
from renderers.typeface.names import Names
from renderers.typeface.outlines import TRUETYPE, Outlines, around

_BOLD, _REGULAR = 0x0020, 0x0040
_MOST = 0xFFFF
_ALWAYS = 2_082_844_800
"""1970, in seconds since 1904: a file that tells when it was made would be another each time."""


def build(
    metrics: Metrics, outlines: Outlines, characters: Mapping[int, int], names: Names
) -> TTFont:
    """A font of these outlines, without layout. Its bytes depend on nothing else, the time
    neither."""
    builder = FontBuilder(metrics.em, isTTF=outlines.kind == TRUETYPE)
    font: TTFont = builder.font
    order = metrics.order
    left, bottom, right, top = around(outlines.boxes) or (0, 0, 0, 0)
    builder.setupHead(
        unitsPerEm=metrics.em,
        created=_ALWAYS,
        modified=_ALWAYS,
        macStyle=int(metrics.weight >= BOLD),
        xMin=left,
        yMin=bottom,
        xMax=right,
        yMax=top,
    )
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(
        {code: order[glyph] for code, glyph in characters.items()}, allowFallback=True
    )
    shapes = dict(zip(order, outlines.shapes, strict=True))
    if outlines.kind == TRUETYPE:
        builder.setupGlyf(shapes, calcGlyphBounds=False)
    else:
        font.recalcBBoxes = False
        builder.setupCFF(names.postscript, {"FontBBox": [left, bottom, right, top]}, shapes, {})
    widths = zip(metrics.widths, outlines.bearings, strict=True)
    builder.setupHorizontalMetrics(
        {
            name: (advance, bearing)
            for name, ((advance, _), bearing) in zip(order, widths, strict=True)
        }
    )
    builder.setupHorizontalHeader(
        ascent=metrics.ascent,
        descent=metrics.descent,
        lineGap=metrics.gap,
        advanceWidthMax=max(advance for advance, _ in metrics.widths),
    )
    builder.setupNameTable(
        {"familyName": names.family, "styleName": names.style, "psName": names.postscript},
        mac=False,
    )
    builder.setupOS2(
        sTypoAscender=metrics.ascent,
        sTypoDescender=metrics.descent,
        sTypoLineGap=metrics.gap,
        usWinAscent=min(max(metrics.ascent, 0), _MOST),
        usWinDescent=min(max(-metrics.descent, 0), _MOST),
        usWeightClass=metrics.weight,
        fsSelection=_BOLD if metrics.weight >= BOLD else _REGULAR,
    )
    builder.setupPost(keepGlyphNames=False)
    return font


def data_of(font: TTFont) -> bytes:
    """The file."""
    output = BytesIO()
    font.save(output, reorderTables=True)
    return output.getvalue()
