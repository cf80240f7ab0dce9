"""Warnings of letters that no font can draw."""

from typing import Any

import pytest

from dyncontent.catalog.glyphs import MISSING_GLYPH
from tests import samples
from tests.samples import BLOCK, GREY, HOST, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"


async def _warned(site: Site, block: dict[str, Any]) -> list[tuple[str, str]]:
    await site.do("PUT", f"blocks/{BLOCK}", block)
    saved = await site.do("GET", f"blocks/{BLOCK}")
    return [
        (one["place"], one["message"])
        for one in saved["warnings"]
        if one["problem"] == MISSING_GLYPH
    ]


def _block(text: Any, **fields: Any) -> dict[str, Any]:
    return samples.block(samples.variant("v", RED, HOME, samples.text(text) | fields))


async def test_letters_that_no_font_has_are_named_with_their_place(site: Site) -> None:
    [(place, message)] = await _warned(site, _block({"fi": "Hei", "zh": "你好 Anna"}))
    assert place == "variants.0.creative.canvas.layers.0"
    assert message.startswith("no font can draw 你 好 (in the text for zh)")


@pytest.mark.parametrize(
    "text",
    [
        "Hei õäöüšž",
        "Привет, мир",
        "Καλημέρα",
        "مرحبا",
        "שלום",
        "🎉 👩‍🚀 🇫🇮",
        "{{ recipient.first_name | default('ystävä') }}",
    ],
)
async def test_what_the_shipped_fonts_have_is_no_matter(site: Site, text: str) -> None:
    assert await _warned(site, _block(text)) == []


async def test_words_that_are_shown_instead_of_a_value_count(site: Site) -> None:
    [(_, message)] = await _warned(site, _block("{{ recipient.first_name | default('友') }}"))
    assert "draw 友 (" in message


async def test_labels_of_a_clock_and_its_faces_count(site: Site) -> None:
    face = samples.canvas(GREY)["canvas"]
    label = {"x": 0, "y": 30, "width": 60, "height": 10, "size": 8, "text": {"th": "วัน"}}
    unit = {
        "unit": "seconds", "x": 0, "y": 0, "width": 40, "height": 30, "size": 20, "label": label
    }  # fmt: skip
    clock = {
        "kind": "countdown",
        "until": "message.deadline",
        "clock": {"face": face, "expired": face, "units": [unit]},
        "still": samples.canvas(GREY, samples.text("字"))["canvas"],
    }
    found = await _warned(site, samples.block(samples.variant("v", RED, HOME, creative=clock)))
    assert [place for place, _ in found] == [
        "variants.0.creative.still.layers.0",
        "variants.0.creative.clock.units.0.label",
    ]


async def test_the_fallback_counts(site: Site) -> None:
    fallback = samples.block()["fallback"] | {"creative": samples.canvas(GREY, samples.text("字"))}
    [(place, _)] = await _warned(site, samples.block(fallback=fallback))
    assert place == "fallback.creative.canvas.layers.0"
