"""What the author of a block is warned of, as far as it depends on the shop."""

from typing import Any

import pytest

from tests import samples
from tests.samples import BLOCK, HOST, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"


async def _warned(site: Site, *variants: dict[str, Any], **fallback: Any) -> list[tuple[str, str]]:
    block = samples.block(*variants)
    block["fallback"] |= fallback
    saved = await site.do("PUT", f"blocks/{BLOCK}", block)
    return [(one["problem"], one["place"]) for one in saved["warnings"]]


def _asks(fact: str, **more: Any) -> dict[str, Any]:
    return samples.variant("a", RED, HOME, condition={"op": "is_set", "fact": fact}, **more)


ALONE = [("FACT_NOT_PROVIDED", "variants.0"), ("NO_VARIANT_POSSIBLE", "variants")]


@pytest.mark.parametrize(
    ("fact", "warned"),
    [
        ("recipient.first_name", []),
        ("recipient.last_name", ALONE),
        ("recipient.id", []),
        ("product.rome.stock", []),
        ("product.rome.picture", ALONE),
        ("product.nowhere.stock", ALONE),
        ("product.nowhere.bought", []),
        ("product.nowhere.repeated", []),
        ("order.status", ALONE),
        ("cart.total", ALONE),
        ("cart.1.instead.title", ALONE),
        ("now.instant", []),
        ("now.weekday", ALONE),
        ("open.client", []),
        ("shown.a", ALONE),
    ],
)
async def test_facts_that_nobody_provides(
    site: Site, fact: str, warned: list[tuple[str, str]]
) -> None:
    assert await _warned(site, _asks(fact)) == warned


async def test_facts_are_provided_once_somebody_has_them(site: Site) -> None:
    await site.do("PATCH", "recipients/aino", {"time_zone": "Europe/Tallinn"})
    assert await _warned(site, _asks("now.weekday")) == []
    assert await _warned(site, _asks("shown.a", cap={"times": 1, "over": "P1D"})) == []


async def test_a_cart_is_provided_once_somebody_has_one(site: Site) -> None:
    await site.do("PATCH", f"recipients/{samples.RECIPIENT}", {"cart": ["rome"]})
    assert await _warned(site, _asks("cart.1.title")) == []


async def test_a_blocks_own_time_zone_will_do(site: Site) -> None:
    block = samples.block(_asks("now.weekday"), time_zone="Europe/Helsinki")
    assert (await site.do("PUT", f"blocks/{BLOCK}", block))["warnings"] == []


@pytest.mark.parametrize(
    ("fallback", "place"),
    [
        ({"link": f"{HOME}oslo"}, "fallback.link"),
        ({"alt": "Trips from 99,90 €"}, "fallback.alt"),
        ({"creative": samples.canvas(RED, samples.text("Only $5"))},
         "fallback.creative.canvas.layers.0"),
        ({"html": {"elements": [{"kind": "text", "text": {"fi": "Vain 5 €", "en": "Cheap"}}]}},
         "fallback.html"),
    ],
)  # fmt: skip
async def test_a_fallback_that_sells(site: Site, fallback: dict[str, Any], place: str) -> None:
    variant = samples.variant("a", RED, HOME, offer={"product": "oslo"})
    assert await _warned(site, variant, **fallback) == [("FALLBACK_SELLS", place)]


async def test_a_fallback_with_the_picture_of_a_product(site: Site) -> None:
    picture = (await site.do("POST", "assets", samples.a_picture()))["id"]
    await site.do("PATCH", "products/oslo", {"picture": picture})
    variant = samples.variant("a", RED, HOME, offer={"product": "oslo"})
    creative = {"kind": "picture", "picture": picture, "width": 60, "height": 40}
    assert await _warned(site, variant, creative=creative) == [
        ("FALLBACK_SELLS", "fallback.creative.picture")
    ]
    layer = {"kind": "picture", "picture": picture, "x": 0, "y": 0, "width": 9, "height": 9}
    assert await _warned(site, variant, creative=samples.canvas(RED, layer)) == [
        ("FALLBACK_SELLS", "fallback.creative.canvas.layers.0")
    ]
