"""Previews: the same decision and picture as an open, and nothing recorded."""

import base64
import json
from typing import Any

import pytest

from dyncontent.delivery.cache import Pictures
from dyncontent.store.store import Store
from tests import samples
from tests.samples import BLOCK, BLUE, GREEN, HOST, MESSAGE, RECIPIENT, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
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


# Supposed


async def _chosen(site: Site, **asked: Any) -> Any:
    return (await site.do("POST", "previews", {"block": BLOCK} | asked))["decision"]["variant"]


async def test_facts_can_be_supposed_and_nothing_is_changed(site: Site, store: Store) -> None:
    supposed = ASKED | {"facts": {"product.rome.stock": 0, "recipient.first_name": "Leida"}}
    preview = await site.do("POST", "previews", supposed)
    assert preview["decision"]["offer"] == "oslo"
    assert preview["link"] == samples.PRODUCTS["oslo"]["link"]
    assert (await site.do("GET", "products/rome"))["stock"] == 30
    preview = await site.do("POST", "previews", ASKED | {"facts": {"product.rome.stock": 3}})
    assert preview["decision"]["offer"] == "rome"
    seen = [guard.get("seen") for guard in preview["trace"][0]["offers"][0]["guards"]]
    assert 3 in seen
    assert await store.ask(("EXISTS", store.keys.events)) == [0]


async def test_a_preview_with_supposed_facts_is_what_an_open_shows_once_they_are_true(
    site: Site,
) -> None:
    facts = {"product.rome.stock": None, "product.oslo.stock": 0, "recipient.locale": "fi"}
    preview = await site.do("POST", "previews", ASKED | {"facts": facts})
    await site.do("PATCH", "products/rome", {"stock": None})
    await site.do("PATCH", "products/oslo", {"stock": 0})
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"locale": "fi"})
    assert _picture(preview) == (await site.open()).content
    assert preview["locale"] == "fi"
    assert preview["link"] == (await site.click()).headers["location"]


@pytest.mark.parametrize(
    ("facts", "variant"),
    [
        ({}, "rome"),
        ({"recipient.purchases": ["rome"]}, "similar"),
        ({"recipient.purchases": ["rome", "oslo", "riga"]}, None),
        ({"recipient.purchases": None}, "rome"),
        ({"recipient.consents": ["tracking"]}, None),
        ({"recipient.consents": None}, None),
        ({"recipient.consents": ["marketing.email"]}, "rome"),
        ({"message.class": "transactional"}, None),
        ({"message.class": None}, None),
        ({"product.rome.price": None, "product.rome.stock": 0}, "similar"),
    ],
)
async def test_what_rests_on_a_fact_follows(
    site: Site, facts: dict[str, Any], variant: str | None
) -> None:
    assert await _chosen(site, **ASKED, facts=facts) == variant


async def test_of_a_transactional_block_order_and_moment_can_be_supposed(site: Site) -> None:
    shipped = samples.variant(
        "shipped", RED, HOME, condition={"op": "equals", "fact": "order.status", "value": "shipped"}
    )
    gold = samples.variant(
        "gold",
        GREEN,
        HOME,
        condition={"op": "equals", "fact": "recipient.attributes.plan", "value": "gold"},
    )
    early = samples.variant(
        "early", BLUE, HOME, condition={"op": "below", "fact": "now.hour", "value": 9}
    )
    proxied = samples.variant(
        "proxied", RED, HOME, condition={"op": "equals", "fact": "open.client", "value": "proxy"}
    )
    await site.do("PUT", "attributes", {"recipient": {"plan": "text"}})
    block = samples.block(shipped, gold, early, proxied, time_zone="UTC")
    await site.publish(block | {"class": "transactional"}, "status")
    asked = {"block": "status", "at": "2026-11-25T12:00:00Z"}
    assert await _chosen(site, **asked) is None
    assert await _chosen(site, **asked, facts={"order.status": "shipped"}) == "shipped"
    assert await _chosen(site, **asked, facts={"order.status": None}) is None
    gold_facts = {"recipient.attributes.plan": "gold"}
    assert await _chosen(site, **asked, facts=gold_facts) == "gold"
    assert await _chosen(site, **asked, profile={"attributes": {"plan": "gold"}}) == "gold"
    assert await _chosen(site, **asked | {"at": "2026-11-25T08:59:00Z"}) == "early"
    in_tallinn = {"facts": {"recipient.time_zone": "Europe/Tallinn"}, "at": "2026-11-25T06:30:00Z"}
    assert await _chosen(site, **asked | in_tallinn) == "early"
    assert await _chosen(site, **asked | in_tallinn | {"at": "2026-11-25T07:30:00Z"}) is None
    assert await _chosen(site, **asked, client="proxy") == "proxied"
    assert await _chosen(site, **asked, facts={"open.client": "proxy"}) == "proxied"


