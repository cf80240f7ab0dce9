"""Drawn pictures: from memory, from the store, or drawn once."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.links import AllowedHosts
from dyncontent.delivery import cache
from dyncontent.delivery.cache import ByteCache, Pictures, content_key
from dyncontent.delivery.faults import DeliveryError
from dyncontent.metrics import Metrics
from dyncontent.store.connection import connect
from dyncontent.store.store import Store
from renderers.canvas import Drawing, Filled
from renderers.encode import ImageType
from renderers.picture import accept
from renderers.spec import Canvas
from tests import samples
from tests.samples import BLOCK

pytestmark = pytest.mark.anyio
PNG = ImageType.PNG


def filled(text: str = "a", *layers: dict[str, Any]) -> Filled:
    spec = samples.canvas(samples.RED, samples.text(text), *layers)["canvas"]
    drawing = Drawing(Canvas.model_validate_json(orjson.dumps(spec)), lambda _: True)
    return drawing.fill(lambda _: None, "en")


class Gallery(Pictures):
    """Pictures with the number of drawings at hand."""

    def __init__(self, store: Store, memory: int = 1 << 20) -> None:
        self.metrics = Metrics()
        super().__init__(store, memory, 2, self.metrics)

    @property
    def drawn(self) -> float:
        [family] = self.metrics.drawn.collect()
        return family.samples[0].value


@pytest.fixture
async def gallery(store: Store) -> AsyncIterator[Gallery]:
    gallery = Gallery(store)
    yield gallery
    await gallery.aclose()


async def test_many_who_ask_at_once_wait_for_one_drawing(gallery: Gallery) -> None:
    pictures = await asyncio.gather(*(gallery.get(BLOCK, filled(), PNG) for _ in range(50)))
    assert gallery.drawn == 1
    assert len(set(pictures)) == 1
    assert samples.colour(pictures[0]) == samples.RED


async def test_a_second_process_finds_it_in_the_store(gallery: Gallery, store: Store) -> None:
    picture = await gallery.get(BLOCK, filled(), PNG)
    async with asyncio.timeout(10):
        while await store.ask(("EXISTS", store.keys.rendered(content_key(filled(), PNG)))) == [0]:
            await asyncio.sleep(0.002)
    other = Gallery(store)
    assert await other.get(BLOCK, filled(), PNG) == picture
    assert other.drawn == 0
    [lifetime] = await store.ask(("TTL", store.keys.rendered(content_key(filled(), PNG))))
    assert 0 < lifetime <= cache.STORED_SECONDS
    await other.aclose()


async def test_other_content_and_other_types_are_other_pictures(gallery: Gallery) -> None:
    await gallery.get(BLOCK, filled("a"), PNG)
    await gallery.get(BLOCK, filled("b"), PNG)
    await gallery.get(BLOCK, filled("a"), ImageType.GIF)
    assert gallery.drawn == 3


async def test_an_uploaded_picture_is_found_in_the_store(gallery: Gallery, store: Store) -> None:
    upload = accept(samples.a_picture())
    await Catalogue(store, AllowedHosts.of(())).put_picture(upload)
    layer = {"kind": "picture", "picture": upload.id, "x": 0, "y": 0, "width": 60, "height": 40}
    assert samples.colour(await gallery.get(BLOCK, filled("", layer), PNG)) == samples.BLUE


async def test_a_picture_that_is_nowhere_fails(gallery: Gallery) -> None:
    layer = {"kind": "picture", "picture": "0" * 32, "x": 0, "y": 0, "width": 60, "height": 40}
    with pytest.raises(LookupError):
        await gallery.get(BLOCK, filled("", layer), PNG)


async def test_a_cancelled_waiter_stops_nobody_elses_drawing(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, go_on = Filled.file, threading.Event()

    def slow(*arguments: Any) -> bytes:
        go_on.wait(20)
        return real(*arguments)

    monkeypatch.setattr(Filled, "file", slow)
    leaving = asyncio.create_task(gallery.get(BLOCK, filled(), PNG))
    staying = asyncio.create_task(gallery.get(BLOCK, filled(), PNG))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    go_on.set()
    assert samples.colour(await staying) == samples.RED
    assert leaving.cancelled()


async def test_too_many_drawings_are_refused_at_once(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_WAITING", 2)
    waiting = [asyncio.create_task(gallery.get(BLOCK, filled(text), PNG)) for text in "ab"]
    await asyncio.sleep(0)
    with pytest.raises(DeliveryError):
        await gallery.get(BLOCK, filled("c"), PNG)
    figures = gallery.metrics.exposition().decode()
    assert "dyncontent_drawings_waiting 2.0" in figures
    assert "dyncontent_drawings_shed_total 1.0" in figures
    await asyncio.gather(*waiting)
    assert await gallery.get(BLOCK, filled("c"), PNG)
    figures = gallery.metrics.exposition().decode()
    assert "dyncontent_drawings_waiting 0.0" in figures
    assert "dyncontent_drawing_seconds_count 3.0" in figures


async def test_a_block_that_is_slow_to_draw_leaves_room_for_others(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_OF_ONE", 1)
    waiting = asyncio.create_task(gallery.get("slow", filled("a"), PNG))
    await asyncio.sleep(0)
    with pytest.raises(DeliveryError):
        await gallery.get("slow", filled("b"), PNG)
    assert await gallery.get("other", filled("c"), PNG)
    await waiting
    assert await gallery.get("slow", filled("b"), PNG)


async def test_without_a_store_pictures_are_drawn(store: Store, tmp_path: Any) -> None:
    lonely = Store(connect(f"unix://{tmp_path}/none.sock"), store.keys)
    gallery = Gallery(lonely)
    assert samples.colour(await gallery.get(BLOCK, filled(), PNG)) == samples.RED
    await gallery.aclose()
    await lonely.aclose()


async def test_a_crowd_of_pictures_does_not_push_out_the_fallbacks(store: Store) -> None:
    gallery = Gallery(store, memory=4000)
    await gallery.get(BLOCK, filled("fallback"), PNG, is_fallback=True)
    for number in range(20):
        await gallery.get(BLOCK, filled(str(number)), PNG)
    assert gallery.has_fallback(filled("fallback"), PNG)
    drawn = gallery.drawn
    await gallery.get(BLOCK, filled("fallback"), PNG)
    assert gallery.drawn == drawn
    await gallery.aclose()


def test_a_byte_cache_is_bounded_by_bytes() -> None:
    held = ByteCache(10)
    held.put("a", b"1234")
    held.put("b", b"1234")
    assert held.get("a") == b"1234"
    held.put("c", b"1234")
    assert [held.get(key) for key in "abc"] == [b"1234", None, b"1234"]
    held.put("c", b"12")
    held.put("d", b"1234")
    assert [held.get(key) for key in "acd"] == [b"1234", b"12", b"1234"]
    held.put("huge", b"x" * 50)
    assert held.get("huge") == b"x" * 50


async def test_a_picture_that_is_asked_for_as_a_fallback_is_kept_as_one(gallery: Gallery) -> None:
    await gallery.get(BLOCK, filled(), PNG)
    assert not gallery.has_fallback(filled(), PNG)
    await gallery.get(BLOCK, filled(), PNG, is_fallback=True)
    assert gallery.has_fallback(filled(), PNG)
    assert gallery.drawn == 1


@pytest.mark.parametrize("damage", [b"", b"garbage", b"x" * 500])
async def test_a_damaged_picture_in_the_store_is_drawn_anew(store: Store, damage: bytes) -> None:
    await store.ask(("SET", store.keys.rendered(content_key(filled(), PNG)), damage))
    gallery = Gallery(store)
    assert samples.colour(await gallery.get(BLOCK, filled(), PNG)) == samples.RED
    assert gallery.drawn == 1
    await gallery.aclose()
