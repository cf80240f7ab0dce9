"""A task is done by one at a time, and by another soon after its doer died."""

import asyncio
import time

import pytest

from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from dyncontent.worker.lease import LeaseLostError, run_alone

pytestmark = pytest.mark.anyio


async def _nothing() -> None:
    pass


async def _held(store: Store) -> bool:
    [held] = await store.ask(("EXISTS", store.keys.lease("task")))
    return bool(held)


async def test_a_task_is_done_and_its_lease_given_back(store: Store) -> None:
    held: list[bool] = []

    async def work() -> None:
        held.append(await _held(store))

    assert await run_alone(store, "task", work)
    assert held == [True]
    assert not await _held(store)


async def test_only_one_of_many_does_a_task(store: Store) -> None:
    at_once = most = done = 0

    async def work() -> None:
        nonlocal at_once, most, done
        at_once += 1
        most = max(most, at_once)
        await store.ping()
        at_once -= 1
        done += 1

    found = await asyncio.gather(*(run_alone(store, "task", work) for _ in range(20)))
    assert most == 1
    assert done == sum(found) >= 1


async def test_other_tasks_are_done_meanwhile(store: Store) -> None:
    async def work() -> None:
        assert await run_alone(store, "other", _nothing)
        assert not await run_alone(store, "task", _nothing)

    assert await run_alone(store, "task", work)


async def test_a_lease_is_held_for_as_long_as_the_work_takes(store: Store) -> None:
    begun = time.monotonic()

    async def work() -> None:
        while time.monotonic() - begun < 1:
            assert not await run_alone(store, "task", _nothing)
            await asyncio.sleep(0.05)

    assert await run_alone(store, "task", work, seconds=0.4)


async def test_what_a_task_raises_is_raised_and_its_lease_given_back(store: Store) -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await run_alone(store, "task", fail)
    assert not await _held(store)


async def test_a_cancelled_task_gives_its_lease_back(store: Store) -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    running = asyncio.create_task(run_alone(store, "task", work))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == ["work"]
    assert not await _held(store)


async def test_who_lost_the_lease_gives_the_work_up_and_leaves_the_others(store: Store) -> None:
    async def work() -> None:
        await store.ask(("SET", store.keys.lease("task"), "another"))
        await asyncio.Event().wait()

    with pytest.raises(LeaseLostError):
        await run_alone(store, "task", work, seconds=0.2)
    [holder] = await store.ask(("GET", store.keys.lease("task")))
    assert holder == b"another"


async def test_who_cannot_renew_gives_the_work_up_before_another_can_begin(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gave_up: list[bool] = []

    async def work() -> None:
        monkeypatch.setattr(store, "ask", _fails)
        try:
            await asyncio.Event().wait()
        finally:
            monkeypatch.undo()
            gave_up.append(await _held(store))

    with pytest.raises(LeaseLostError):
        await run_alone(store, "task", work, seconds=1)
    assert gave_up == [True]


def _fails(*_: object) -> asyncio.Future[object]:
    failed: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    failed.set_exception(StoreError("gone"))
    return failed


async def test_the_lease_of_a_dead_process_runs_out(store: Store) -> None:
    await store.ask(("SET", store.keys.lease("task"), "dead", "PX", 100))
    assert not await run_alone(store, "task", _nothing)
    while await _held(store):
        await asyncio.sleep(0.01)
    assert await run_alone(store, "task", _nothing)
