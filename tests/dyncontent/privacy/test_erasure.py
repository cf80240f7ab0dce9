"""Nothing of a person is left, whatever happens at the same time."""

import asyncio
import inspect
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given

from dyncontent.delivery.cache import Pictures
from dyncontent.keyring import Keyring, new_secret, parse_secret
from dyncontent.privacy.erasure import Pseudonym, Receipt, erase
from dyncontent.privacy.kept import KINDS, keys_of
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from tests.dyncontent.privacy.support import OTHER, PERSON, everything, fill, traces
from tests.proxy import proxy
from tests.samples import BLOCK, GREY, MESSAGE
from tests.site import Site, running_site, site_settings
from tests.strategies import ids

pytestmark = pytest.mark.anyio

SLOWEST = 0.02
KEYRING = Keyring((parse_secret(new_secret("k1")),))


def test_every_kind_of_key_of_a_person_can_be_told() -> None:
    kinds = {
        name
        for name, member in inspect.getmembers(Keys, inspect.isfunction)
        if "recipient" in inspect.signature(member).parameters
    }
    assert kinds - {"recipient", "of_person", "erased"} == set(KINDS)


async def test_nothing_of_a_person_is_left_in_the_whole_store(
    site: Site, store: Store, store_url: str
) -> None:
    await fill(site)
    assert {one.kind for one in await keys_of(store, PERSON)} == set(KINDS)
    assert store.keys.events.encode() in await traces(store_url, store)
    receipt = await erase(store, KEYRING, PERSON)
    assert await traces(store_url, store) == []
    assert receipt.removed == {
        "profile": 1,
        "consents": 3,
        "receipts": 3,
        "ledger": 1,
        "shown": 3,
        "claimed": 1,
        "seen": 1,
        "events": 6,
        "answers": 0,
        "orders": 0,
        "messages": 0,
    }


async def test_others_keep_what_is_theirs(site: Site, store: Store, store_url: str) -> None:
    await fill(site, f"{PERSON}2")
    before = await everything(store_url, store.keys.prefix)
    await fill(site)
    await site.open(recipient=PERSON, message=f"{MESSAGE}.2")
    await erase(store, KEYRING, PERSON)
    after = await everything(store_url, store.keys.prefix)
    theirs = {key for key in before if f"{PERSON}2".encode() in key}
    assert len(theirs) == 1 + len(KINDS)
    assert {key: after[key] for key in theirs} == {key: before[key] for key in theirs}
    events = store.keys.events.encode()
    assert set(map(repr, before[events])) <= set(map(repr, after[events]))


async def test_who_was_erased_is_unknown_and_leaves_nothing_at_later_opens(
    site: Site, store: Store, store_url: str
) -> None:
    await fill(site)
    urls = [await site.links(recipient=PERSON, block=name) for name in (BLOCK, "capped", "alone")]
    await erase(store, KEYRING, PERSON)
    for url in urls:
        for kind in ("image", "click", "html"):
            assert (await site.client.get(url[kind])).status_code in (200, 302)
    assert await site.colour(recipient=PERSON) == GREY
    assert await traces(store_url, store) == []
    assert (await site.api("GET", f"recipients/{PERSON}")).status_code == 404


async def test_who_comes_back_is_a_person_again(site: Site, store: Store, store_url: str) -> None:
    await fill(site)
    await erase(store, KEYRING, PERSON)
    await fill(site)
    assert len(await traces(store_url, store)) == 3 + len(KINDS)  # profile, list, events
    assert (await erase(store, KEYRING, PERSON)).removed["events"] == 6
    assert await traces(store_url, store) == []


