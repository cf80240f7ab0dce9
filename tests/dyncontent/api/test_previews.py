"""Previews: the same decision and picture as an open, and nothing recorded."""

import base64
from typing import Any

import pytest

from dyncontent.store.store import Store
from tests import samples
from tests.samples import BLOCK, HOST, MESSAGE, RECIPIENT
from tests.site import Site

pytestmark = pytest.mark.anyio

ASKED = {"block": BLOCK, "recipient": RECIPIENT, "message": MESSAGE}


def _picture(preview: Any) -> bytes:
    return base64.b64decode(preview["picture"].partition(",")[2])


async def test_a_preview_is_what_an_open_would_show(site: Site, store: Store) -> None:
    await site.do("PATCH", "products/rome", {"stock": 0})
    preview = await site.do("POST", "previews", ASKED)
    assert await store.ask(("EXISTS", store.keys.events)) == [0]
    assert _picture(preview) == (await site.open()).content
    assert preview["link"] == (await site.click()).headers["location"]
    assert (preview["version"], preview["locale"], preview["alt"]) == (1, "en", "similar")


async def test_a_preview_tells_why(site: Site) -> None:
    await site.do("PATCH", "products/rome", {"stock": 0})
    preview = await site.do("POST", "previews", ASKED | {"language": "fi"})
    assert preview["decision"] == {
        "variant": "similar",
        "offer": "oslo",
        "reason": "TARGETING_MATCH",
        "detail": "VARIANT_HOLDS",
        "swap": True,
        "withheld": None,
        "arm": None,
        "skipped": [
            {
                "variant": "rome",
                "guard": "in_stock",
                "truth": False,
                "offer": "rome",
                "missing": [],
                "stale": False,
            }
        ],
    }
    assert preview["why"] == (
        "Näytetään, koska tuotetta ”Rooma” on jäljellä 0 kpl, tuotetta ”oslo” on jäljellä 5 kpl"
        " ja Aino ei ole ostanut tuotetta ”oslo”."
    )
    rome, similar = preview["trace"]
    assert [(offer["offer"], offer["truth"]) for offer in rome["offers"]] == [("rome", False)]
    assert [(offer["offer"], offer["truth"]) for offer in similar["offers"]] == [
        ("oslo", True),
        ("riga", True),
    ]
    assert {"guard": "in_stock", "truth": False, "op": "above", "value": 0, "seen": 0,
            "fact": "product.rome.stock"} in rome["offers"][0]["guards"]  # fmt: skip


async def test_a_draft_can_be_previewed_before_it_is_published(site: Site) -> None:
    shown = samples.variant("new", samples.BLUE, f"https://{HOST}/")
    await site.do("PUT", "blocks/later", samples.block(shown))
    asked = ASKED | {"block": "later"}
    assert (await site.api("POST", "previews", asked)).status_code == 404
    preview = await site.do("POST", "previews", asked | {"draft": True})
    assert (preview["version"], preview["decision"]["variant"]) == (None, "new")
    assert samples.colour(_picture(preview)) == samples.BLUE


async def test_a_preview_has_the_type_that_is_asked_for(site: Site) -> None:
    preview = await site.do("POST", "previews", ASKED | {"type": "gif"})
    assert preview["picture"].startswith("data:image/gif;base64,")
    assert _picture(preview).startswith(b"GIF8")


async def test_of_an_archived_block_the_fallback_is_shown_and_its_draft_as_ever(
    site: Site,
) -> None:
    await site.do("POST", f"blocks/{BLOCK}/archive")
    preview = await site.do("POST", "previews", ASKED | {"language": "et"})
    assert preview["why"] == "Näidatakse varuvarianti, sest plokk on arhiveeritud."
    assert (preview["decision"]["variant"], preview["decision"]["detail"]) == (None, "ARCHIVED")
    assert samples.colour(_picture(preview)) == samples.GREY
    draft = await site.do("POST", "previews", ASKED | {"draft": True})
    assert draft["decision"]["variant"] == "rome"
