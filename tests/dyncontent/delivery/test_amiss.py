"""What is amiss with URLs is counted, and kept for an operator, and nothing of a stranger is."""

from typing import Any
from urllib.parse import quote

import pytest

from dyncontent.delivery import amiss
from dyncontent.delivery.amiss import Amiss, seen_amiss
from dyncontent.delivery.urls import Purpose, make_tagged
from dyncontent.store.store import Store
from tests.samples import BLOCK, MESSAGE, RECIPIENT
from tests.site import BASE_URL, Site

pytestmark = pytest.mark.anyio


async def _open(
    site: Site, tag: str, purpose: Purpose = Purpose.PICTURE, block: str = BLOCK
) -> None:
    path = make_tagged(site.settings.keyring, purpose, block, quote(tag), MESSAGE)
    await site.client.get(BASE_URL + path)


async def _seen(store: Store) -> dict[Any, int]:
    return {(one.code, one.senders): one.at for one in await seen_amiss(store, BLOCK)}


async def test_an_unrendered_tag_is_counted_and_kept(site: Site, store: Store) -> None:
    for _ in range(3):
        await _open(site, "*|UNIQID|*")
    await _open(site, "{{ .Subscriber.UUID }}", Purpose.CLICK)
    await site.client.get(f"{BASE_URL}/h/{BLOCK}?%25%25trip_html%25%25")
    seen = await _seen(store)
    assert set(seen) == {
        (Amiss.TAG_UNRENDERED, ("mailchimp",)),
        (Amiss.TAG_UNRENDERED, ("listmonk",)),
        (Amiss.TAG_UNRENDERED, ("salesforce",)),
    }
    assert min(seen.values()) > 1_700_000_000_000
    exposition = (await site.client.get("/metrics")).text
    counted = f'dyncontent_tags_unrendered_total{{block="{BLOCK}",sender="mailchimp"}} 3.0'
    assert counted in exposition


async def test_an_empty_field_and_an_uncertain_id_are_kept(site: Site, store: Store) -> None:
    await _open(site, "")
    await _open(site, "1001")
    assert set(await _seen(store)) == {
        (Amiss.RECIPIENT_MISSING, ()),
        (Amiss.RECIPIENT_UNKNOWN, ()),
    }


async def test_the_same_is_written_once_in_a_while(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _open(site, "*|UNIQID|*")
    [first] = (await _seen(store)).values()
    await _open(site, "*|OTHER|*")
    assert [*(await _seen(store)).values()] == [first]
    monkeypatch.setattr(amiss, "PAUSE", 0)
    await _open(site, "*|UNIQID|*")
    [later] = (await _seen(store)).values()
    assert later >= first


async def test_of_blocks_that_are_not_there_nothing_is_kept(site: Site, store: Store) -> None:
    await site.do("PUT", "blocks/later", {**(await site.do("GET", f"blocks/{BLOCK}"))["block"]})
    for name in ("later", "none"):
        await _open(site, "*|UNIQID|*", block=name)
    assert await store.find(store.keys.amiss("")) == set()
    assert "none" not in (await site.client.get("/metrics")).text


async def test_what_is_remembered_has_an_end(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amiss, "_MOST_REMEMBERED", 1)
    for tag in ("*|A|*", "%%a%%", "*|A|*"):
        await _open(site, tag)
    assert len(await _seen(store)) == 2


async def test_a_good_url_leaves_nothing(site: Site, store: Store) -> None:
    await site.open()
    await site.open(recipient="nobody")
    assert await _seen(store) == {}


async def test_a_signed_url_of_somebody_who_was_erased_leaves_nothing(
    site: Site, store: Store
) -> None:
    await site.do("DELETE", f"recipients/{RECIPIENT}")
    await site.open()
    [entries] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    assert b"RECIPIENT_UNKNOWN" in entries[-1][1][b"event"]
    assert await _seen(store) == {}
