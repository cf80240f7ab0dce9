"""One door to the store: all commands asked for in one tick of the event loop share one round
trip.

A round trip belongs to nobody who asked, so that a cancelled request leaves no reply behind on a
connection for the next one to read; it merely stops waiting.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.sentinel import SentinelConnectionPool

from dyncontent.store.command import Command, Reply
from dyncontent.store.connection import Client
from dyncontent.store.joining import dealt, gathered
from dyncontent.store.line import Line
from dyncontent.store.nodes import Asked, Nodes
from dyncontent.store.wire import Done, open_wire


class StoreError(Exception):
    """The store could not be asked, or did not answer."""


class RoundTrips:
    def __init__(self, client: Client, *, only_reads: bool = False) -> None:
        """Commands that `only_reads` are done in any order."""
        if isinstance(client, Redis):
            self._carrier: _Server | Nodes = _Server(client, only_reads=only_reads)
        else:
            self._carrier = Nodes(client)
        self._waiting: list[Asked] = []
        self._travelling: set[asyncio.Future[None]] = set()

    def ask(self, *commands: Command) -> asyncio.Future[list[Reply]]:
        """A future of the replies, one for each command, in order.

        It raises StoreError if the store is not reached or refuses one of the commands.
        """
        future: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self.send(commands, partial(_settle, future))
        return future

    def send(self, commands: tuple[Command, ...], done: Done) -> None:
        """The same with a callback: `done` is called once, with the replies as they came, refusals
        among them, or with what kept the store from answering."""
        if not commands:
            done([])
            return
        self._waiting.append((commands, done))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._depart)

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting or self._travelling)

    async def settle(self) -> None:
        """Wait for what was asked for so far."""
        self._depart()
        await asyncio.gather(*self._travelling)

    def close(self) -> None:
        self._carrier.close()

    def _depart(self) -> None:
        asked, self._waiting = self._waiting, []
        if not asked:
            return
        landed = asyncio.get_running_loop().create_future()
        self._travelling.add(landed)

        def arrived() -> None:
            self._travelling.discard(landed)
            landed.set_result(None)

        self._carrier.carry(asked, arrived)


class _Server:
    """One server, which gets what a tick asks of it as one batch."""

    def __init__(self, client: Redis, *, only_reads: bool) -> None:
        self._only_reads = only_reads
        pool = client.connection_pool
        self._line = Line(_name(pool), partial(open_wire, pool), client.response_callbacks)

    def carry(self, asked: Sequence[Asked], arrived: Callable[[], None]) -> None:
        wanted = [command for commands, _ in asked for command in commands]
        batch = gathered(wanted) if self._only_reads else wanted

        def landed(told: Sequence[Reply] | Exception) -> None:
            arrived()
            if isinstance(told, Exception):
                for _, done in asked:
                    done(told)
                return
            replies = list(dealt(wanted, told)) if self._only_reads else told
            place = 0
            for commands, done in asked:
                done(replies[place : (place := place + len(commands))])

        self._line.carry(batch, landed)

    def close(self) -> None:
        self._line.close()


def _name(pool: ConnectionPool) -> str:
    if isinstance(pool, SentinelConnectionPool):
        return f"the primary of {pool.service_name}"
    options = pool.connection_kwargs
    return str(options.get("path") or f"{options['host']}:{options['port']}")


def checked(told: Sequence[Reply] | Exception) -> Sequence[Reply] | StoreError:
    """The replies, or what went wrong if not all commands were done."""
    if isinstance(told, Exception):
        return StoreError(str(told))
    for reply in told:
        if isinstance(reply, Exception):
            return StoreError(str(reply))
    return told


def _settle(future: asyncio.Future[list[Reply]], told: Sequence[Reply] | Exception) -> None:
    if future.done():
        return
    replies = checked(told)
    if isinstance(replies, StoreError):
        future.set_exception(replies)
    else:
        future.set_result(cast("list[Reply]", replies))
