"""Requests by HTTP/1.1 on connections that are kept, as cheap as Python can send and check them.

Of an answer only that is read by which it is told apart from the next and checked; everything else
of HTTP is left out. A request is encoded once, and no task is made for it.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Self, cast
from urllib.parse import urlsplit

from dyncontent.load.answer import Answer, Check
from dyncontent.load.chunks import unchunked
from dyncontent.load.tally import Tally

SECONDS_FOR_ONE = 10.0
SWEEP_SECONDS = 0.2
SECONDS_AFTER_REFUSAL = 0.05
"""A connection that fails is told only then, so that a server that is gone is not asked without
pause."""
LONGEST_HEAD = 64 * 1024
LOST = "connection lost"
MALFORMED = "not HTTP as it is read here"
_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked"
_CLOSES = b"\r\nconnection: close"
_BODILESS = frozenset((204, 304))


class Origin(NamedTuple):
    host: str
    port: int
    is_secure: bool

    @classmethod
    def of(cls, url: str) -> Self:
        """Raises ValueError for what is no address of a web server."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url[:200]} is no web address")
        is_secure = parts.scheme == "https"
        return cls(parts.hostname, parts.port or (443 if is_secure else 80), is_secure)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, to the last byte, and what its answer must be."""

    payload: bytes
    check: Check

    @classmethod
    def get(cls, url: str, check: Check, user_agent: str) -> Self:
        """Raises ValueError for a URL that HTTP cannot carry."""
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        lines = (f"GET {target} HTTP/1.1", f"host: {parts.netloc}", f"user-agent: {user_agent}")
        if not all(line.isascii() and line.isprintable() for line in lines) or " " in target:
            raise ValueError(f"{url[:200]} is no URL as it is sent")
        return cls("\r\n".join((*lines, "accept: */*", "", "")).encode("ascii"), check)


class Sender:
    """At most so many connections to one server. Without a free one, requests wait in order.

    `tally` may be replaced between requests. `after` is called when a request is done, rightly or
    not, and may send the next.
    """

    def __init__(
        self, origin: Origin, connections: int, seconds_for_one: float = SECONDS_FOR_ONE
    ) -> None:
        self.tally = Tally()
        self.after: Callable[[], None] = nothing
        self.under_way = 0
        self._origin = origin
        self._room = connections
        self.seconds_for_one = seconds_for_one
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._waiting: deque[tuple[Request, float]] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._is_done = asyncio.Event()
        self._tls = ssl.create_default_context() if origin.is_secure else None
        if self._tls:
            self._tls.set_alpn_protocols(["http/1.1"])

    async def __aenter__(self) -> Self:
        self._sweeping = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sweeping.cancel()
        for task in self._connecting:
            task.cancel()
        for connection in tuple(self._open):
            connection.drop()
        await asyncio.gather(self._sweeping, *self._connecting, return_exceptions=True)

    def send(self, request: Request, due: float) -> None:
        """Send a request, or let it wait. It is timed from `due` (time.perf_counter)."""
        self.under_way += 1
        if self._idle:
            self._idle.pop().send(request, due)
            return
        self._waiting.append((request, due))
        self._dial()

    async def finished(self) -> None:
        """Wait until nothing is under way."""
        self._is_done.clear()
        if self.under_way:
            await self._is_done.wait()

    def _dial(self) -> None:
        """One connection more, if something waits for one and there may be one."""
        if not self._waiting or not self._room:
            return
        self._room -= 1
        task = asyncio.create_task(self._connect())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self) -> None:
        host, port, _ = self._origin
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.seconds_for_one):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self), host, port, ssl=self._tls
                )
        except (OSError, TimeoutError) as error:
            await asyncio.sleep(SECONDS_AFTER_REFUSAL)
            self._room += 1
            if self._waiting:
                self._waiting.popleft()
                self._missed(type(error).__name__)
            self._dial()
            return
        self._open.add(connection)
        self.free(connection)

    def free(self, connection: "_Connection") -> None:
        if self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self._idle.append(connection)

    def answered(self, request: Request, due: float, answer: Answer) -> None:
        if failure := request.check(answer):
            self.tally.wrong[failure] += 1
        else:
            self.tally.times.add(time.perf_counter() - due)
        self._done()

    def lost(self, connection: "_Connection", why: str | None) -> None:
        """`why` is what became of the request that was under way, None if none was."""
        self._open.discard(connection)
        self._room += 1
        if connection in self._idle:
            self._idle.remove(connection)
        if why is not None:
            self._missed(why)
        self._dial()

    def _missed(self, why: str) -> None:
        self.tally.unanswered[why] += 1
        self._done()

    def _done(self) -> None:
        self.under_way -= 1
        self.after()
        if not self.under_way:
            self._is_done.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            latest = time.perf_counter() - self.seconds_for_one
            for connection in tuple(self._open):
                if connection.request is not None and connection.begun < latest:
                    connection.drop(f"no answer within {self.seconds_for_one:g} s")
            while self._waiting and self._waiting[0][1] < latest:
                self._waiting.popleft()
                self._missed(f"not sent within {self.seconds_for_one:g} s")


class _Connection(asyncio.Protocol):
    """One request at a time."""

    __slots__ = (
        "_body_parts",
        "_due",
        "_head",
        "_lowered",
        "_missing",
        "_received",
        "_sender",
        "_status",
        "_transport",
        "_why",
        "_write",
        "begun",
        "request",
    )

    def __init__(self, sender: Sender) -> None:
        self.request: Request | None = None
        self.begun = 0.0
        self._due = 0.0
        self._sender = sender
        self._why = LOST
        self._received = b""
        self._head = self._lowered = b""
        self._status = 0
        self._body_parts: list[bytes] = []
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._write = self._transport.write

    def send(self, request: Request, due: float) -> None:
        self.request, self._due = request, due
        self.begun = time.perf_counter()
        self._write(request.payload)

    def drop(self, why: str = LOST) -> None:
        self._why = why
        self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        was_asked, self.request = self.request is not None, None
        self._sender.lost(self, self._why if was_asked else None)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._body_parts.append(data)
            self._missing -= len(data)
            if not self._missing:
                parts, self._body_parts = self._body_parts, []
                self._complete(b"".join(parts))
            elif self._missing < 0:
                self.drop(MALFORMED)
            return
        if self._received:
            data, self._received = self._received + data, b""
        end = data.find(_END) + 2
        if self.request is None or (end < 2 and len(data) > LONGEST_HEAD):
            self.drop(MALFORMED)
        elif end < 2:
            self._received = data
        else:
            self._begin(data, end)

    def _begin(self, data: bytes, end: int) -> None:
        """The head is there, up to `end`, and what there is of the body."""
        self._head = head = data[:end]
        self._lowered = lowered = head.lower()
        body = data[end + 2 :]
        try:
            self._status = int(data[9:12])
            at = lowered.find(_LENGTH)
            if at >= 0:
                length = int(head[at + len(_LENGTH) : head.index(b"\r\n", at + 2)])
            elif _CHUNKED in lowered:
                joined = unchunked(body)
                if joined is None:
                    self._received = data
                else:
                    self._complete(joined)
                return
            else:
                length = 0 if self._status in _BODILESS else -1
        except ValueError:
            length = -1
        missing = length - len(body)
        if length < 0 or missing < 0:
            self.drop(MALFORMED)
        elif missing:
            self._missing = missing
            self._body_parts.append(body)
        else:
            self._complete(body)

    def _complete(self, body: bytes) -> None:
        request, self.request = self.request, None
        answer = Answer(self._status, self._head, self._lowered, body, self.begun)
        if _CLOSES in self._lowered or self._lowered.startswith(b"http/1.0"):
            self._transport.close()
        else:
            self._sender.free(self)
        self._sender.answered(cast("Request", request), self._due, answer)


def nothing() -> None:
    """Nothing follows."""
