"""Step 6, reply: headers and bytes, straight to ASGI."""

from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
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
        if self.status == 304:
            return [NEVER_STORED, NOT_SNIFFED, *self.headers]
        return [
            (b"content-type", self.media_type.encode()),
            (b"content-length", b"%d" % len(self.body)),
            NEVER_STORED,
            NOT_SNIFFED,
            *self.headers,
        ]


Then = Callable[[Reply | Coroutine[Any, Any, Reply]], None]
"""Gets an answer, or the work that makes it."""
