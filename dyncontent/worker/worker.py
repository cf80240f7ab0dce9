"""A worker: it looks every other second what is to be done, and does what no other is at.

Any number of workers share the work of a deployment. What one of them was at when it died, another
begins anew once the lease has run out.
"""

import asyncio
import contextlib
import logging
import os
import random
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from dyncontent.worker.lease import run_alone
from dyncontent.worker.tasks import Chore, Task

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
MOST_AT_ONCE = 8
DRAIN_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 600.0
"""After a task has failed, which is a fault: what fails at another's address is no failure here."""


@dataclass(slots=True)
class Done:
    """The names of tasks: done, failed with why, and left to other workers that were at them."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class Worker:
    def __init__(self, store: Store, chores: Sequence[Chore]) -> None:
        self._store = store
        self._chores = chores
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, tuple[int, float]] = {}

    async def once(self) -> Done:
        """Do all that is to be done by now. Raises StoreError."""
        done = Done()
        tasks, faults = await self._look()
        if faults:
            done.failed["look"] = ", ".join(map(repr, faults))
        await asyncio.gather(*(self._do(task, done) for task in tasks))
        return done

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; then what is under way gets DRAIN_SECONDS to be finished,
        and what is not is given back."""
        complaint = ""
        while not stopping.is_set():
            try:
                tasks, faults = await self._look()
            except StoreError as error:
                tasks, faults = [], [error]
            for task in tasks:
                self._begin(task)
            found = ", ".join(map(repr, faults))
            if found not in ("", complaint):
                log.warning("the worker cannot see all that is to be done: %s", found)
            complaint = found
            with contextlib.suppress(TimeoutError):
                pause = LOOK_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311
                await asyncio.wait_for(stopping.wait(), pause)
        await self._stop()

    async def _look(self) -> tuple[list[Task], list[BaseException]]:
        """What is to be done, and the faults of chores that could not tell. Raises StoreError."""
        now = datetime.now(UTC)
        seen = orjson.dumps({"at": now, "by": self._name})
        await self._store.ask(("SET", self._store.keys.worker, seen))
        found = await asyncio.gather(
            *(chore(now) for chore in self._chores), return_exceptions=True
        )
        tasks = [task for one in found if not isinstance(one, BaseException) for task in one]
        return tasks, [one for one in found if isinstance(one, BaseException)]

    def _begin(self, task: Task) -> None:
        _, pause_ends = self._failures.get(task.name, (0, 0.0))
        if task.name in self._running or time.monotonic() < pause_ends:
            return
        begun = asyncio.create_task(self._do(task, Done()))
        self._running[task.name] = begun
        begun.add_done_callback(lambda _: self._running.pop(task.name))

    async def _do(self, task: Task, done: Done) -> None:
        async with self._slots:
            try:
                if await run_alone(self._store, task.name, task.run):
                    done.done.append(task.name)
                else:
                    done.left.append(task.name)
                self._failures.pop(task.name, None)
            except StoreError as error:
                log.warning("%s: the store does not answer: %s", task.name, error)
                done.failed[task.name] = str(error)
            except Exception as error:
                log.exception("%s failed", task.name)
                done.failed[task.name] = repr(error)
                count, _ = self._failures.get(task.name, (0, 0.0))
                pause = min(FIRST_PAUSE_SECONDS * 2**count, LONGEST_PAUSE_SECONDS)
                self._failures[task.name] = (min(count + 1, 20), time.monotonic() + pause)

    async def _stop(self) -> None:
        under_way = list(self._running.values())
        if under_way:
            await asyncio.wait(under_way, timeout=DRAIN_SECONDS)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
