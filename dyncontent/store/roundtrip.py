"""One door to the store: all commands asked for in one tick of the event loop share one round
trip.

The round trip runs in a task of its own, which no request can cancel. So a cancelled request
leaves no reply behind on a connection for the next one to read; it merely stops waiting.
"""

import asyncio
from typing import Any

from dyncontent.store.connection import Client

Command = tuple[str | bytes | int | float, ...]
Reply = Any


class StoreError(Exception):
    """The store could not be asked, or did not answer."""


class RoundTrips:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: list[tuple[tuple[Command, ...], asyncio.Future[list[Reply]]]] = []
        self._running: set[asyncio.Task[None]] = set()

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

    async def aclose(self) -> None:
        """Wait for the round trips asked for."""
        while self._waiting or self._running:
            self._depart()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _depart(self) -> None:
        asked, self._waiting = self._waiting, []
        if not asked:
            return
        task = asyncio.get_running_loop().create_task(self._travel(asked))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _travel(
        self, asked: list[tuple[tuple[Command, ...], asyncio.Future[list[Reply]]]]
    ) -> None:
        asked = [(commands, future) for commands, future in asked if not future.done()]
        try:
            pipeline = self._client.pipeline(transaction=False)
            for commands, _ in asked:
                for command in commands:
                    pipeline.execute_command(*command)
            replies = iter(await pipeline.execute(raise_on_error=False))
        except Exception as error:  # noqa: BLE001  whoever waits must hear of it
            for _, future in asked:
                if not future.done():
                    future.set_exception(StoreError(str(error)))
            return
        for commands, future in asked:
            _settle(future, [next(replies) for _ in commands])


def _settle(future: asyncio.Future[list[Reply]], replies: list[Reply]) -> None:
    if future.done():
        return
    refusal = next((reply for reply in replies if isinstance(reply, Exception)), None)
    if refusal is None:
        future.set_result(replies)
    else:
        future.set_exception(StoreError(str(refusal)))
