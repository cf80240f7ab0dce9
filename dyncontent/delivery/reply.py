"""Step 6, reply: headers and bytes, straight to ASGI."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

NEVER_STORED: Header = (
    b"cache-control",
    b"no-store, no-cache, max-age=0, must-revalidate, private",
)
NOT_SNIFFED: Header = (b"x-content-type-options", b"nosniff")


class Reply(NamedTuple):
    status: int
    media_type: str
    body: bytes
    headers: tuple[Header, ...] = ()

    async def send(self, send: Send, *, head: bool = False) -> None:
        """To a HEAD request go the same headers without the body."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.head})
        await send({"type": "http.response.body", "body": b"" if head else self.body})

    @property
    def head(self) -> list[Header]:
        return _head(self.status, self.media_type, len(self.body), self.headers)

    @property
    def lines(self) -> bytes:
        """The headers as they stand in HTTP/1.1. Raises HeaderError."""
        return _lines(self.status, self.media_type, len(self.body), self.headers)


def _head(status: int, media_type: str, length: int, headers: tuple[Header, ...]) -> list[Header]:
    if status == 304:
        return [NEVER_STORED, NOT_SNIFFED, *headers]
    return [
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % length),
        NEVER_STORED,
        NOT_SNIFFED,
        *headers,
    ]


@lru_cache(4096)
def _lines(status: int, media_type: str, length: int, headers: tuple[Header, ...]) -> bytes:
    """The same picture is told alike each time."""
    head = _head(status, media_type, length, headers)
    require_values(head)
    return b"".join(b"%b: %b\r\n" % header for header in head)


class HeaderError(ValueError):
    """A value would end its line."""


def require_values(headers: Iterable[Header]) -> None:
    """Raises HeaderError where a value is none (RFC 9110, 5.5)."""
    for name, value in headers:
        if _NO_VALUE.search(value):
            raise HeaderError(f"no value of a header: {name!r}: {value!r}")


_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


Then = Callable[[Reply | Coroutine[Any, Any, Reply]], None]
"""Gets an answer, or the work that makes it."""