async def test_the_order_of_a_message_is_supposed_to_be_another(site: Site) -> None:
    shipped = samples.variant(
        "shipped", RED, HOME, condition={"op": "equals", "fact": "order.status", "value": "shipped"}
    )
    await site.publish(samples.block(shipped, **{"class": "transactional"}), "status")
    await site.do("PUT", "orders/o1", {"status": "packed"})
    await site.do("PUT", "messages/m1", {"class": "transactional", "order": "o1"})
    asked = {"block": "status", "message": "m1", "recipient": RECIPIENT}
    assert await _chosen(site, **asked) is None
    assert await _chosen(site, **asked, facts={"order.status": "shipped"}) == "shipped"
    assert await _chosen(site, **asked | {"message": "none"}) is None


async def test_how_often_a_variant_was_shown_can_be_supposed(site: Site) -> None:
    capped = samples.variant("a", RED, HOME, cap={"times": 1, "over": "P1D"})
    await site.publish(samples.block(capped), "capped")
    asked = ASKED | {"block": "capped"}
    assert await _chosen(site, **asked) == "a"
    assert await _chosen(site, **asked, facts={"shown.a": 1}) is None
    await site.open(block="capped")
    assert await _chosen(site, **asked) is None
    assert await _chosen(site, **asked, facts={"shown.a": 0}) == "a"


async def test_a_person_can_be_made_up_or_nobody(site: Site) -> None:
    made_up = {"profile": {"first_name": "Leida", "consents": {"marketing": True}}}
    assert await _chosen(site, **made_up) == "rome"
    assert await _chosen(site, **made_up, facts={"recipient.purchases": ["rome"]}) == "similar"
    assert await _chosen(site, facts={"recipient.consents": ["marketing"]}) == "rome"
    assert await _chosen(site) is None
    stored = {"recipient": RECIPIENT, "profile": {"consents": {"marketing": False}}}
    assert await _chosen(site, **stored) is None


@pytest.mark.parametrize(
    ("facts", "path", "expected"),
    [
        ({"product.rome.stock": -1}, "product.rome.stock", "greater than or equal to 0"),
        ({"product.rome.stock": "many"}, "product.rome.stock", "a valid integer"),
        ({"product.rome.link": "https://evil.example/"}, "product.rome.link", "allowed"),
        ({"product.rome.picture": "0" * 32}, "product.rome.picture", "an uploaded picture"),
        ({"product.rome.bought": True}, "product.rome.bought", "recipient.purchases"),
        ({"recipient.attributes.plan": 7}, "recipient.attributes.plan", "text"),
        ({"recipient.consents": ["parties"]}, "recipient.consents", "a list of"),
        ({"recipient.consents": [{}]}, "recipient.consents", "a list of"),
        ({"recipient.purchases": "rome"}, "recipient.purchases", "a list of ids"),
        ({"recipient.id": "aino"}, "recipient.id", "recipient, an id"),
        ({"recipient.time_zone": "Mars"}, "recipient.time_zone", "Europe/Tallinn"),
        ({"order.status": "lost"}, "order.status", "'received'"),
        ({"order.carrier": 7}, "order.carrier", "string"),
        ({"message.deadline": "soon"}, "message.deadline", "datetime"),
        ({"now.hour": 7}, "now.hour", "at, an instant"),
        ({"cart.1.stock": 7}, "cart.1.stock", "recipient.cart"),
        ({"offer.stock": 7}, "offer.stock", "product.vip-trip.stock"),
        ({"open.client": "robot"}, "open.client", "human"),
        ({"shown.a": -1}, "shown.a", "a whole number"),
        ({"weather": "rain"}, "weather", "a fact begins with"),
    ],
)
async def test_a_fact_that_cannot_be_is_refused_by_its_name(
    site: Site, facts: dict[str, Any], path: str, expected: str
) -> None:
    await site.do("PUT", "attributes", {"recipient": {"plan": "text"}})
    refused = await site.api("POST", "previews", ASKED | {"facts": facts})
    assert refused.status_code == 422
    [bad] = refused.json()["fields"]
    assert bad["path"] == f"facts.{path}"
    assert expected in bad["expected"]


async def test_a_made_up_person_is_checked_as_a_stored_one(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"plan": "text"}})
    asked = {"block": BLOCK, "profile": {"attributes": {"plan": 7}}}
    assert (await site.api("POST", "previews", asked)).status_code == 422
    asked = {"block": BLOCK, "at": "0001-01-01T00:00:00+14:00"}
    assert (await site.api("POST", "previews", asked)).json()["fields"][0]["path"] == "at"


async def test_what_cannot_be_drawn_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> bytes:
        raise ValueError("no such picture")

    monkeypatch.setattr(Pictures, "get", fail)
    refused = await site.api("POST", "previews", ASKED)
    assert (refused.status_code, refused.json()["code"]) == (503, "RENDER_FAILED")


@pytest.mark.parametrize("stock", [10**30, -(10**30), [10**30], {"a": {"b": 10**30}}])
async def test_a_number_of_any_length_is_refused_in_words(site: Site, stock: Any) -> None:
    facts = {"product.rome.stock": stock}
    body = json.dumps(ASKED | {"facts": facts}).encode()
    assert (await site.api("POST", "previews", body)).status_code == 422