@pytest.mark.parametrize("block", [BLOCK, "capped", "alone"])
@pytest.mark.parametrize("is_stored", [True, False])
async def test_an_open_under_way_takes_its_traces_away(
    tmp_path: Path,
    store_url: str,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    block: str,
    is_stored: bool,
) -> None:
    drawing, erased = asyncio.Event(), asyncio.Event()
    get = Pictures.get

    async def late(*arguments: Any, **more: Any) -> bytes:
        drawing.set()
        await erased.wait()
        return await get(*arguments, **more)

    async with running_site(site_settings(tmp_path, store.keys.prefix), store_url) as site:
        await site.fill()
        await fill(site)
        if not is_stored:
            await erase(store, KEYRING, OTHER)
            await store.ask(("UNLINK", store.keys.recipient(PERSON)))
        url = (await site.links(recipient=PERSON, block=block))["image"]
        monkeypatch.setattr(Pictures, "get", late)
        opening = asyncio.create_task(site.client.get(url))
        await drawing.wait()
        await erase(store, KEYRING, PERSON)
        assert await traces(store_url, store) == []
        erased.set()
        assert (await opening).status_code == 200
    assert await traces(store_url, store) == []


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_of_many_opens_at_the_time_none_leaves_a_trace(
    tmp_path: Path, store_url: str, store: Store
) -> None:
    chance = random.Random(5)
    names = (BLOCK, "capped", "alone")
    for _ in range(6):
        async with (
            proxy(store_url) as slow,
            running_site(site_settings(tmp_path, store.keys.prefix), slow.url) as site,
        ):
            await site.fill()
            await fill(site)
            urls = [await site.links(recipient=PERSON, block=name) for name in names]

            async def visit(url: str, turns: int) -> None:
                await _turns(turns)
                await site.client.get(url)

            kinds = ("image", "click", "html")
            slow.slowest = SLOWEST
            visits = [
                asyncio.create_task(
                    visit(chance.choice(urls)[chance.choice(kinds)], chance.randrange(60))
                )
                for _ in range(40)
            ]
            erasing = asyncio.create_task(erase(store, KEYRING, PERSON))
            for leaving in visits[::4]:
                await _turns(chance.randrange(20))
                leaving.cancel()
            done = await asyncio.gather(*visits, return_exceptions=True)
            assert [one for one in done if isinstance(one, Exception)] == []
            await erasing
        assert await traces(store_url, store) == []


async def test_orders_and_messages_that_are_theirs_go_too(site: Site, store: Store) -> None:
    await site.do("PUT", "orders/o1", {"status": "shipped"})
    await site.do("PUT", "messages/m1", {"class": "transactional", "order": "o1"})
    receipt = await erase(store, KEYRING, PERSON, orders=["o1", "o2"], messages=["m1", "m2"])
    assert (receipt.removed["orders"], receipt.removed["messages"]) == (1, 1)
    for path in ("orders/o1", "messages/m1"):
        assert (await site.api("GET", path)).status_code == 404


async def test_an_erasure_that_failed_can_be_repeated(
    site: Site, store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(site)

    async def fail(_: str) -> set[str]:
        raise StoreError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(store, "find", fail)
        with pytest.raises(StoreError, match="gone"):
            await erase(store, KEYRING, PERSON)
    await site.open(recipient=PERSON)
    assert (await erase(store, KEYRING, PERSON)).removed["shown"] == 3
    assert await traces(store_url, store) == []


@given(ids, ids)
def test_a_receipt_tells_about_whom_it_is_to_those_who_know_the_id(one: str, other: str) -> None:
    pseudonym = Pseudonym.of(one)
    assert pseudonym.is_of(one)
    assert pseudonym.is_of(other) is (one == other)
    assert pseudonym != Pseudonym.of(one)


async def test_a_receipt_is_genuine_as_it_was_signed(store: Store) -> None:
    receipt = await erase(store, KEYRING, PERSON)
    assert receipt.is_genuine(KEYRING) is True
    assert Receipt.model_validate_json(receipt.model_dump_json()).is_genuine(KEYRING) is True
    changed: dict[str, Any]
    for changed in (
        {"id": "erasure-0"},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"person": Pseudonym.of(OTHER)},
        {"removed": receipt.removed | {"events": 5}},
        {"signature": "0" * 64},
    ):
        assert receipt.replace(**changed).is_genuine(KEYRING) is False
    assert receipt.is_genuine(Keyring((parse_secret(new_secret("k2")),))) is None
    assert receipt.is_genuine(Keyring((parse_secret(new_secret("k1")),))) is False


async def test_an_answer_that_is_kept_goes_too_and_nothing_is_done_again(
    site: Site, store: Store, store_url: str
) -> None:
    async def put(person: str) -> httpx.Response:
        profile = {"first_name": "Leida"}
        return await site.api("PUT", f"recipients/{person}", profile, idempotency_key=person)

    theirs = [(await put(other)).content for other in (OTHER, f"{PERSON}2")]
    assert (await put(PERSON)).status_code == 200
    receipt = await erase(store, KEYRING, PERSON)
    assert receipt.removed["answers"] == 1
    again = await put(PERSON)
    assert (again.status_code, again.json()["code"]) == (409, "ERASED")
    assert "retry-after" not in again.headers
    assert (await site.api("GET", f"recipients/{PERSON}")).status_code == 404
    assert [(await put(other)).content for other in (OTHER, f"{PERSON}2")] == theirs
    await erase(store, KEYRING, f"{PERSON}2")
    assert await traces(store_url, store) == []
