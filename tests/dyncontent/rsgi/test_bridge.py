"""An application that speaks ASGI is asked the same, and answers the same, on granian as on
uvicorn."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dyncontent.rsgi.server import Server as Granian
from tests.adapters import SERVERS, Line, asked, every_straight_one, lines

pytestmark = pytest.mark.anyio

Handle = Callable[[Scope, Receive, Send], Awaitable[None]]


def _app(handle: Handle) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await handle(scope, receive, send)
            return
        await receive()
        scope["state"]["begun"] = "once"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return app


async def _tell(send: Send, *pieces: bytes, status: int = 200, length: int | None = None) -> None:
    headers = [] if length is None else [(b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for piece in pieces[:-1]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": pieces[-1]})


class _Reading:
    """Reads all that comes, and writes it down."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            self.messages.append(await receive())
            if not self.messages[-1].get("more_body"):
                break
        self.ended.set()
        body = self.body
        await _tell(send, body, length=len(body))

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


async def test_the_same_is_asked() -> None:
    scopes: list[dict[str, Any]] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(dict(scope))
        await _tell(send, b"", length=0)

    requests = [
        asked("/a/%C3%A4/b%2Fc?q=%20&r=[]", "User-Agent: Mail", "X-Twice: 1", "X-Twice: 2"),
        asked("/", method="OPTIONS"),
        asked("/old", version="1.0"),
        asked("/x%FF"),
    ]
    for request in requests:
        scopes.clear()
        for make in SERVERS.values():
            async with lines(make, _app(note)) as new:
                line = await new()
                line.send(request)
                await line.answer()
        uvicorn, granian = scopes
        for name in ("type", "asgi", "http_version", "scheme", "method", "root_path", "path"):
            assert granian[name] == uvicorn[name], name
        for name in ("query_string", "headers", "state"):
            assert granian[name] == uvicorn[name], name
        assert granian["client"][0] == uvicorn["client"][0] == "127.0.0.1"
        assert granian["server"][0] == "127.0.0.1"
        assert isinstance(granian["server"][1], int)
        assert granian["state"] == {"begun": "once"}


@every_straight_one
async def test_a_body_comes_as_it_is_sent(make: Any) -> None:
    reading = _Reading()
    async with lines(make, _app(reading)) as new:
        line = await new()
        sent = bytes(range(256)) * 4096
        line.send(asked("/", f"Content-Length: {len(sent)}", method="POST"), sent)
        assert (await line.answer())[2] == sent
        line.send(asked("/", "Transfer-Encoding: chunked", method="POST"))
        line.send(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert (await line.answer())[2] == sent + b"abcde"
        line.send(asked("/", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        assert (await line.answer())[0] == b"HTTP/1.1 100 Continue"
        line.send(b"fgh")
        assert (await line.answer())[2] == sent + b"abcdefgh"


@every_straight_one
@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Content-Length: 9", b"abc"),
        ("Transfer-Encoding: chunked", b"3\r\nabc\r\n"),
        ("Transfer-Encoding: chunked", b"3\r\nabc\r\n4\r\nd"),
    ],
)
async def test_a_body_that_is_cut_off_is_not_taken_for_whole(
    make: Any, header: str, body: bytes
) -> None:
    reading = _Reading()
    async with lines(make, _app(reading)) as new:
        line = await new()
        line.send(asked("/", header, method="POST"), body)
        while b"abc" not in reading.body:
            await asyncio.sleep(0)
        line.writer.close()
        await reading.ended.wait()
    assert reading.messages[-1] == {"type": "http.disconnect"}
    assert reading.body.startswith(b"abc")


@every_straight_one
async def test_reading_that_is_cancelled_loses_nothing(make: Any) -> None:
    waiting, go_on = asyncio.Event(), asyncio.Event()
    read = _Reading()

    async def read_twice(scope: Scope, receive: Receive, send: Send) -> None:
        first: asyncio.Task[Message] = asyncio.create_task(receive())  # type: ignore[arg-type]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        waiting.set()
        await go_on.wait()
        await read(scope, receive, send)

    async with lines(make, _app(read_twice)) as new:
        line = await new()
        line.send(asked("/", "Content-Length: 6", method="POST"))
        await waiting.wait()
        line.send(b"abc")
        go_on.set()
        line.send(b"def")
        assert (await line.answer())[2] == b"abcdef"


@every_straight_one
async def test_an_answer_in_pieces_comes_piece_by_piece(make: Any) -> None:
    more = asyncio.Event()

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await more.wait()
        await send({"type": "http.response.body", "body": b"last", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async with lines(make, _app(stream)) as new:
        line = await new()
        line.send(asked("/", "Connection: close"))
        assert await line.reader.readuntil(b"5\r\nfirst\r\n")
        more.set()
        assert await line.reader.read() == b"4\r\nlast\r\n0\r\n\r\n"


@every_straight_one
async def test_whoever_is_gone_is_told_of_and_written_to_without_harm(make: Any) -> None:
    messages: list[Message] = []
    begun, ended = asyncio.Event(), asyncio.Event()

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        messages.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        begun.set()
        messages.append(await receive())
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"y" * 1000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        messages.append(await receive())
        ended.set()

    async with lines(make, _app(stream)) as new:
        line = await new()
        line.send(asked("/"))
        await begun.wait()
        line.go_away()
        await ended.wait()
    assert [message["type"] for message in messages] == [
        "http.request",
        "http.disconnect",
        "http.disconnect",
    ]


async def _status(line: Line) -> bytes:
    return (await line.answer())[0]


@every_straight_one
async def test_an_application_that_fails_is_answered_for(make: Any) -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/raise":
            raise ValueError("of no use")

    async with lines(make, _app(fail)) as new:
        for path in ("/raise", "/nothing"):
            line = await new()
            line.send(asked(path))
            assert await _status(line) == b"HTTP/1.1 500 Internal Server Error"


async def test_what_failed_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("of no use")

    async with lines(Granian, _app(fail)) as new:
        line = await new()
        line.send(asked("/somewhere"))
        await line.answer()
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "/somewhere failed" in caplog.text
    assert "of no use" in caplog.text
    assert record.name == "dyncontent.rsgi.application"


@every_straight_one
async def test_a_head_has_no_body(make: Any) -> None:
    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        await _tell(send, b"hello", length=5)

    async with lines(make, _app(tell)) as new:
        line = await new()
        line.send(asked("/", method="HEAD"), asked("/"))
        _, headers, _ = await line.answer(is_head=True)
        assert headers[b"content-length"] == b"5"
        assert (await line.answer())[2] == b"hello"
