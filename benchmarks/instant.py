"""A server that has its answer ready: what a sender can send at most.

python -m benchmarks.instant PORT BYTES
"""

import asyncio
import sys
from typing import cast

import uvloop

MEDIA_TYPE = "image/png"


def body(size: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n".ljust(size, b".")


def encoded(content: bytes, *, status: str = "200 OK", extra: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(content)}\r\n"
    return b"".join((head.encode(), extra, b"\r\n", content))


class Instant(asyncio.Protocol):
    """Answers every request with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        if requests:
            self._transport.write(self._answer * len(requests))


async def serve(port: int, answer: bytes) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Instant(answer), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), encoded(body(int(sys.argv[2])))))
