"""A TCP proxy before the store that can be slow, or silent."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 65536


class Proxy:
    """`slowest` is the longest time in seconds by which a reply is held back; while `silent` is
    set, nothing comes back at all, and on connections that ask for what is `unheard` neither.
    `heard` is what the store was asked since it was cleared."""

    def __init__(self, target: str) -> None:
        self.slowest = 0.0
        self.silent = False
        self.heard = bytearray()
        self.unheard: bytes | None = None
        self.port = 0
        self._target = target
        self._random = random.Random(1)
        self._pipes: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_store, to_store = await asyncio.open_unix_connection(self._target)
        asked: list[bytes] = []
        for pipe in (
            self._pass(reader, to_store, asked),
            self._hold_back(from_store, writer, asked),
        ):
            task = asyncio.create_task(pipe)
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[bytes]
    ) -> None:
        async with closing(writer):
            while data := await reader.read(CHUNK):
                self.heard += data
                asked[:] = [data]
                writer.write(data)

    async def _hold_back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[bytes]
    ) -> None:
        async with closing(writer):
            while data := await reader.read(CHUNK):
                await asyncio.sleep(self._random.uniform(0, self.slowest))
                is_unheard = self.unheard is not None and self.unheard in asked[0]
                if not (self.silent or is_unheard):
                    writer.write(data)

    async def aclose(self) -> None:
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)


@asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """A connection that is closed in the end."""
    try:
        yield
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def proxy(store_url: str) -> AsyncIterator[Proxy]:
    """A proxy before the store at `unix://...`."""
    proxy = Proxy(store_url.removeprefix("unix://"))
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.aclose()
