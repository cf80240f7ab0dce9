"""Make the *.core.* files of renderers/fonts: the letters of which nearly all texts are made.

    python scripts/core_fonts.py

HarfBuzz goes through all rules of a font for each word that it sets, and most rules are about
letters that are hardly ever written: with the core alone a word takes a third of the time.
"""

from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).parent.parent / "renderers" / "fonts"
SOURCES = (
    "Inter-Regular.otf",
    "Inter-SemiBold.otf",
    "InterDisplay-Bold.otf",
    "PlayfairDisplay-Bold.ttf",
)
FEATURES = ("calt", "ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "tnum")
LATIN = (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C))
CYRILLIC = (*range(0x400, 0x460), 0x490, 0x491)
GREEK = tuple(range(0x386, 0x3CF))
MARKS = (*range(0x300, 0x30D), 0x326, 0x327, 0x328)
SIGNS = (
    *range(0x2010, 0x2028),
    *range(0x202F, 0x203B),
    *(0x20AC, 0x20BD, 0x2122, 0x2212),
    *range(0x2190, 0x2194),
)


def main() -> None:
    for name in SOURCES:
        source = FONTS / name
        options = subset.Options()
        options.layout_features = FEATURES
        options.name_IDs = ["*"]
        options.notdef_outline = True
        options.recalc_timestamp = False
        font = subset.load_font(source, options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=(*LATIN, *CYRILLIC, *GREEK, *MARKS, *SIGNS))
        subsetter.subset(font)
        subset.save_font(font, source.with_suffix(f".core{source.suffix}"), options)


if __name__ == "__main__":
    main()
