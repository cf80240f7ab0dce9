"""One door to the store: all commands asked for in one tick of the event loop share one round
trip.

A round trip belongs to nobody who asked, so that a cancelled request leaves no reply behind on a
connection for the next one to read; it merely stops waiting.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import hiredis
from redis.asyncio import ConnectionPool, Redis, RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool

from dyncontent.store.command import Command, Reply
from dyncontent.store.connection import Client
from dyncontent.store.wire import Done, Wire, open_wire


class StoreError(Exception):
    """The store could not be asked, or did not answer."""


class RoundTrips:
    def __init__(self, client: Client) -> None:
        self._joins_reads = isinstance(client, Redis)
        self._carrier = _Line(client) if isinstance(client, Redis) else _Cluster(client)
        self._waiting: list[tuple[tuple[Command, ...], asyncio.Future[list[Reply]]]] = []
        self._travelling: set[asyncio.Future[None]] = set()

    def ask(self, *commands: Command) -> asyncio.Future[list[Reply]]:
        """A future of the replies, one for each command, in order.

        It raises StoreError if the store is not reached or refuses one of the commands.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Reply]] = loop.create_future()
        self._waiting.append((commands, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._depart)
        return future

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
        asked = [(commands, future) for commands, future in self._waiting if not future.done()]
        self._waiting = []
        if not asked:
            return
        commands = [command for commands, _ in asked for command in commands]
        batch, joined = _joined(commands) if self._joins_reads else (commands, ())
        landed = asyncio.get_running_loop().create_future()
        self._travelling.add(landed)

        def arrived(told: Sequence[Reply] | Exception) -> None:
            self._travelling.discard(landed)
            landed.set_result(None)
            if isinstance(told, Exception):
                for _, future in asked:
                    if not future.done():
                        future.set_exception(StoreError(str(told)))
                return
            replies = _apart(told, joined) if joined else iter(told)
            for commands, future in asked:
                _settle(future, [next(replies) for _ in commands])

        self._carrier.carry(batch, arrived)


def _joined(commands: Sequence[Command]) -> tuple[Sequence[Command], Mapping[int, int]]:
    """The commands in their order, each run of single reads as one, which costs the server and us
    a tenth of as many commands; and, for the places of these, of how many reads."""
    batch: list[Command] = []
    joined: dict[int, int] = {}
    run: list[str | bytes | int | float] = ["MGET"]
    for command in (*commands, ()):
        if command and command[0] == "GET":
            run.append(command[1])
            continue
        if len(run) > 1:
            joined[len(batch)] = len(run) - 1
            batch.append(tuple(run))
            run = ["MGET"]
        if command:
            batch.append(command)
    return batch, joined


def _apart(replies: Sequence[Reply], joined: Mapping[int, int]) -> Iterator[Reply]:
    """A reply for each of the commands that were joined."""
    for place, reply in enumerate(replies):
        if place not in joined:
            yield reply
        elif isinstance(reply, Exception):
            yield from (reply for _ in range(joined[place]))
        else:
            yield from reply


def _settle(future: asyncio.Future[list[Reply]], replies: list[Reply]) -> None:
    if future.done():
        return
    for reply in replies:
        if isinstance(reply, Exception):
            future.set_exception(StoreError(str(reply)))
            return
    future.set_result(replies)


_LEFT = ("READONLY", "MASTERDOWN")
"""How the refusals of a server begin that is no primary any more."""


class _Line:
    """One connection to one server, opened when it is needed and again when it was lost. A batch on
    a lost connection fails at once: an open has no time for another try. A server that is no
    primary any more is left: who is it now is asked when the next batch departs."""

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._meanings = client.response_callbacks
        self._name = _name(self._pool)
        self._wire: Wire | None = None
        self._queued: list[tuple[Sequence[Command], Done]] = []
        self._opening: asyncio.Task[None] | None = None

    def carry(self, batch: Sequence[Command], done: Done) -> None:
        if self._wire is not None and self._wire.lost is None:
            self._send(self._wire, batch, done)
            return
        self._queued.append((batch, done))
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()

    def _send(self, wire: Wire, batch: Sequence[Command], done: Done) -> None:
        def answered(told: Sequence[Reply] | Exception) -> None:
            if isinstance(told, Exception):
                done(self._named(told))
                return
            for reply in told:
                if isinstance(reply, hiredis.ReplyError) and str(reply).startswith(_LEFT):
                    wire.end(reply)
                    break
            done([self._meant(*pair) for pair in zip(batch, told, strict=True)])

        wire.send(batch, answered)

    def _meant(self, command: Command, reply: Reply) -> Reply:
        """A reply as redis-py gives it: a hash as a dict, say."""
        meaning = self._meanings.get(str(command[0]))
        return reply if meaning is None or isinstance(reply, Exception) else meaning(reply)

    async def _open(self) -> None:
        failure: Exception | None = None
        try:
            self._wire = await open_wire(self._pool)
        except Exception as error:  # noqa: BLE001  whoever waits must hear of it
            failure = error
        self._opening = None
        queued, self._queued = self._queued, []
        for batch, done in queued:
            if failure is None and self._wire is not None:
                self._send(self._wire, batch, done)
            else:
                done(self._named(failure or ConnectionError("not connected")))

    def _named(self, error: Exception) -> ConnectionError:
        return ConnectionError(f"{self._name}: {str(error) or type(error).__name__}")


def _name(pool: ConnectionPool) -> str:
    if isinstance(pool, SentinelConnectionPool):
        return f"the primary of {pool.service_name}"
    options = pool.connection_kwargs
    return str(options.get("path") or f"{options['host']}:{options['port']}")


class _Cluster:
    """The nodes of a cluster, by redis-py: it knows which key is where, and hears when it moves."""

    def __init__(self, client: RedisCluster) -> None:
        self._client = client
        self._running: set[asyncio.Task[None]] = set()

    def carry(self, batch: Sequence[Command], done: Done) -> None:
        task = asyncio.get_running_loop().create_task(self._travel(batch, done))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def close(self) -> None:
        """The client is closed by whoever opened it."""

    async def _travel(self, batch: Sequence[Command], done: Done) -> None:
        try:
            pipeline = self._client.pipeline(transaction=False)
            for command in batch:
                pipeline.execute_command(*command)
            replies = await pipeline.execute(raise_on_error=False)
        except Exception as error:  # noqa: BLE001  whoever waits must hear of it
            done(error)
        else:
            done(replies)
