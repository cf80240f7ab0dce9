"""The parent of the processes that serve: it serves nothing itself. It starts them, and starts
again those that end; they end when it does."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dyncontent.processes.figures import forget_present
from dyncontent.processes.orders import READY, Change, Order
from dyncontent.processes.sockets import shared_out
from dyncontent.settings import Settings

log = logging.getLogger(__name__)

CHILD = "dyncontent.processes.child"
END_SECONDS = 15.0
"""For a process to answer what is under way, and to end what it does on a schedule."""
SETTLED_SECONDS = 10.0
"""A process that has lived so long is started again at once."""
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0


class ProcessError(Exception):
    """A process does not start: why, in one line."""


@dataclass(slots=True)
class _Child:
    """What has a number, though the process may be another after a while. `own` is the place of
    the socket that it takes connections from; `stands_in` has the places of those that it takes
    for processes that are not ready."""

    number: int
    own: int
    process: Process | None = None
    is_ready: bool = False
    early_ends: int = 0
    stands_in: set[int] = field(default_factory=set)

    def tell(self, change: Change) -> None:
        if self.process and self.process.stdin and not self.process.stdin.is_closing():
            self.process.stdin.write(change.line())

    def dismiss(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()

    def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()


class Parent:
    def __init__(
        self, settings: Settings, store: str, sockets: Sequence[socket.socket], figures: Path
    ) -> None:
        self._settings = settings
        self._store = store
        self._sockets = sockets
        self._figures = figures
        self._children = [_Child(n, n % len(sockets)) for n in range(settings.workers)]
        self._stopping = asyncio.Event()
        self.ready = asyncio.Event()
        """Set once all were."""

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Until it is stopped. Raises ProcessError if a process ends before it was ever ready."""
        keeping = [asyncio.create_task(self._keep(child)) for child in self._children]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((*keeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stop()
            for listening in self._sockets:
                listening.close()
            for child in self._children:
                child.dismiss()
            await asyncio.wait(keeping, timeout=END_SECONDS)
            for child in self._children:
                child.kill()
        await asyncio.gather(stopping, *keeping)

    async def _keep(self, child: _Child) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            child.process = await self._start(child)
            if self._stopping.is_set():
                child.dismiss()
            was_ready, code = await self._watch(child, child.process)
            if self._stopping.is_set():
                return
            if not (was_ready or self.ready.is_set()):
                raise ProcessError(f"a process that serves does not start: {_how(code)}")
            log.error(
                "process %d of %d that serve ended (%s), it is started again",
                *(child.number, len(self._children), _how(code)),
            )
            is_early = time.monotonic() - started < SETTLED_SECONDS
            child.early_ends = child.early_ends + 1 if is_early else 0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _pause(child.early_ends))

    async def _start(self, child: _Child) -> Process:
        descriptors = [listening.fileno() for listening in self._sockets]
        scheduled = self._settings.runs_worker and child.number == 0
        settings = self._settings.model_copy(update={"worker": scheduled})
        order = Order(
            number=child.number,
            settings=settings.model_dump(),
            store=self._store,
            figures=self._figures,
            sockets=descriptors,
            own=child.own,
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", CHILD),
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=descriptors,
            start_new_session=True,  # Ctrl-C is for us
        )
        if process.stdin:
            process.stdin.write(order.line())
        return process

    async def _watch(self, child: _Child, process: Process) -> tuple[bool, int]:
        """Whether it was ever ready, and its exit code, when it has ended."""
        was_ready = False
        if process.stdout and await process.stdout.readline() == READY:
            was_ready = True
            self._changed(child, is_ready=True)
            await process.stdout.readline()  # LEAVING, or nothing if it was killed
            self._changed(child, is_ready=False)
        code = await process.wait()
        forget_present(self._figures, child.number)
        return was_ready, code

    def _changed(self, child: _Child, *, is_ready: bool) -> None:
        """See to it that connections by each socket are taken by somebody."""
        child.is_ready = is_ready
        child.stands_in = set()
        if self._stopping.is_set():
            return
        there = [one for one in self._children if one.is_ready]
        if len(there) == len(self._children):
            self.ready.set()
        for place in range(len(self._sockets)):
            has_own = any(one.own == place for one in there)
            standing = [one for one in there if place in one.stands_in]
            for one in standing if has_own else ():
                one.stands_in.remove(place)
                one.tell(Change("leave", place))
            if there and not has_own and not standing:
                one = min(there, key=lambda one: len(one.stands_in))
                one.stands_in.add(place)
                one.tell(Change("take", place))


def _pause(early_ends: int) -> float:
    """Seconds until a process is started again that has ended early so many times in a row."""
    if not early_ends:
        return 0
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(early_ends - 1, 20), LONGEST_PAUSE_SECONDS)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


@asynccontextmanager
async def several(
    settings: Settings, listening: socket.socket, store: str
) -> AsyncIterator[asyncio.Task[None]]:
    """Serve by as many processes as the settings say; the task that is given ends when a signal
    has asked them to stop. Raises ProcessError if one does not start."""
    loop = asyncio.get_running_loop()
    with (
        tempfile.TemporaryDirectory(prefix="dyncontent-", ignore_cleanup_errors=True) as figures,
        shared_out(listening, settings.workers) as sockets,
    ):
        parent = Parent(settings, store, sockets, Path(figures))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, parent.stop)
        running = asyncio.create_task(parent.run())
        ready = asyncio.create_task(parent.ready.wait())
        try:
            await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if running.done():
                running.result()
            yield running
        finally:
            parent.stop()
            await asyncio.wait((running,))
