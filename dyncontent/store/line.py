"""A connection to one server that is opened when it is needed, and again when it was lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any

from dyncontent.store.command import Command, Reply
from dyncontent.store.wire import Done, Wire

_LEFT = ("READONLY", "MASTERDOWN")
"""How the refusals of a server begin that is no primary any more."""


class NotSentError(ConnectionError):
    """The server was not reached, so that it has done nothing of the batch."""


class Line:
    """A batch on a lost connection fails at once: an open has no time for another try. A server
    that is no primary any more is left: who is it now is asked when the next batch departs.

    `meanings` give replies as redis-py does, by the command: a hash as a dict, say.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Awaitable[Wire]],
        meanings: Mapping[Any, Any],
    ) -> None:
        self._name = name
        self._connect = connect
        self._meaning = cache(meanings.get)  # redis-py looks a name up in capitals each time
        self._wire: Wire | None = None
        self._queued: list[tuple[Sequence[Command], Done]] = []
        self._opening: asyncio.Task[None] | None = None

    def carry(self, batch: Sequence[Command], done: Done) -> None:
        """Send a batch that is not empty; `done` gets NotSentError if it was not sent."""
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
                done(ConnectionError(self._named(told)))
                return
            replies: list[Reply] = []
            for command, reply in zip(batch, told, strict=True):
                if isinstance(reply, Exception):
                    replies.append(reply)
                    if str(reply).startswith(_LEFT):
                        wire.end(reply)
                else:
                    meaning = self._meaning(command[0])
                    replies.append(reply if meaning is None else meaning(reply))
            done(replies)

        wire.send(batch, answered)

    async def _open(self) -> None:
        failure: Exception | None = None
        try:
            self._wire = await self._connect()
        except Exception as error:  # noqa: BLE001  whoever waits must hear of it
            failure = error
        self._opening = None
        queued, self._queued = self._queued, []
        for batch, done in queued:
            if failure is None and self._wire is not None and self._wire.lost is None:
                self._send(self._wire, batch, done)
            else:
                done(NotSentError(self._named(failure or ConnectionError("not connected"))))

    def _named(self, error: Exception) -> str:
        return f"{self._name}: {str(error) or type(error).__name__}"
