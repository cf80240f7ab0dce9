"""Documents changed atomically, and changes that reach every process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dyncontent.store import store as store_module
from dyncontent.store.connection import connect
from dyncontent.store.copies import MISSING
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Change, ContentionError, Store
from tests.proxy import proxy

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _following(store: Store) -> AsyncIterator[None]:
    task = asyncio.create_task(store.changes.follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)


def _keep(store: Store, key: str, value: str) -> None:
    store.copies.keep(store.copies.start_reading(), key, value.encode(), value)


async def test_no_change_is_lost_however_many_write(store_url: str, prefix: str) -> None:
    stores = [Store(connect(store_url), Keys(prefix)) for _ in range(4)]
    key = f"{{{prefix}}}:count"

    async def count(store: Store) -> None:
        def one_more(raw: bytes | None) -> Change:
            return Change((("SET", key, int(raw or 0) + 1),))

        await store.update(key, one_more)

    await asyncio.gather(*(count(store) for store in stores for _ in range(50)))
    assert await stores[0].ask(("GET", key)) == [b"200"]
    for store in stores:
        await store.aclose()


async def test_a_change_and_its_companions_are_written_as_one(store: Store) -> None:
    key, other = store.keys.product("a"), store.keys.product("b")
    await store.update(key, lambda _: Change((("SET", key, "1"), ("SADD", other, "x", "y"))))
    assert await store.ask(("GET", key), ("SCARD", other)) == [b"1", 2]


async def test_a_change_that_is_refused_writes_nothing(store: Store, prefix: str) -> None:
    def refused(_: bytes | None) -> Change:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.update(prefix, refused)
    assert await store.ask(("EXISTS", prefix)) == [0]


async def test_endless_contention_is_given_up_with_an_error(
    store: Store, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_TRIES", 3)
    calls = 0

    def always_too_late(_: bytes | None) -> Change:
        nonlocal calls
        calls += 1
        store.tell(("SET", prefix, calls))
        return Change((("SET", prefix, "mine"),))

    with pytest.raises(ContentionError):
        await store.update(prefix, always_too_late)
    assert calls == 3


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


async def test_a_write_of_which_a_part_fails_leaves_the_document_as_it_was(store: Store) -> None:
    key = store.keys.product("a")
    await store.ask(("SET", store.keys.changes, "in the way"))
    with pytest.raises(StoreError):
        await store.update(key, lambda _: Change((("SET", key, "new"),), (key,)))
    assert await store.ask(("EXISTS", key)) == [0]
