"""Opens and clicks answered from where uvicorn reads them, without the detour through ASGI.

What ASGI needs for a request (a scope, a cycle, an event, two messages of the answer) takes as long
as the open itself. The rest of HTTP is uvicorn's: other paths, a path that is percent-encoded, an
upgrade, and a request that comes before the last one is answered.
"""

import asyncio
import logging
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from dyncontent.delivery.reply import HeaderError, Reply
from dyncontent.delivery.serve import PREFIXES, Delivery

log = logging.getLogger(__name__)

_PREFIXES = tuple(prefix.encode() for prefix in PREFIXES)


class _Unheard:
    """In the place of an event for which nobody waits."""

    def set(self) -> None:
        """Nobody waits."""


class _Answering:
    """A request under way, as uvicorn's protocol looks at it."""

    __slots__ = ("disconnected", "is_head", "keep_alive", "response_complete")

    message_event = _Unheard()

    def __init__(self, *, is_head: bool, keep_alive: bool) -> None:
        self.is_head = is_head
        self.keep_alive = keep_alive
        self.response_complete = False
        self.disconnected = False


class OpenProtocol(HttpToolsProtocol):
    """Of an app that has no `delivery` all is answered through ASGI."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._delivery: Delivery | None = getattr(self.app, "delivery", None)
        self._is_ours = False
        self._usual: list[tuple[bytes, bytes]] | None = None
        self._usual_lines = b""
        self._idle_since: float | None = None
        self._idle_timer: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        path, _, query = self.url.partition(b"?")
        if self._delivery is None or not path.startswith(_PREFIXES) or not self._is_plain(path):
            self._leave_to_asgi()
            return
        method = self.parser.get_method()
        keep_alive = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        cycle = _Answering(is_head=method == b"HEAD", keep_alive=keep_alive)
        self.cycle = cycle  # type: ignore[assignment]
        self._is_ours = True
        request = {
            "method": method.decode("ascii"),
            "path": path.decode("ascii"),
            "query_string": query,
            "headers": self.headers,
        }
        self._delivery.begin(request, partial(self._write, cycle))

    def _is_plain(self, path: bytes) -> bool:
        last: Any = self.cycle  # None before the first
        return (
            (last is None or last.response_complete)
            and path.isascii()
            and b"%" not in path
            and b"#" not in self.url
            and not self.parser.should_upgrade()
        )

    def _leave_to_asgi(self) -> None:
        self._is_ours = False
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_ours:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_ours:
            super().on_message_complete()

    def _write(self, cycle: _Answering, reply: Reply) -> None:
        cycle.response_complete = True
        if cycle.disconnected or self.transport.is_closing():
            return
        try:
            lines = reply.lines
        except HeaderError:
            log.exception("an answer has a header that is none")
            self.transport.close()
            return
        head = self._beginning(reply.status) + lines
        head += b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self.transport.writelines((head,) if cycle.is_head else (head, reply.body))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _beginning(self, status: int) -> bytes:
        """The status line, and the headers that all answers have; uvicorn makes these anew once a
        second."""
        usual = self.server_state.default_headers
        if usual is not self._usual:
            self._usual = usual
            self._usual_lines = b"".join(b"%b: %b\r\n" % header for header in usual)
        return STATUS_LINE[status] + self._usual_lines

    def on_response_complete(self) -> None:
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _unset_keepalive_if_required(self) -> None:
        """A timer for each request would take longer than to look whether there was one."""
        super()._unset_keepalive_if_required()
        self._idle_since = None

    def _look(self) -> None:
        """End a connection on which nothing came since the last answer."""
        self._idle_timer = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._look)
        else:
            self.timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
