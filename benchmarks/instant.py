"""A server that has its answer ready: what a sender can send at most.

python -m benchmarks.instant PORT BYTES
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

from benchmarks.served import START_SECONDS, free_port

MEDIA_TYPE = "image/png"


def body(size: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n".ljust(size, b".")


def encoded(content: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(content)}"
    return b"\r\n\r\n".join((head.encode(), content))


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


@contextmanager
def serving(size: int) -> Iterator[tuple[str, int]]:
    """One that answers `body(size)`, as a process of its own: a URL, and its id."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.instant", str(port), str(size)]
    server = subprocess.Popen(command)  # noqa: S603
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the server does not start") from None
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/i/block.png?r=somebody&m=message&k=signature", server.pid
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), encoded(body(int(sys.argv[2])))))
