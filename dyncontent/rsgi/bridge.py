"""From RSGI to an application that speaks ASGI."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message
from starlette.types import Scope as AsgiScope

from dyncontent.rsgi.headers import heard, told
from dyncontent.rsgi.protocol import Exchange, Headers, Scope, Stream


class Bridge:
    """`state` is what the application's lifespan has put there."""

    def __init__(self, app: ASGIApp, state: Mapping[str, Any]) -> None:
        self._app = app
        self._state = state

    async def answer(self, scope: Scope, exchange: Exchange) -> None:
        crossing = _Crossing(exchange)
        try:
            await self._app(self._scope(scope), crossing.receive, crossing.send)
        finally:
            crossing.close()
        if not crossing.is_answered:
            raise RuntimeError("the application gave no whole answer")

    def _scope(self, scope: Scope) -> AsgiScope:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.0" if scope.http_version == "1" else scope.http_version,
            "server": _address(scope.server),
            "client": _address(scope.client),
            "scheme": scope.scheme,
            "method": scope.method,
            "root_path": "",
            "path": scope.path,
            "query_string": scope.query_string.encode(),
            "headers": heard(scope),
            "state": dict(self._state),
        }


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


class _Crossing:
    """One request: `receive` and `send` of ASGI. What is sent to a client that is gone is dropped,
    as uvicorn does."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._pieces = aiter(exchange)
        self._reading: asyncio.Task[Message] | None = None
        self._has_more = True
        self._status = 0
        self._headers: Headers = []
        self._stream: Stream | None = None
        self.is_answered = False

    async def receive(self) -> Message:
        """If it is cancelled, the next call gets what it would have got."""
        if self._has_more:
            self._reading = self._reading or asyncio.create_task(self._read())
            message = await asyncio.shield(self._reading)
            self._reading = None
            return message
        if not self.is_answered:
            await self._exchange.client_disconnect()
        return {"type": "http.disconnect"}

    async def _read(self) -> Message:
        """granian tells the end of a body by an empty piece, and of one that is cut off by two."""
        piece = await anext(self._pieces)
        if piece:
            return {"type": "http.request", "body": piece, "more_body": True}
        self._has_more = False
        try:  # `anext` with a default kills the interpreter here, up to Python 3.12 at least
            await anext(self._pieces)
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = told(message.get("headers", ()))
            return
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if self._stream is None and not has_more:
            self._exchange.response_bytes(self._status, self._headers, body)
        else:
            self._stream = self._stream or self._exchange.response_stream(
                self._status, self._headers
            )
            with contextlib.suppress(RuntimeError):
                await self._stream.send_bytes(body)
        self.is_answered = not has_more

    def close(self) -> None:
        if self._reading:
            self._reading.cancel()
