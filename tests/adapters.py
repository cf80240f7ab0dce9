"""Each way by which requests come to the open path, and connections to it byte by byte."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from dyncontent import cli, servers
from dyncontent.app import build
from dyncontent.rsgi.server import Server as Granian
from dyncontent.serving import Server, Serves, listen, serving
from dyncontent.settings import Settings
from tests.site import Site

PATIENCE = 30


def through_asgi(app: ASGIApp) -> Serves:
    """uvicorn, as it serves an application of which it knows nothing."""

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return Server(asgi)


ADAPTERS: Mapping[str, Callable[[ASGIApp], Serves]] = {
    "asgi": through_asgi,
    "ahead-of-asgi": Server,
    "rsgi": Granian,
}
SERVERS: Mapping[str, Callable[[ASGIApp], Serves]] = {"uvicorn": Server, "granian": Granian}
every_adapter = pytest.mark.parametrize("make", ADAPTERS.values(), ids=ADAPTERS)
every_straight_one = pytest.mark.parametrize("make", SERVERS.values(), ids=SERVERS)
"""Those that spare opens the detour through ASGI."""

PROCESSES = {
    "asgi": ("tests.adapters", "uvicorn"),
    "ahead-of-asgi": ("dyncontent", "uvicorn"),
    "rsgi": ("dyncontent", "granian"),
}
every_process = pytest.mark.parametrize("module_and_server", PROCESSES.values(), ids=PROCESSES)
"""Modules whose command line has `serve --server`."""

Make = Callable[[ASGIApp], Serves]


@dataclass
class Line:
    """A connection to a server, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *requests: bytes) -> None:
        self.writer.write(b"".join(requests))

    async def answer(self, *, is_head: bool = False) -> tuple[bytes, dict[bytes, bytes], bytes]:
        """Status line, headers by their names in lower case, and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, *lines = head[:-4].split(b"\r\n")
        pairs = [line.split(b": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        length = 0 if is_head else int(headers.get(b"content-length", b"0"))
        return status, headers, await self.reader.readexactly(length)

    async def is_over(self) -> bool:
        return await self.reader.read() == b""

    def go_away(self) -> None:
        self.writer.transport.abort()


NewLine = Callable[[], Awaitable[Line]]


@asynccontextmanager
async def lines_to(port: int) -> AsyncIterator[NewLine]:
    """Connections, which are closed in the end."""
    writers: list[asyncio.StreamWriter] = []

    async def line() -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return Line(reader, writer)

    try:
        yield line
    finally:
        for writer in writers:
            writer.close()


@asynccontextmanager
async def lines(make: Make, app: ASGIApp) -> AsyncIterator[NewLine]:
    listening = listen(Settings(host="127.0.0.1", port=0))
    port = listening.getsockname()[1]
    async with asyncio.timeout(PATIENCE), serving(make(app), listening), lines_to(port) as line:
        yield line


def asked(path: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    """A request."""
    told = (f"{method} {path} HTTP/{version}", "Host: img.example", *headers)
    return "\r\n".join((*told, "", "")).encode()


@dataclass
class ServedSite:
    """The site as clients reach it; `line` connects to it."""

    site: Site
    line: NewLine

    async def path(self, purpose: str = "image", **asked: str) -> str:
        return (await self.site.links(**asked))[purpose].removeprefix(self.site.settings.base_url)


@asynccontextmanager
async def served_site(make: Make, settings: Settings, store_url: str) -> AsyncIterator[ServedSite]:
    """The server on a port of its own."""
    listening = listen(Settings(host="127.0.0.1", port=0))
    port = listening.getsockname()[1]
    settings = settings.model_copy(update={"base_url": f"http://127.0.0.1:{port}"})
    app = build(settings, store_url)
    async with (
        asyncio.timeout(4 * PATIENCE),
        serving(make(app), listening),
        lines_to(port) as line,
        httpx.AsyncClient(base_url=settings.base_url, trust_env=False, timeout=PATIENCE) as client,
    ):
        yield ServedSite(Site(app, client, settings), line)


if __name__ == "__main__":
    servers.Server = through_asgi  # type: ignore[assignment,attr-defined]
    cli.main(sys.argv[1:])
