"""granian in our process: sockets that come and go, and an end that comes in time."""

import asyncio
import socket
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from dyncontent.rsgi import server as module
from dyncontent.rsgi.server import Server
from dyncontent.serving import listen, serving
from dyncontent.settings import Settings
from tests.adapters import asked, lines_to

pytestmark = pytest.mark.anyio


class _App:
    def __init__(self) -> None:
        self.log: list[str] = []
        self.arrived = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.fails = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            if self.fails:
                await send({"type": "lifespan.startup.failed", "message": "no"})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.log.append("shutdown")
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.arrived.set()
        await self.may_answer.wait()
        self.log.append("answer")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def _listening() -> tuple[socket.socket, int]:
    listening = listen(Settings(port=0))
    return listening, listening.getsockname()[1]


async def test_what_does_not_start_serves_nothing() -> None:
    app = _App()
    app.fails = True
    listening, _ = _listening()
    server = Server(app)
    async with asyncio.timeout(20), serving(server, listening) as ended:
        await ended
    assert not server.ready.is_set()
    assert app.log == []
    listening.close()


async def test_another_socket_is_taken_once_and_kept() -> None:
    app = _App()
    app.may_answer.set()
    (first, port), (second, other_port) = _listening(), _listening()
    server = Server(app)
    seen = set()
    async with asyncio.timeout(20), serving(server, first):
        for _ in range(3):
            (await server.take(second.dup())).close()
            for each in (other_port, port) * 3:
                async with lines_to(each) as new:
                    line = await new()
                    line.send(asked("/"))
                    assert (await line.answer())[0] == b"HTTP/1.1 204 No Content"
            seen.add(_threads())
        assert len(seen) == 1
    second.close()


def _threads() -> int:
    return len([*Path("/proc/self/task").iterdir()])


@pytest.mark.parametrize(
    "request_", [b"GET / HT", asked("/"), b"POST / HTTP/1.1\r\nHost: x\r\nCon"]
)
async def test_nobody_is_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, request_: bytes
) -> None:
    monkeypatch.setattr(module, "DRAIN_SECONDS", 0.2)
    app = _App()
    listening, port = _listening()
    server = Server(app)
    async with asyncio.timeout(20), lines_to(port) as new:
        async with serving(server, listening) as ended:
            line = await new()
            line.send(request_)
            await line.writer.drain()
            if request_.endswith(b"\r\n\r\n"):
                await app.arrived.wait()
            server.stop()
            await ended
        assert app.log == ["shutdown"]
        app.may_answer.set()
        line.go_away()
