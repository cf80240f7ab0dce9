"""Running the server: a socket, the store, and an orderly end."""

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, Protocol

import uvicorn
import uvloop
from starlette.types import ASGIApp

from dyncontent.open_protocol import OpenProtocol
from dyncontent.settings import Settings
from dyncontent.store.embedded import embedded_store, running_store

DRAIN_SECONDS = 5
BACKLOG = 2048
"""Connections that wait to be taken."""


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
        listening.listen(BACKLOG)
        no_wait(listening)
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


def no_wait(listening: socket.socket) -> None:
    """Say that whoever takes a connection by it does not wait for one. That is true of the socket
    in all processes, but each copy that Python makes of one of which this was not said makes all
    wait: a server would be stuck until the next connection comes."""
    listening.setblocking(False)


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


def put_up_with_garbage() -> None:
    """What is here now stays: the garbage collector need not walk through it again, which takes
    longer than an open."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


class Taken(Protocol):
    """A socket by which connections are taken until it is closed."""

    def close(self) -> None: ...


class Serves(Protocol):
    """A server of one application. `ready` is set once requests are answered, `stopping` when no
    more connections are to be taken."""

    ready: asyncio.Event
    stopping: asyncio.Event

    def stop(self) -> None: ...
    async def serve(self, sockets: list[socket.socket]) -> None: ...
    async def take(self, listening: socket.socket) -> Taken:
        """Answer what comes by another socket too, until what is given is closed."""
        ...


class Server(uvicorn.Server):
    """Leaves signals to us: uvicorn raises them again when it has stopped, which would end the
    process before the store is stopped in order."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
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
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self.stopping.set()

    async def take(self, listening: socket.socket) -> asyncio.Server:
        taken = await asyncio.get_running_loop().create_server(
            lambda: self.config.http_protocol_class(  # type: ignore[call-arg]
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state
            ),
            sock=listening,
            backlog=BACKLOG,
        )
        self.servers.append(taken)
        return taken

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        put_up_with_garbage()
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(server: Serves, listening: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    """Serve; the task that is given ends when a signal has asked the server to stop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        yield task
    finally:
        server.stop()
        await task
