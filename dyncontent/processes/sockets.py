"""A socket for each process, all of one address, among which the kernel shares connections."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dyncontent.serving import BACKLOG, no_wait


@contextmanager
def shared_out(listening: socket.socket, count: int) -> Iterator[list[socket.socket]]:
    """`count` sockets: the given one, which was alone on its address until now, and more beside
    it. Where a kernel does not share connections out, the given one alone."""
    sockets = [listening]
    with ExitStack() as opened:
        if sys.platform == "linux":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            for _ in range(count - 1):
                another = opened.enter_context(
                    socket.socket(listening.family, listening.type, listening.proto)
                )
                another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                another.bind(listening.getsockname())
                another.listen(BACKLOG)
                no_wait(another)
                sockets.append(another)
        yield sockets
