"""`dyncontent worker`, as a process of its own."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.catalog.source import DataSource
from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from tests.answering import Conversation, answering
from tests.processes import START_SECONDS, command

pytestmark = pytest.mark.anyio


class Workers:
    """Workers on one store, each a process."""

    def __init__(self, stack: ExitStack, folder: Path, **settings: str) -> None:
        self._stack = stack
        self._folder = folder
        self._settings = settings
        self._count = 0

    def start(self, *options: str, allow: str = "") -> tuple[subprocess.Popen[str], Path]:
        self._count += 1
        log = self._folder / f"log{self._count}"
        settings = self._settings | {"DYNCONTENT_OUTGOING_ALLOW": allow}
        started = command("worker", *options, data_dir=self._folder / "var", log=log, **settings)
        return self._stack.enter_context(started), log


@pytest.fixture
def workers(tmp_path: Path, store_url: str, prefix: str) -> Iterator[Workers]:
    with ExitStack() as stack:
        yield Workers(
            stack, tmp_path, DYNCONTENT_STORE_URL=store_url, DYNCONTENT_STORE_PREFIX=prefix
        )


async def _ended(process: subprocess.Popen[str]) -> int:
    return await asyncio.to_thread(process.wait, START_SECONDS)


def _source(url: str) -> DataSource:
    return DataSource.model_validate_json(
        orjson.dumps(
            {"url": url, "timeout": "PT1M", "values": {"t": {"pointer": "/t", "type": "number"}}}
        )
    )


async def _values(store: Store) -> dict[str, Any]:
    sources = Sources(store)
    state = await sources.state("weather", await sources.get("weather"))
    return {name: kept.value for name, kept in state.values.items()}


async def _answer(asked: Conversation) -> None:
    await asked.answer("200 OK", b'{"t": 7}', content_type="application/json")


async def test_once_does_what_is_to_be_done_and_tells_it(workers: Workers, store: Store) -> None:
    async with answering(_answer) as server:
        await Sources(store).put("weather", _source(server.url()))
        process, log = workers.start("--once", "--json", allow=server.place)
        assert await _ended(process) == 0
        done = orjson.loads(log.read_text())
        assert sorted(done["done"]) == ["source weather", "upkeep"]
        assert (done["failed"], done["left"]) == ({}, [])
        assert await _values(store) == {"t": 7}
        process, log = workers.start("--once", allow=server.place)
        assert await _ended(process) == 0
        assert log.read_text() == "There is nothing to do.\n"
        assert len(server.asked) == 1


async def test_what_fails_is_told(workers: Workers, store: Store) -> None:
    await store.ask(("SET", store.keys.events, "no stream"))
    process, log = workers.start("--once", "--json")
    assert await _ended(process) == 1
    assert "WRONGTYPE" in orjson.loads(log.read_text().splitlines()[-1])["failed"]["upkeep"]


async def test_another_takes_over_from_a_worker_that_was_killed(
    workers: Workers, store: Store
) -> None:
    comes = asyncio.Event()

    async def handle(asked: Conversation) -> None:
        """The first to ask waits for ever."""
        if comes.is_set():
            await _answer(asked)
            return
        comes.set()
        await asyncio.Event().wait()

    async with answering(handle) as server:
        await Sources(store).put("weather", _source(server.url()))
        first, _ = workers.start(allow=server.place)
        await asyncio.wait_for(comes.wait(), START_SECONDS)
        _, log = workers.start(allow=server.place)
        while "is at work" not in log.read_text():
            await asyncio.sleep(0.02)
        assert len(server.asked) == 1
        os.killpg(first.pid, signal.SIGKILL)
        killed = time.monotonic()
        while await _values(store) != {"t": 7}:
            assert time.monotonic() - killed < START_SECONDS
            await asyncio.sleep(0.02)
        assert time.monotonic() - killed < 20  # seconds, of which most are the machine's
        assert len(server.asked) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_order(
    workers: Workers, store: Store, number: signal.Signals
) -> None:
    comes = asyncio.Event()

    async def handle(asked: Conversation) -> None:
        comes.set()
        await _answer(asked)

    async with answering(handle) as server:
        await Sources(store).put("weather", _source(server.url()))
        process, log = workers.start(allow=server.place)
        await asyncio.wait_for(comes.wait(), START_SECONDS)
        process.send_signal(number)
        assert await _ended(process) == 0
    assert log.read_text() == "dyncontent worker is at work\n"
    assert await _values(store) == {"t": 7}
    [held] = await store.ask(("EXISTS", store.keys.lease("source weather")))
    assert held == 0


async def test_without_its_store_it_does_not_begin(workers: Workers) -> None:
    workers._settings["DYNCONTENT_STORE_URL"] = "redis://127.0.0.1:1"
    process, log = workers.start("--json")
    assert await _ended(process) == 1
    assert "error" in orjson.loads(log.read_text())
