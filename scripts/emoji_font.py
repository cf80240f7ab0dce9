"""Make renderers/fonts/Twemoji.ttf from the font of the npm package twemoji-colr-font.

    python scripts/emoji_font.py twemoji.woff2

An emoji of a COLR font is layers of other glyphs' outlines, and its own outline is empty. Pillow
asks that outline how large the emoji is, and so would draw nothing: each emoji gets a rectangle
around its layers, which is measured and never drawn.
"""

import sys
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parent.parent / "renderers" / "fonts" / "Twemoji.ttf"
NOT_NEEDED = ("FFTM", "GDEF")


def main(source: str) -> None:
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    glyphs, metrics = font["glyf"], font["hmtx"]
    for name, layers in font["COLR"].ColorLayers.items():
        drawn = [glyph for layer in layers if (glyph := glyphs[layer.name]).numberOfContours]
        left, bottom = (min(getattr(one, side) for one in drawn) for side in ("xMin", "yMin"))
        right, top = (max(getattr(one, side) for one in drawn) for side in ("xMax", "yMax"))
        pen = TTGlyphPen(None)
        pen.moveTo((left, bottom))
        for corner in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(corner)
        pen.closePath()
        glyphs[name] = pen.glyph()
        metrics[name] = metrics[name][0], left
    for table in NOT_NEEDED:
        del font[table]
    font.save(TARGET)


if __name__ == "__main__":
    main(sys.argv[1])
