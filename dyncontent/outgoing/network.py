"""Connections to checked addresses: a name is looked up once, everything that it leads to is
checked, and what is connected to is an address that was checked. The name itself is used for TLS
and the Host header alone, so no later answer of a name server changes anything."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

from httpcore import (
    SOCKET_OPTION,
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectError,
    ConnectTimeout,
)

from dyncontent.outgoing.reach import OutgoingError, Reach

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host (and port). Raises OSError or UnicodeError."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """As the system does it: see Resolve."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class CheckedNetwork(AsyncNetworkBackend):
    def __init__(
        self,
        reach: Reach,
        resolve: Resolve = look_up,
        network: AsyncNetworkBackend | None = None,
    ) -> None:
        self._reach = reach
        self._resolve = resolve
        self._network = network or AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Raises RefusedError if one of the host's addresses is closed, OutgoingError if it has
        none."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise OutgoingError(f"there is no host {host}, or its name server is away") from error
        for address in addresses:
            self._reach.check(host, port, address)
        failure: Exception = OutgoingError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (ConnectError, ConnectTimeout) as error:
                failure = error
        raise failure
