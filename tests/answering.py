"""A server on a port of its own whose answers are written out byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.proxy import closing


class Conversation:
    """One request that came: `target` is its path with the query, `headers` in lower case."""

    def __init__(self, head: str, writer: asyncio.StreamWriter) -> None:
        request, *lines = head.rstrip().split("\r\n")
        self.target = request.split()[1]
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, status: str, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("content-length", str(len(body)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        await self.send(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)


class Answering:
    """`asked` are the requests that came so far."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[Conversation] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, target: str = "/") -> str:
        return f"http://{self.place}{target}"


@asynccontextmanager
async def answering(
    handle: Callable[[Conversation], Awaitable[None]],
) -> AsyncIterator[Answering]:
    """Connections are closed once `handle` is done."""
    server = Answering()
    running: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with closing(writer):
            with suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                conversation = Conversation(head.decode("latin-1"), writer)
                server.asked.append(conversation)
                await handle(conversation)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(converse(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await listening.wait_closed()
