"""The click follows the picture."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.store.embedded import embedded_store
from dyncontent.store.store import Store
from tests import samples
from tests.samples import BLOCK, HOST, RECIPIENT
from tests.site import BASE_URL, Site, running_site, site_settings

pytestmark = pytest.mark.anyio

ROME, OSLO, HOME = f"https://{HOST}/rome", f"https://{HOST}/oslo", f"https://{HOST}/"
ENDED = "?dyncontent=offer-ended"


async def _target(site: Site, **asked: Any) -> str:
    response = await site.click(**asked)
    assert response.status_code == 302
    assert "no-store" in response.headers["cache-control"]
    return response.headers["location"]


async def _clicks(store: Store) -> list[dict[str, Any]]:
    [entries] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    events = [orjson.loads(fields[b"event"]) for _, fields in entries]
    return [event for event in events if event["kind"] == "click"]


async def test_a_click_leads_to_what_was_shown(site: Site, store: Store) -> None:
    await site.open()
    assert await _target(site) == ROME
    [event] = await _clicks(store)
    assert (event["variant"], event["offer"], event["detail"]) == ("rome", "rome", "SHOWN")
    assert (event["shown"], event["ended"]) == ("rome", False)


async def test_a_click_follows_the_picture_when_a_better_variant_is_back(site: Site) -> None:
    await site.do("PATCH", "products/rome", {"stock": 0})
    await site.open()
    await site.do("PATCH", "products/rome", {"stock": 9})
    assert await _target(site) == OSLO


async def test_when_the_shown_offer_has_ended_the_best_one_now_is_followed(
    site: Site, store: Store
) -> None:
    await site.open()
    await site.do("PATCH", "products/rome", {"stock": 0})
    assert await _target(site) == OSLO + ENDED
    [event] = await _clicks(store)
    assert (event["shown"], event["ended"], event["variant"]) == ("rome", True, "similar")


async def test_an_offer_that_was_bought_meanwhile_has_ended(site: Site) -> None:
    await site.open()
    await site.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": "rome"})
    assert await _target(site) == OSLO + ENDED


async def test_a_click_follows_the_fallback_of_an_archived_block(site: Site, store: Store) -> None:
    await site.do("POST", f"blocks/{BLOCK}/archive")
    assert await _target(site) == HOME
    await site.open()
    assert await _target(site) == HOME
    told = [(event["variant"], event["reason"], event["detail"]) for event in await _clicks(store)]
    assert told == [(None, "DISABLED", "ARCHIVED"), (None, "TARGETING_MATCH", "SHOWN")]


async def test_a_picture_that_was_seen_before_its_block_was_archived_is_followed(
    site: Site,
) -> None:
    await site.open()
    await site.do("POST", f"blocks/{BLOCK}/archive")
    assert await _target(site) == ROME
    await site.do("PATCH", "products/rome", {"stock": 0})
    assert await _target(site) == HOME + ENDED


async def test_a_stock_that_is_no_longer_known_ends_nothing(site: Site) -> None:
    await site.open()
    await site.do("PATCH", "products/rome", {"stock": None})
    assert await _target(site) == ROME


async def test_a_shown_fallback_is_followed_too(site: Site) -> None:
    for product in samples.PRODUCTS:
        await site.do("PATCH", f"products/{product}", {"stock": 0})
    await site.open()
    await site.do("PATCH", "products/rome", {"stock": 9})
    assert await _target(site) == HOME


async def test_without_an_open_the_click_decides(site: Site, store: Store) -> None:
    assert await _target(site) == ROME
    [event] = await _clicks(store)
    assert (event["shown"], event["detail"]) == (None, "VARIANT_HOLDS")


async def test_what_one_person_saw_moves_nobody_else(site: Site) -> None:
    await site.do("PUT", "recipients/mart", {"consents": samples.CONSENTS})
    await site.do("PATCH", "products/rome", {"stock": 0})
    await site.open()
    await site.do("PATCH", "products/rome", {"stock": 3})
    await site.open(recipient="mart")
    assert await _target(site) == OSLO
    assert await _target(site, recipient="mart") == ROME


async def test_the_version_that_was_seen_is_followed(site: Site) -> None:
    await site.open()
    await site.publish(samples.block(samples.variant("new", samples.BLUE, f"https://{HOST}/new")))
    assert await _target(site) == ROME
    await site.open()
    assert await _target(site) == f"https://{HOST}/new"


async def test_a_notice_joins_a_query_that_is_there(site: Site) -> None:
    await site.do("PATCH", "products/oslo", {"link": f"https://{HOST}/oslo?a=1#top"})
    await site.open()
    await site.do("PATCH", "products/rome", {"stock": 0})
    assert await _target(site) == f"https://{HOST}/oslo?a=1&dyncontent=offer-ended#top"


async def test_an_offer_without_a_link_is_not_shown(site: Site) -> None:
    await site.do("PATCH", "products/rome", {"link": None})
    assert await site.colour() == samples.GREEN


async def test_a_link_that_vanished_since_leads_to_the_fallbacks(site: Site) -> None:
    await site.open()
    await site.do("PATCH", "products/rome", {"link": None})
    assert await _target(site) == HOME


async def test_a_host_that_is_no_longer_allowed_is_not_followed(site: Site, store_url: str) -> None:
    await site.open()
    click = (await site.links())["click"]
    stricter = site.settings.model_copy(
        update={"allowed_hosts": ("other.example",), "landing_url": "https://other.example/"}
    )
    async with running_site(stricter, store_url) as other:
        response = await other.client.get(click)
        assert response.headers["location"] == "https://other.example/"


async def test_head_leads_to_the_same_place_and_counts_nothing(site: Site, store: Store) -> None:
    click = (await site.links())["click"]
    assert (await site.client.head(click)).headers["location"] == ROME
    assert await store.ask(("EXISTS", store.keys.events)) == [0]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (f"/c/{BLOCK}", HOME),
        (f"/c/{BLOCK}?r=aino&m=spring&v=k1&k=forged", HOME),
        ("/c/unknown?r=aino&m=spring&v=k1&k=forged", f"https://{HOST}/landing"),
        ("/c/", f"https://{HOST}/landing"),
        ("/c/%00", f"https://{HOST}/landing"),
    ],
)
async def test_a_forged_click_lands_on_a_stored_page(site: Site, path: str, target: str) -> None:
    response = await site.client.get(path)
    assert (response.status_code, response.headers["location"]) == (302, target)
    [event] = [await site.counted("clicks")]
    assert set(event) <= {"BAD_SIGNATURE", "BAD_URL"}


async def test_a_click_lands_somewhere_while_the_store_is_gone(tmp_path: Path, prefix: str) -> None:
    running = embedded_store(tmp_path / "data")
    url = running.__enter__()
    async with running_site(site_settings(tmp_path, prefix), url) as site:
        await site.fill()
        click = (await site.links())["click"]
        assert (await site.client.get(click)).headers["location"] == ROME
        running.__exit__(None, None, None)
        assert (await site.client.get(click)).headers["location"] == HOME
        assert (await site.counted("clicks"))["STORE_DOWN"] == 1


async def test_a_stored_host_is_known_while_the_store_is_gone(tmp_path: Path, prefix: str) -> None:
    running = embedded_store(tmp_path / "data")
    url = running.__enter__()
    async with running_site(site_settings(tmp_path, prefix), url) as site:
        await site.fill()
        await site.do("PUT", "hosts", {"hosts": ["new.example"]})
        block = samples.block()
        block["fallback"]["link"] = "https://new.example/"
        await site.publish(block)
        click = (await site.links())["click"]
        assert (await site.client.get(click)).headers["location"] == ROME
        running.__exit__(None, None, None)
        assert (await site.client.get(click)).headers["location"] == "https://new.example/"


async def test_what_cannot_be_recorded_is_followed_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unrecordable(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no paper")

    monkeypatch.setattr("dyncontent.delivery.click.clicked", unrecordable)
    assert await _target(site) == ROME
    assert await site.counted("clicks") == {"RECORD_FAILED": 1}


async def test_a_decision_that_fails_leads_to_the_fallbacks_link(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def undecided(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("dyncontent.delivery.click.choose", undecided)
    assert await _target(site) == HOME
    assert await site.counted("clicks") == {"DECISION_FAILED": 1}


async def _until_shown(store: Store, expected: bytes) -> None:
    async with asyncio.timeout(10):
        while await store.ask(("HGET", store.keys.shown(RECIPIENT, "spring"), BLOCK)) != [expected]:
            await asyncio.sleep(0.005)


async def test_after_an_open_that_could_not_be_recorded_the_click_follows_the_fallback(
    site: Site, store: Store
) -> None:
    await site.open()
    await store.ask(("DEL", store.keys.events), ("SET", store.keys.events, "in the way"))
    assert await site.colour() == samples.GREY
    await _until_shown(store, b"[1,null,null]")
    assert await _target(site) == HOME


async def test_after_an_open_that_was_recorded_too_late_the_click_follows_the_fallback(
    tmp_path: Path, prefix: str, store_url: str, store: Store
) -> None:
    settings = site_settings(tmp_path, prefix, budget_ms=1000)
    async with running_site(settings, store_url) as site:
        await site.fill()
        assert await site.colour() == samples.RED
        await store.ask(("CLIENT", "PAUSE", 2500, "WRITE"))
        assert await site.colour() == samples.GREY
        assert (await site.counted())["RECORD_TIMEOUT"] == 1
        await _until_shown(store, b"[1,null,null]")
        assert await _target(site) == HOME


async def test_links_are_absolute(site: Site) -> None:
    links = await site.links()
    assert all(link.startswith(BASE_URL) for link in links.values())
