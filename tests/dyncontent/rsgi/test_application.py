"""Opens as granian brings them, on an open path that answers when it may."""

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from dyncontent.delivery.reply import Reply
from dyncontent.rsgi.server import Server
from tests.adapters import asked, lines

pytestmark = pytest.mark.anyio


class _Delivery:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.done: list[str] = []
        self.arrived = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.error: BaseException | None = None
        self.etag = b'"x"'

    async def answer(self, request: dict[str, Any]) -> Reply:
        self.asked.append(request)
        self.arrived.set()
        await self.may_answer.wait()
        if self.error:
            raise self.error
        self.done.append(request["path"])
        status = 304 if request["path"].startswith("/h/") else 200
        return Reply(status, "text/plain", b"hello", ((b"etag", self.etag),))


class _App:
    def __init__(self) -> None:
        self.delivery = _Delivery()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"asgi"})
            return
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})


async def test_an_open_is_asked_for_as_uvicorn_asks() -> None:
    app = _App()
    async with lines(Server, app) as new:
        line = await new()
        line.send(asked("/i/%C3%A4.png?r=%20&k=b", "User-Agent: Mail", "If-None-Match: x"))
        status, headers, body = await line.answer()
    assert (status, body) == (b"HTTP/1.1 200 OK", b"hello")
    assert headers[b"etag"] == b'"x"'
    assert headers[b"server"] == b""
    assert b"date" in headers
    assert app.delivery.asked == [
        {
            "method": "GET",
            "path": "/i/ä.png",
            "query_string": b"r=%20&k=b",
            "headers": [
                (b"host", b"img.example"),
                (b"user-agent", b"Mail"),
                (b"if-none-match", b"x"),
            ],
        }
    ]


async def test_what_is_no_open_goes_through_asgi() -> None:
    app = _App()
    async with lines(Server, app) as new:
        line = await new()
        for path in ("/", "/health/live", "/i", "//i/a.png", "/I/a.png"):
            line.send(asked(path, "Connection: close"))
            assert (await line.reader.read()).endswith(b"asgi")
            line = await new()
    assert app.delivery.asked == []


async def test_answers_without_a_body() -> None:
    async with lines(Server, _App()) as new:
        line = await new()
        line.send(asked("/i/a.png", method="HEAD"), asked("/h/a"), asked("/c/a"))
        _, headers, _ = await line.answer(is_head=True)
        assert headers[b"content-length"] == b"5"
        status, headers, body = await line.answer()
        assert (status, body) == (b"HTTP/1.1 304 Not Modified", b"")
        assert headers[b"etag"] == b'"x"'
        assert (await line.answer())[2] == b"hello"


async def test_who_goes_away_stops_nobody_and_his_open_is_done() -> None:
    app = _App()
    async with lines(Server, app) as new:
        app.delivery.may_answer.clear()
        one, other = await new(), await new()
        one.send(asked("/i/a.png"))
        await app.delivery.arrived.wait()
        one.go_away()
        other.send(asked("/i/b.png"))
        app.delivery.may_answer.set()
        assert (await other.answer())[2] == b"hello"
    assert app.delivery.done == ["/i/a.png", "/i/b.png"]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ValueError("broken")])
async def test_an_answer_that_never_comes_is_no_other_one(error: BaseException) -> None:
    async with lines(Server, app := _App()) as new:
        app.delivery.error = error
        line = await new()
        line.send(asked("/i/a.png"))
        assert (await line.answer())[0] == b"HTTP/1.1 500 Internal Server Error"


async def test_no_header_can_hold_another(caplog: pytest.LogCaptureFixture) -> None:
    async with lines(Server, app := _App()) as new:
        app.delivery.etag = b'"x"\r\nset-cookie: y'
        line = await new()
        line.send(asked("/i/a.png"))
        status, headers, _ = await line.answer()
    assert status == b"HTTP/1.1 500 Internal Server Error"
    assert not headers.keys() & {b"set-cookie", b"etag"}
    assert "a header that is none" in caplog.text
