"""Opens and clicks answered from where uvicorn reads them, without the detour through ASGI.

What ASGI needs for a request (a scope, a cycle, an event, two messages of the answer) takes as long
as the open itself. The rest of HTTP is uvicorn's: other paths, a path that is percent-encoded, an
upgrade, and a request that comes before the last one is answered.
"""

import logging
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
)

from dyncontent.delivery.reply import Reply
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
        if any(HEADER_VALUE_RE.search(value) for _, value in reply.headers):
            log.error("an answer has a header that is none")
            self.transport.close()
            return
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        head = [STATUS_LINE[reply.status]]
        for name, value in (*self.server_state.default_headers, *reply.head):
            head += (name, b": ", value, b"\r\n")
        head.append(end)
        if not cycle.is_head:
            head.append(reply.body)
        self.transport.writelines(head)
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
