"""granian inside our process, on sockets that are ours."""

import asyncio
import os
import socket
from typing import Any

import uvicorn
from granian._granian import SocketHolder
from granian.constants import HTTPModes
from granian.server.embed import Server as Embedded
from starlette.types import ASGIApp
from uvicorn.lifespan.on import LifespanOn

from dyncontent.rsgi.application import Application
from dyncontent.rsgi.bridge import Bridge
from dyncontent.serving import BACKLOG, DRAIN_SECONDS, Taken, put_up_with_garbage

_CONNECTIONS = 1 << 20
"""As many as there are: granian takes no more than so many at a time."""


class Server:
    """Served by granian as `dyncontent.serving.Server` is by uvicorn."""

    def __init__(self, app: ASGIApp) -> None:
        self._lifespan = LifespanOn(uvicorn.Config(app, log_level="warning"))
        self._application = Application(app, Bridge(app, self._lifespan.state))
        self._listeners: dict[int, _Listener] = {}
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        self.stopping.set()

    async def take(self, listening: socket.socket) -> Taken:
        """A socket is taken once, and kept when what is given is closed: granian leaves one only
        by closing its connections, also those that it has just taken."""
        of_kernel = os.fstat(listening.fileno()).st_ino
        if of_kernel not in self._listeners:
            self._listeners[of_kernel] = _Listener(self._application, listening.dup())
        return listening

    async def serve(self, sockets: list[socket.socket]) -> None:
        await self._lifespan.startup()
        if self._lifespan.should_exit:
            return
        for listening in sockets:
            await self.take(listening)
        put_up_with_garbage()
        self.ready.set()
        stopping = asyncio.create_task(self.stopping.wait())
        ended = [listener.ended for listener in self._listeners.values()]
        await asyncio.wait((stopping, *ended), return_when=asyncio.FIRST_COMPLETED)
        self.stop()
        await stopping
        for listening in sockets:
            listening.close()
        for listener in self._listeners.values():
            listener.close()
        # Whoever has not been answered by then is left.
        ended = [listener.ended for listener in self._listeners.values()]
        await asyncio.wait(ended, timeout=DRAIN_SECONDS)
        await self._lifespan.shutdown()


class _Listener(Embedded):
    """Answers what comes by one socket, until it is closed: what is under way is answered first."""

    def __init__(self, application: Application, listening: socket.socket) -> None:
        super().__init__(
            application,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=_CONNECTIONS,
            log_enabled=False,
        )
        self._descriptor = listening.detach()
        self.ended = asyncio.create_task(self.serve())

    def _init_shared_socket(self) -> None:
        """granian closes the socket when it stops."""
        self._shd: Any = SocketHolder(self._descriptor, False, BACKLOG)  # type: ignore[call-arg]

    def close(self) -> None:
        self.stop()  # type: ignore[no-untyped-call]
