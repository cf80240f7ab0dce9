"""Servers that answer what they are told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from dyncontent.load.answer import Check, exactly
from dyncontent.load.sender import Origin, Request

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BODY = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
RIGHT = exactly("image/png", BODY)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n" % len(BODY)
ANSWER = HEAD + b"\r\n" + BODY


@asynccontextmanager
async def speaking(speak: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The URL of a server that speaks so on each connection; it has ended at the end."""
    tasks: set[asyncio.Task[None]] = set()

    async def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await speak(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(begun, "127.0.0.1", 0, ssl=tls)
    try:
        port = server.sockets[0].getsockname()[1]
        origin = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
        yield f"{origin}/i/trip.png?r=a"
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def answering(*pieces: bytes, closes: bool = False) -> Speak:
    """Each request is answered in these pieces, each seen by itself on the other side."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.001)
            if closes:
                return

    return speak


def asked(url: str, check: Check = RIGHT) -> tuple[Origin, Request]:
    return Origin.of(url), Request.get(url, check, "a test")
