"""A worker looks what is to be done, and does what no other is at."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from dyncontent.worker import worker as worker_module
from dyncontent.worker.lease import run_alone
from dyncontent.worker.tasks import Chore, Task
from dyncontent.worker.worker import Done, Worker

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "LOOK_SECONDS", 0.01)


def chore(**tasks: Callable[[], Awaitable[None]]) -> Chore:
    """Tasks that are always to be done."""

    async def due(_: datetime) -> Sequence[Task]:
        return [Task(name, run) for name, run in tasks.items()]

    return due


class Counted:
    def __init__(self, enough: int = 1) -> None:
        self.count = 0
        self.enough = asyncio.Event()
        self._wanted = enough

    async def __call__(self) -> None:
        self.count += 1
        if self.count >= self._wanted:
            self.enough.set()


async def _fail() -> None:
    raise RuntimeError("broken")


async def test_once_does_all_that_is_to_be_done(store: Store) -> None:
    one, two = Counted(), Counted()
    done = await Worker(store, [chore(one=one), chore(two=two)]).once()
    assert done == Done(done=["one", "two"])
    assert (one.count, two.count) == (1, 1)


async def test_once_tells_what_failed_and_what_others_are_at(store: Store) -> None:
    other = Counted()

    async def work() -> None:
        done = await Worker(store, [chore(bad=_fail, other=other, good=Counted())]).once()
        assert done == Done(["good"], {"bad": "RuntimeError('broken')"}, ["other"])

    assert await run_alone(store, "other", work)
    assert other.count == 0


async def test_it_tells_that_it_was_seen(store: Store) -> None:
    await Worker(store, []).once()
    [raw] = await store.ask(("GET", store.keys.worker))
    seen = orjson.loads(raw)
    assert datetime.now(UTC) - datetime.fromisoformat(seen["at"]) < timedelta(minutes=1)
    assert ":" in seen["by"]


async def _run_until(worker: Worker, event: asyncio.Event) -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(worker.run(stopping))
    await asyncio.wait_for(event.wait(), 30)
    stopping.set()
    await running


async def test_it_looks_again_and_again(store: Store) -> None:
    counted = Counted(5)
    await _run_until(Worker(store, [chore(one=counted)]), counted.enough)
    assert counted.count >= 5


async def test_a_slow_task_holds_nothing_up_and_is_not_begun_twice(store: Store) -> None:
    quick, slow = Counted(5), Counted()
    free = asyncio.Event()

    async def wait() -> None:
        await slow()
        await free.wait()

    worker = Worker(store, [chore(slow=wait, quick=quick)])
    stopping = asyncio.Event()
    running = asyncio.create_task(worker.run(stopping))
    await asyncio.wait_for(quick.enough.wait(), 30)
    assert slow.count == 1
    free.set()
    stopping.set()
    await running


async def test_a_task_that_fails_is_left_alone_for_a_while(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    good = Counted(5)
    await _run_until(Worker(store, [chore(bad=_fail, good=good)]), good.enough)
    assert [one.getMessage() for one in caplog.records if "bad" in one.getMessage()] == [
        "bad failed"
    ]


async def test_a_look_that_fails_is_told_once_and_tried_again(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    looks = 0
    enough = asyncio.Event()

    async def fails(_: datetime) -> Sequence[Task]:
        nonlocal looks
        looks += 1
        if looks >= 5:
            enough.set()
        raise StoreError("gone")

    await _run_until(Worker(store, [fails]), enough)
    assert sum("cannot see" in one.getMessage() for one in caplog.records) == 1


async def test_a_chore_that_fails_holds_no_other_up(store: Store) -> None:
    async def fails(_: datetime) -> Sequence[Task]:
        raise RuntimeError("broken")

    good = Counted()
    done = await Worker(store, [fails, chore(good=good)]).once()
    assert done == Done(["good"], {"look": "RuntimeError('broken')"})


async def test_what_is_under_way_is_finished(store: Store) -> None:
    begun, free = asyncio.Event(), asyncio.Event()
    finished: list[bool] = []

    async def work() -> None:
        begun.set()
        await free.wait()
        finished.append(True)

    stopping = asyncio.Event()
    running = asyncio.create_task(Worker(store, [chore(task=work)]).run(stopping))
    await begun.wait()
    stopping.set()
    await asyncio.sleep(0)
    free.set()
    await running
    assert finished == [True]


async def test_what_takes_too_long_is_given_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "DRAIN_SECONDS", 0.05)
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    await _run_until(Worker(store, [chore(task=work)]), begun)
    assert await run_alone(store, "task", Counted())


async def test_workers_share_the_work(store: Store) -> None:
    """Of a task that is to be done once, one of them does it."""
    tasks = {f"t{number}": Counted() for number in range(30)}
    done: list[str] = []

    def once(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            [first] = await store.ask(("SETNX", f"{store.keys.prefix}:{name}", "1"))
            if first:
                done.append(name)
                await tasks[name]()

        return run

    workers = [Worker(store, [chore(**{name: once(name) for name in tasks})]) for _ in range(3)]
    stopping = asyncio.Event()
    running = [asyncio.create_task(worker.run(stopping)) for worker in workers]
    await asyncio.gather(*(counted.enough.wait() for counted in tasks.values()))
    stopping.set()
    await asyncio.gather(*running)
    assert sorted(done) == sorted(tasks)
