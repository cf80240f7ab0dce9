"""The right to do something alone."""

import asyncio

import pytest

from dyncontent.store.lock import Lock
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio


async def test_one_of_many_takes_it(store: Store, prefix: str) -> None:
    locks = [Lock(store, prefix) for _ in range(20)]
    taken = await asyncio.gather(*(lock.take(60) for lock in locks))
    assert sum(taken) == 1
    held = locks[taken.index(True)]
    assert await held.extend(60)
    await held.release()
    assert await Lock(store, prefix).take(60)


async def test_who_does_not_hold_it_neither_extends_nor_releases_it(
    store: Store, prefix: str
) -> None:
    held, other = Lock(store, prefix), Lock(store, prefix)
    assert await held.take(60)
    assert not await other.extend(60)
    await other.release()
    assert await held.extend(60)


async def test_it_runs_out(store: Store, prefix: str) -> None:
    held, other = Lock(store, prefix), Lock(store, prefix)
    assert await held.take(0.02)
    while not await other.take(60):
        await asyncio.sleep(0.005)
    assert not await held.extend(60)
    await held.release()
    assert await other.extend(60)


async def test_extended_it_runs_out_later(store: Store, prefix: str) -> None:
    held = Lock(store, prefix)
    assert await held.take(60)
    assert await held.extend(600)
    [left] = await store.ask(("PTTL", prefix))
    assert 60_000 < left <= 600_000
