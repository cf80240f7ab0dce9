"""Fallbacks are drawn ahead."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.catalog.block import Block
from dyncontent.catalog.clocks import CountdownDrawing
from dyncontent.catalog.compiled import compile_block
from dyncontent.delivery import cache, warm
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.showing import fallback_picture
from dyncontent.delivery.warm import Warmer
from dyncontent.metrics import Metrics
from dyncontent.store.connection import connect
from dyncontent.store.embedded import embedded_store
from dyncontent.store.store import Store
from renderers.canvas import Filled
from renderers.encode import ImageType
from tests import samples
from tests.samples import BLOCK, GREY, HOST
from tests.site import Site, running_site, site_settings

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
UNIT = {"unit": "seconds", "x": 0, "y": 0, "width": 40, "height": 40, "size": 20}


async def _until_drawn(site: Site, number: int) -> None:
    async with asyncio.timeout(20):
        while f"dyncontent_drawn_total {number}.0" not in (await site.client.get("/metrics")).text:
            await asyncio.sleep(0.01)


async def test_what_is_published_has_its_fallback_drawn_in_each_language(site: Site) -> None:
    await _until_drawn(site, 1)
    fallback = samples.block()["fallback"]
    fallback["creative"] = samples.canvas(GREY, samples.text({"fi": "Hei", "et": "Tere"}))
    await site.publish(samples.block(fallback=fallback, locale="fi"))
    await _until_drawn(site, 3)


async def test_the_clocks_of_a_block_are_made_ready_in_each_language(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    monkeypatch.setattr(
        CountdownDrawing, "prepare", lambda _, locale, assets: prepared.append(locale)
    )
    face = samples.canvas(GREY)["canvas"]
    clock = {
        "kind": "countdown",
        "until": "2099-12-24T13:00Z",
        "clock": {"face": face, "expired": face, "units": [UNIT]},
        "still": samples.canvas(GREY, samples.text({"fi": "Hei", "et": "Tere"}))["canvas"],
    }
    await site.publish(samples.block(samples.variant("v", GREY, HOME, creative=clock)))
    async with asyncio.timeout(20):
        while len(prepared) < 2:
            await asyncio.sleep(0.01)
    assert prepared == ["et", "fi"]


async def test_a_block_that_was_never_opened_has_its_fallback_when_the_store_is_gone(
    tmp_path: Path, prefix: str
) -> None:
    settings = site_settings(tmp_path, prefix)
    running = embedded_store(tmp_path / "data")
    url = running.__enter__()
    async with running_site(settings, url) as site:
        await site.fill()
        image = (await site.links())["image"]
        await site.client.get(image)
    async with running_site(settings, url) as restarted:
        async with asyncio.timeout(20):
            while (await restarted.client.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.01)
        forged = await restarted.client.get(f"/i/{BLOCK}.png")
        assert samples.colour(forged.content) == GREY
        running.__exit__(None, None, None)
        response = await restarted.client.get(image)
        assert samples.colour(response.content) == GREY


@pytest.fixture
async def lonely(tmp_path: Path, store: Store) -> AsyncIterator[Store]:
    """A store that is not there."""
    lonely = Store(connect(f"unix://{tmp_path}/none.sock"), store.keys)
    yield lonely
    await lonely.aclose()


def _pictures(store: Store) -> Pictures:
    return Pictures(store, 1 << 20, 2, Metrics())


async def test_a_store_that_comes_later_is_waited_for(
    store: Store, lonely: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "REST_SECONDS", 0.001)
    pictures = _pictures(store)
    warmer = Warmer(lonely, pictures)
    task = asyncio.create_task(warmer.run())
    warmer.catalogue_changed(None)
    for _ in range(20):
        await asyncio.sleep(0.001)
    monkeypatch.setattr(lonely, "ask", store.ask)
    block = Block.model_validate_json(orjson.dumps(samples.block()))
    compiled = compile_block(BLOCK, 1, block, {})
    warmer.want(compiled, "en", ImageType.PNG)
    async with asyncio.timeout(20):
        while not pictures.has_fallback(fallback_picture(compiled, "en"), ImageType.PNG):
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await pictures.aclose()


async def test_while_too_many_wait_for_their_pictures_it_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "REST_SECONDS", 0.001)
    monkeypatch.setattr(cache, "MOST_WAITING", 0)
    pictures = _pictures(store)
    warmer = Warmer(store, pictures)
    task = asyncio.create_task(warmer.run())
    block = Block.model_validate_json(orjson.dumps(samples.block()))
    compiled = compile_block(BLOCK, 1, block, {})
    warmer.want(compiled, "en", ImageType.PNG)
    for _ in range(5):
        await asyncio.sleep(0.001)
    fallback = fallback_picture(compiled, "en")
    assert not pictures.has_fallback(fallback, ImageType.PNG)
    monkeypatch.setattr(cache, "MOST_WAITING", 8)
    async with asyncio.timeout(20):
        while not pictures.has_fallback(fallback, ImageType.PNG):
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await pictures.aclose()


async def test_one_that_cannot_be_drawn_does_not_stop_the_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _until_drawn(site, 1)
    missing = samples.block()["fallback"] | {"creative": samples.canvas("#123456")}

    real = Filled.file

    def broken(filled: Filled, *arguments: Any) -> bytes:
        if filled.canvas.background == "#123456":
            raise RuntimeError("no ink")
        return real(filled, *arguments)

    monkeypatch.setattr(Filled, "file", broken)
    await site.publish(samples.block(fallback=missing), "broken")
    other = samples.block()["fallback"] | {"creative": samples.canvas("#654321")}
    await site.publish(samples.block(fallback=other), "whole")
    await _until_drawn(site, 2)
