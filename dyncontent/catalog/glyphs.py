"""Letters of a block's texts that no font can draw, so that its author hears of them."""

import asyncio
from collections.abc import Iterator, Mapping

from dyncontent.catalog.block import Block, CountdownCreative, Fallback, Place, Variant, is_value
from dyncontent.catalog.uploads import uploads
from dyncontent.store.store import Store
from renderers.glyphs import Missing, missing_in_canvas, missing_in_labels
from rules.analyse import Warned

MISSING_GLYPH = "MISSING_GLYPH"


async def missing_glyphs(store: Store, block: Block) -> list[Warned]:
    ids = {name for _, name, kind in block.assets if kind == "font"}
    fonts = await uploads(store, sorted(ids))
    return await asyncio.to_thread(lambda: list(_all_missing(block, fonts)))


def _all_missing(block: Block, fonts: Mapping[str, bytes]) -> Iterator[Warned]:
    for number, variant in enumerate(block.variants):
        yield from _missing(variant, ("variants", number), fonts)
    yield from _missing(block.fallback, ("fallback",), fonts)


def _missing(
    shown: Variant | Fallback, place: Place, fonts: Mapping[str, bytes]
) -> Iterator[Warned]:
    creative = shown.creative
    for where, canvas in creative.canvases.items():
        for one in missing_in_canvas(canvas, fonts, is_value):
            yield _warned((*place, "creative", *where, "layers", one.part), one)
    if isinstance(creative, CountdownCreative):
        for one in missing_in_labels(creative.clock, fonts):
            yield _warned((*place, "creative", "clock", "units", one.part, "label"), one)


def _warned(place: Place, missing: Missing) -> Warned:
    letters = " ".join(missing.letters)
    return Warned(
        MISSING_GLYPH,
        place,
        f"no font can draw {letters} (in the text for {missing.locale}): upload one that can, and"
        " name it among the canvas's fallback_fonts",
    )
