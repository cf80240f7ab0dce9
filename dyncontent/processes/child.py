"""One of several processes that serve: `python -m dyncontent.processes.child`, as ordered."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys

from dyncontent.app import build
from dyncontent.processes.figures import SharedMetrics
from dyncontent.processes.orders import LEAVING, READY, Order
from dyncontent.servers import server_of
from dyncontent.serving import Serves, Taken, no_wait, run, serving


async def _serve() -> None:
    parent = os.getppid()
    told = await _input()
    line = await told.readline()
    if not line:  # the parent has ended already
        return
    order = Order.model_validate_json(line)
    sockets = [socket.socket(fileno=descriptor) for descriptor in order.sockets]
    for one in sockets:
        no_wait(one)
    metrics = SharedMetrics(order.figures, order.number)
    settings = order.read_settings()
    server = server_of(settings)(build(settings, order.store, metrics=metrics))
    async with serving(server, sockets[order.own].dup()) as ended:
        _say(READY)
        obeying = asyncio.create_task(_obey(told, server, sockets))
        stopping = asyncio.create_task(server.stopping.wait())
        await asyncio.wait((obeying, stopping, ended), return_when=asyncio.FIRST_COMPLETED)
        for one in sockets:
            one.close()
        _say(LEAVING)
        stopping.cancel()
        obeying.cancel()
        await asyncio.gather(obeying, stopping, return_exceptions=True)
    if os.getppid() != parent:  # it was killed, and has not put its things away
        shutil.rmtree(order.figures, ignore_errors=True)


def _say(line: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody is there to hear it
        os.write(sys.stdout.fileno(), line)


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


async def _obey(told: asyncio.StreamReader, server: Serves, sockets: list[socket.socket]) -> None:
    """Take and leave sockets, until there is nobody to tell it."""
    taken: dict[int, Taken] = {}
    while line := await told.readline():
        what, place = line.split()
        if what == b"take":
            taken[int(place)] = await server.take(sockets[int(place)].dup())
        else:
            taken.pop(int(place)).close()


if __name__ == "__main__":
    run(_serve())
