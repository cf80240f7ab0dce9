"""Opens answered from where uvicorn reads them: as HTTP says, whatever comes before and after."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from dyncontent.delivery.reply import Reply
from dyncontent.open_protocol import OpenProtocol
from dyncontent.serving import Server, listen, serving
from dyncontent.settings import Settings
from tests import samples
from tests.adapters import asked, lines
from tests.site import running_site, site_settings

pytestmark = pytest.mark.anyio


class _Delivery:
    """Answers what it was asked, when it may."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.etag = b'"x"'

    def begin(self, request: dict[str, Any], then: Callable[[Reply], None]) -> None:
        self.asked.append(request)
        self.arrived.set()
        task = asyncio.create_task(self._answer(request, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: dict[str, Any], then: Callable[[Reply], None]) -> None:
        await self.may_answer.wait()
        then(Reply(200, "text/plain", request["path"].encode(), ((b"etag", self.etag),)))


@dataclass
class _App:
    """Answers `asgi` for what it gets through ASGI."""

    delivery: _Delivery = field(default_factory=_Delivery)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for moment in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{moment}.complete"})
            return
        more = True
        body = b""
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        told = b"asgi %s %s" % (scope["path"].encode(), body)
        head = [(b"content-length", b"%d" % len(told))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": told})


async def test_an_open_is_answered_with_all_that_it_was_asked() -> None:
    async with lines(Server, app := _App()) as line:
        one = await line()
        one.send(asked("/i/trip.png?r=a&m=b", "User-Agent: Mail", "If-None-Match: x"))
        status, headers, body = await one.answer()
    assert (status, body) == (b"HTTP/1.1 200 OK", b"/i/trip.png")
    assert headers[b"content-type"] == b"text/plain"
    assert headers[b"etag"] == b'"x"'
    assert headers[b"cache-control"].startswith(b"no-store")
    assert b"date" in headers
    assert b"connection" not in headers
    [heard] = app.delivery.asked
    assert (heard["method"], heard["path"], heard["query_string"]) == (
        "GET",
        "/i/trip.png",
        b"r=a&m=b",
    )
    assert (b"user-agent", b"Mail") in heard["headers"]
    assert (b"if-none-match", b"x") in heard["headers"]


async def test_one_connection_answers_many_in_their_order() -> None:
    async with lines(Server, _App()) as line:
        one = await line()
        for path in ("/i/a.png", "/api/v1/x", "/c/b", "/h/c", "/health/live", "/i/d.png"):
            one.send(asked(path))
            _, _, body = await one.answer()
            assert body.rstrip() in (path.encode(), b"asgi " + path.encode())


async def test_what_comes_before_the_last_is_answered_waits_its_turn() -> None:
    async with lines(Server, app := _App()) as line:
        app.delivery.may_answer.clear()
        one = await line()
        one.send(asked("/i/a.png"), asked("/health/live"), asked("/i/b.png"), asked("/c/c"))
        await app.delivery.arrived.wait()
        app.delivery.may_answer.set()
        bodies = [(await one.answer())[2] for _ in range(4)]
    assert bodies[0] == b"/i/a.png"
    assert bodies[1].startswith(b"asgi /health/live")
    assert b"/i/b.png" in bodies[2]
    assert b"/c/c" in bodies[3]


async def test_a_head_has_no_body() -> None:
    async with lines(Server, _App()) as line:
        one = await line()
        one.send(asked("/i/a.png", method="HEAD"))
        _, headers, _ = await one.answer(is_head=True)
        assert headers[b"content-length"] == b"8"
        one.send(asked("/i/b.png"))
        assert (await one.answer())[2] == b"/i/b.png"


@pytest.mark.parametrize(
    ("version", "header"), [("1.0", "Accept: */*"), ("1.1", "Connection: close")]
)
async def test_a_connection_that_is_not_to_be_kept_ends(version: str, header: str) -> None:
    async with lines(Server, _App()) as line:
        one = await line()
        one.send(asked("/i/a.png", header, version=version))
        _, headers, body = await one.answer()
        assert (headers[b"connection"], body) == (b"close", b"/i/a.png")
        assert await one.is_over()


async def test_a_body_is_nothing_to_an_open_and_all_to_others() -> None:
    async with lines(Server, _App()) as line:
        one = await line()
        one.send(asked("/i/a.png", "Content-Length: 100000", method="POST"), b"x" * 100_000)
        assert (await one.answer())[2] == b"/i/a.png"
        one.send(asked("/api/v1/x", "Content-Length: 3", method="POST"), b"abc")
        assert (await one.answer())[2] == b"asgi /api/v1/x abc"
        one.send(asked("/api/v1/x", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        assert (await one.answer())[0] == b"HTTP/1.1 100 Continue"
        one.send(b"abc")
        assert (await one.answer())[2] == b"asgi /api/v1/x abc"


@pytest.mark.parametrize("path", ["/i/%61.png", "/i/a.png#x", "http://img.example/i/a.png"])
async def test_an_address_that_is_written_otherwise_goes_through_asgi(path: str) -> None:
    async with lines(Server, app := _App()) as line:
        one = await line()
        one.send(asked(path))
        assert (await one.answer())[2].startswith(b"asgi /i/a.png")
    assert app.delivery.asked == []


async def test_an_upgrade_is_not_of_an_open() -> None:
    async with lines(Server, app := _App()) as line:
        one = await line()
        one.send(asked("/i/a.png", "Connection: upgrade", "Upgrade: h2c"))
        assert (await one.answer())[2].startswith(b"asgi /i/a.png")
    assert app.delivery.asked == []


async def test_who_goes_away_stops_nobody() -> None:
    async with lines(Server, app := _App()) as line:
        app.delivery.may_answer.clear()
        one, other = await line(), await line()
        one.send(asked("/i/a.png"))
        await app.delivery.arrived.wait()
        one.go_away()
        other.send(asked("/i/b.png"))
        app.delivery.may_answer.set()
        assert (await other.answer())[2] == b"/i/b.png"


async def test_a_connection_on_which_nothing_comes_is_ended_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep = property(lambda _: 0.1, lambda _, __: None)  # uvicorn sets it for each connection
    monkeypatch.setattr(OpenProtocol, "timeout_keep_alive", keep, raising=False)
    async with lines(Server, app := _App()) as line:
        silent, idle, busy, gone = [await line() for _ in range(4)]
        for one in (idle, busy, gone):
            one.send(asked("/i/a.png"))
            assert (await one.answer())[2] == b"/i/a.png"
        gone.writer.close()
        app.delivery.may_answer.clear()
        busy.send(asked("/i/b.png"))
        assert await idle.is_over()
        app.delivery.may_answer.set()
        assert (await busy.answer())[2] == b"/i/b.png"
        assert await busy.is_over()
        silent.send(asked("/i/c.png"))
        assert (await silent.answer())[2] == b"/i/c.png"


async def test_no_header_can_hold_another(caplog: pytest.LogCaptureFixture) -> None:
    async with lines(Server, app := _App()) as line:
        app.delivery.etag = b'"x"\r\nset-cookie: y'
        one = await line()
        one.send(asked("/i/a.png"))
        assert await one.is_over()
    assert "a header that is none" in caplog.text


async def test_what_is_no_http_is_refused() -> None:
    async with lines(Server, _App()) as line:
        one = await line()
        one.send(b"GET /i/a.png\r\nnonsense\r\n\r\n")
        assert (await one.answer())[0] == b"HTTP/1.1 400 Bad Request"


async def test_an_open_under_way_is_answered_before_the_end() -> None:
    app = _App()
    listening = listen(Settings(host="127.0.0.1", port=0))
    port = listening.getsockname()[1]
    app.delivery.may_answer.clear()

    async def answer_once_it_ends() -> None:
        while listening.fileno() != -1:
            await asyncio.sleep(0.005)
        app.delivery.may_answer.set()

    async with asyncio.timeout(20):
        async with serving(Server(app), listening):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked("/i/a.png"))
            await app.delivery.arrived.wait()
            answering = asyncio.create_task(answer_once_it_ends())
        answer = await reader.read()
        await answering
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in answer
    assert answer.endswith(b"/i/a.png")


async def test_the_same_picture_comes_either_way(
    tmp_path: Path, prefix: str, store_url: str
) -> None:
    async with running_site(site_settings(tmp_path, prefix), store_url) as site:
        await site.fill()
        image = (await site.links())["image"].split("img.example", 1)[1]
        through_asgi = await site.open()
        async with lines(Server, site.app) as line:
            one = await line()
            one.send(asked(image))
            status, headers, body = await one.answer()
    assert status == b"HTTP/1.1 200 OK"
    assert body == through_asgi.content
    for name in ("content-type", "etag", "cache-control", "x-content-type-options"):
        assert headers[name.encode()].decode() == through_asgi.headers[name]
    assert samples.BLOCK in image
