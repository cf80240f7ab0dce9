"""One connection to a store server, on which batches of commands follow each other without waiting.

A batch belongs to whoever sent it, never to the request that asked: a request that is cancelled
leaves no reply behind for the next one to read. Packing and parsing are hiredis'.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import hiredis
from redis.asyncio import ConnectionPool, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import SentinelConnectionPool

from dyncontent.store.command import Command, Reply

Done = Callable[[Sequence[Reply] | Exception], None]
"""Gets the replies to a batch in order, a refusal of one command as an exception among them; or
what kept the store from answering."""

_pack: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]

CONNECT_SECONDS = 0.5
REPLY_SECONDS = 2.0


class Wire(asyncio.Protocol):
    """A connection that is open until `lost`."""

    def __init__(self) -> None:
        self.lost: Exception | None = None
        self._reader = hiredis.Reader(replyError=hiredis.ReplyError)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[int, Done]] = deque()
        self._replies: list[Reply] = []
        self._loop = asyncio.get_running_loop()
        self._answered = 0
        self._watch: asyncio.TimerHandle | None = None

    def send(self, commands: Sequence[Command], done: Done) -> None:
        """Send a batch that is not empty; `done` is called once, from the event loop."""
        if self.lost is not None or self._transport is None:
            done(self.lost or ConnectionError("not connected"))
            return
        self._waiting.append((len(commands), done))
        if self._watch is None:
            self._watch = self._loop.call_later(REPLY_SECONDS, self._look, self._answered)
        self._transport.write(b"".join(map(_pack, commands)))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def end(self, reason: Exception) -> None:
        """Be lost at once: what was not answered yet fails for this reason."""
        if self.lost is None and self._transport is not None:
            self.lost = reason
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        replies, next_reply = self._replies, self._reader.gets
        while self._waiting:
            count, done = self._waiting[0]
            while len(replies) < count:
                reply = next_reply()
                if reply is False:
                    return
                replies.append(reply)
            self._waiting.popleft()
            self._answered += 1
            told, replies = replies, []
            self._replies = replies
            done(told)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = self.lost or exc or ConnectionError("the store closed the connection")
        if self._watch is not None:
            self._watch.cancel()
        waiting, self._waiting = self._waiting, deque()
        for _, done in waiting:
            done(self.lost)

    def _look(self, answered: int) -> None:
        """End a connection on which nothing was answered since the last look."""
        self._watch = None
        if not self._waiting:
            return
        if answered == self._answered:
            self.end(TimeoutError(f"the store did not answer within {REPLY_SECONDS:g} s"))
        else:
            self._watch = self._loop.call_later(REPLY_SECONDS, self._look, self._answered)


async def open_wire(pool: ConnectionPool) -> Wire:
    """A connection to the server that a pool of redis-py leads to, with its user and database
    chosen; to the primary of this moment, if the pool asks sentinels for it.

    Raises OSError or redis-py's ConnectionError, or hiredis.ReplyError for a password that is
    refused.
    """
    options: Mapping[str, Any] = pool.connection_kwargs
    if isinstance(pool, SentinelConnectionPool):
        host, port = await cast("Any", pool).get_master_address()
        options = {**options, "host": host, "port": port}
    return await open_to(options, pool.connection_class)


async def open_to(options: Mapping[str, Any], kind: type[AbstractConnection]) -> Wire:
    """The same by the options of one of redis-py's kinds of connections."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_SECONDS):
        if issubclass(kind, UnixDomainSocketConnection):
            _, wire = await loop.create_unix_connection(Wire, options["path"])
        else:
            _, wire = await loop.create_connection(
                Wire,
                options.get("host", "localhost"),
                options.get("port", 6379),
                ssl=_context(options) if issubclass(kind, SSLConnection) else None,
            )
        await _introduce(wire, options)
    return wire


async def ask(wire: Wire, *commands: Command) -> Sequence[Reply]:
    """The replies to a batch. Raises what kept the store from answering, or the first refusal."""
    told = await replies(wire.send, *commands)
    for reply in told:
        if isinstance(reply, Exception):
            raise reply
    return told


async def replies(
    send: Callable[[Sequence[Command], Done], None], *commands: Command
) -> Sequence[Reply]:
    """The replies to a batch, refusals among them, for whoever can wait.

    Raises what kept the store from answering.
    """
    answered: asyncio.Future[Sequence[Reply]] = asyncio.get_running_loop().create_future()

    def done(told: Sequence[Reply] | Exception) -> None:
        if answered.done():
            return
        if isinstance(told, Exception):
            answered.set_exception(told)
        else:
            answered.set_result(told)

    send(commands, done)
    return await answered


async def _introduce(wire: Wire, options: Mapping[str, Any]) -> None:
    commands: list[Command] = []
    if password := options.get("password"):
        user = options.get("username")
        commands.append(("AUTH", user, password) if user else ("AUTH", password))
    if database := options.get("db"):
        commands.append(("SELECT", database))
    if not commands:
        return
    try:
        await ask(wire, *commands)
    except BaseException:
        wire.close()
        raise


def _context(options: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=options.get("ssl_ca_certs"), capath=options.get("ssl_ca_path")
    )
    if options.get("ssl_check_hostname") is False or options.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
    if options.get("ssl_cert_reqs") == "none":
        context.verify_mode = ssl.CERT_NONE
    if certificate := options.get("ssl_certfile"):
        context.load_cert_chain(certificate, options.get("ssl_keyfile"))
    return context
