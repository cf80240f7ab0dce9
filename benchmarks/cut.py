"""A line between servers and the store on which the change log can fall silent, while all else goes
through: as when a firewall has forgotten one connection."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

_FOLLOWING = b"XREAD\r\n"


class Line:
    """Used from one thread, while it runs in another. `swallowed` counts answers of the change log
    that did not come through."""

    def __init__(self, store: str) -> None:
        """`store` is the path of its socket."""
        self.port = 0
        self.swallowed = 0
        self.is_cut = False
        self._store = store
        self._ends: set[_End] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def cut(self) -> None:
        self.is_cut = True

    def mend(self) -> None:
        """What was not heard is not told later: those connections end."""
        self.is_cut = False
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drop_deaf)

    def _drop_deaf(self) -> None:
        for end in tuple(self._ends):
            if end.is_deaf:
                end.close()

    async def serve(self, ready: threading.Event, ended: asyncio.Event) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: _End(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()
        for end in tuple(self._ends):
            end.close()

    def begun(self, end: "_End") -> None:
        self._ends.add(end)

    def ended(self, end: "_End") -> None:
        self._ends.discard(end)

    async def to_store(self, end: "_End") -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_unix_connection(lambda: _Answers(end), self._store)
        return transport


class _End(asyncio.Protocol):
    """A connection of a server. `is_deaf` once it has missed an answer."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._store: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._follows = False
        self.is_deaf = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server = cast("asyncio.Transport", transport)
        self._line.begun(self)
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        self._store = await self._line.to_store(self)
        self._store.writelines(self._early)

    def data_received(self, data: bytes) -> None:
        self._follows = _FOLLOWING in data
        if self._store is None:
            self._early.append(data)
        else:
            self._store.write(data)

    def answered(self, data: bytes) -> None:
        if self.is_deaf or (self._line.is_cut and self._follows):
            self.is_deaf = True
            self._line.swallowed += 1
        else:
            self._server.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        self._line.ended(self)
        if self._store is not None:
            self._store.close()

    def close(self) -> None:
        self._server.close()


class _Answers(asyncio.Protocol):
    """The connection to the store behind it."""

    def __init__(self, end: _End) -> None:
        self._end = end

    def data_received(self, data: bytes) -> None:
        self._end.answered(data)

    def connection_lost(self, _: Exception | None) -> None:
        self._end.close()


@contextmanager
def line(store_url: str) -> Iterator[Line]:
    """To the store at `unix://...`."""
    made, ready = Line(store_url.removeprefix("unix://")), threading.Event()
    loop, ended = uvloop.new_event_loop(), asyncio.Event()
    running = threading.Thread(target=loop.run_until_complete, args=(made.serve(ready, ended),))
    running.start()
    try:
        ready.wait()
        yield made
    finally:
        loop.call_soon_threadsafe(ended.set)
        running.join()
        loop.close()
