"""The change log: what one process writes, every other knows."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from dyncontent.store.connection import connect
from dyncontent.store.copies import MISSING
from dyncontent.store.keys import Keys
from dyncontent.store.store import Change, Store
from tests.proxy import proxy

pytestmark = pytest.mark.anyio
LATEST_SECONDS = 2.0
"""By when a change must be seen, whatever happens."""


@asynccontextmanager
async def _following(store: Store) -> AsyncIterator[None]:
    task = asyncio.create_task(store.changes.follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)


def _keep(store: Store, key: str, value: str) -> None:
    store.copies.keep(store.copies.start_reading(), key, value.encode(), value)


async def test_a_change_reaches_the_copies_of_another_process(
    store: Store, store_url: str, prefix: str
) -> None:
    writer = Store(connect(store_url), Keys(prefix))
    key = store.keys.product("a")
    async with _following(store):
        await _until(lambda: store.copies.fresh)
        _keep(store, key, "old")
        _keep(store, store.keys.product("b"), "other")
        assert store.copies.find(key) == "old"
        await writer.update(key, lambda _: Change((("SET", key, "new"),), (key,)))
        await _until(lambda: store.copies.find(key) is MISSING)
        assert store.copies.find(store.keys.product("b")) == "other"
    await writer.aclose()


async def test_a_writer_sees_its_own_change_at_once(store: Store) -> None:
    key = store.keys.product("a")
    async with _following(store):
        await _until(lambda: store.copies.fresh)
        _keep(store, key, "old")
        await store.update(key, lambda _: Change((("SET", key, "new"),), (key,)))
        assert store.copies.find(key) is MISSING


async def test_without_push_the_copies_expire(store: Store) -> None:
    key = store.keys.product("a")
    async with _following(store):
        await _until(lambda: store.copies.fresh)
        _keep(store, key, "old")
    await _until(lambda: store.copies.find(key) is MISSING)
    assert not store.copies.fresh


async def test_push_recovers_after_the_store_was_silent(
    store_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dyncontent.store.connection.REPLY_SECONDS", 0.4)
    async with proxy(store_url) as link:
        store = Store(connect(link.url), Keys(prefix))
        key = store.keys.product("a")
        async with _following(store):
            await _until(lambda: store.copies.fresh)
            _keep(store, key, "old")
            link.silent = True
            await _until(lambda: not store.copies.fresh)
            link.silent = False
            await _until(lambda: store.copies.fresh)
            assert store.copies.find(key) is MISSING
        await store.aclose()


async def test_a_change_is_not_missed_for_long_where_the_log_alone_is_cut_off(
    store: Store, store_url: str, prefix: str
) -> None:
    async with proxy(store_url) as link:
        deaf = Store(connect(link.url), Keys(prefix))
        key = store.keys.product("a")
        async with _following(deaf):
            await _until(lambda: deaf.copies.fresh)
            _keep(deaf, key, "old")
            link.unheard = b"XREAD\r\n"
            await store.update(key, lambda _: Change((("SET", key, "new"),), (key,)))
            latest = time.monotonic() + LATEST_SECONDS
            assert deaf.copies.find(key) == "old"  # it was not told
            await _until(lambda: time.monotonic() > latest)
            assert deaf.copies.find(key) is MISSING
            assert await deaf.ask(("GET", key)) == [b"new"]
            _keep(deaf, key, "new")
            assert deaf.copies.find(key) is MISSING  # nor is it told of the next
            link.unheard = None
            await _until(lambda: deaf.copies.fresh)
            assert deaf.copies.find(key) is MISSING
        await deaf.aclose()


async def test_a_line_that_is_not_understood_does_not_end_the_following(
    store: Store, store_url: str, prefix: str
) -> None:
    writer = Store(connect(store_url), Keys(prefix))
    key = store.keys.product("a")
    async with _following(store):
        await _until(lambda: store.copies.fresh)
        await store.ask(("XADD", store.keys.changes, "*", "strange", "line"))
        await _until(lambda: not store.copies.fresh)
        await _until(lambda: store.copies.fresh)
        _keep(store, key, "old")
        await writer.update(key, lambda _: Change((("SET", key, "new"),), (key,)))
        await _until(lambda: store.copies.find(key) is MISSING)
    await writer.aclose()


async def test_a_log_that_was_replaced_is_followed(store: Store) -> None:
    key = store.keys.product("a")
    changes = store.keys.changes
    await store.ask(("XADD", changes, "9999999999999-1", "key", "other"))
    async with _following(store):
        await _until(lambda: store.copies.fresh)
        _keep(store, key, "old")
        await store.ask(("DEL", changes), ("XADD", changes, "1-1", "key", key))
        await _until(lambda: store.copies.find(key) is MISSING)


async def test_listeners_are_told_of_changes_and_of_doubt(store: Store) -> None:
    heard: list[str | None] = []
    task = asyncio.create_task(store.changes.follow(heard.append))
    await _until(lambda: heard == [None])
    await store.update("a", lambda _: Change((("SET", "a", "1"),)))
    key = store.keys.product("a")
    await store.update(key, lambda _: Change((("SET", key, "1"),), (key,)))
    await _until(lambda: heard == [None, key])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
