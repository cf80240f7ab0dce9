"""Running the server: a socket, the store, and an orderly end."""

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from dyncontent.open_protocol import OpenProtocol
from dyncontent.settings import Settings
from dyncontent.store.embedded import embedded_store, running_store

DRAIN_SECONDS = 5


class PortError(Exception):
    """The port cannot be listened on: why, in one line."""


def listen(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say. Raises PortError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Only where the protocol is named are small answers sent at once.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except (OSError, TypeError) as error:  # TypeError: what no host can be named
        listening.close()
        where = f"{settings.host}:{settings.port}"
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortError(
                f"{where} is in use by another program; take another port: PORT=8001"
            ) from error
        raise PortError(
            f"{where} cannot be listened on: {getattr(error, 'strerror', error)}"
        ) from error
    return listening


@contextlib.contextmanager
def store_url(settings: Settings) -> Iterator[str]:
    """The URL of the store: the one that is set, or of an embedded one that runs meanwhile."""
    if settings.store_url:
        yield settings.store_url
    else:
        with embedded_store(settings.data_dir) as url:
            yield url


@contextlib.contextmanager
def reached_store(settings: Settings) -> Iterator[str]:
    """As `store_url`, but an embedded store that a running server has is shared with it."""
    running = None if settings.store_url else running_store(settings.data_dir)
    if running:
        yield running
    else:
        with store_url(settings) as url:
            yield url


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` on the faster event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


GARBAGE = (20_000, 10, 50)
"""Nearly all that a request makes is freed when it goes out of use. To look for what refers to
itself after every 700 objects, as Python does, takes a quarter of the time of a bulk call."""


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn raises them again when it has stopped, which would end the
    process before the store is stopped in order. `ready` is set once requests are answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is here now stays: the garbage collector need not walk through it again, which takes
        # longer than an open.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    """Serve `app`; the task that is given ends when a signal has asked the server to stop."""
    server = _Server(
        uvicorn.Config(
            app,
            http=OpenProtocol,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        yield task
    finally:
        stop()
        await task
