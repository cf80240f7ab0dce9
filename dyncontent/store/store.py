"""The store as the rest of the server sees it: ask, update, and fresh copies."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterable

from redis.exceptions import RedisError

from dyncontent.store.connection import Client
from dyncontent.store.copies import Copies
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import Command, Reply, RoundTrips, StoreError

log = logging.getLogger(__name__)

FOLLOW_MILLISECONDS = 250
REST_SECONDS = 0.1
MOST_CHANGES = 100_000
MOST_TRIES = 200

# Runs the given commands if the document is still what was read; as one, on the server.
_SAVE_IF_UNCHANGED = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
local at = 2
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + count))
  at = at + count + 1
end
return 1
"""


class ContentionError(StoreError):
    """So many others wrote the same document that this write never found its turn."""


class Store:
    def __init__(self, client: Client, keys: Keys) -> None:
        self.keys = keys
        self.copies = Copies()
        self._client = client
        self._trips = RoundTrips(client)

    def ask(self, *commands: Command) -> asyncio.Future[list[Reply]]:
        """See RoundTrips.ask."""
        return self._trips.ask(*commands)

    def tell(self, *commands: Command) -> None:
        """Ask without waiting for the answer, for what may be lost."""
        self.ask(*commands).add_done_callback(_ignore)

    async def update(self, key: str, change: Callable[[bytes | None], Iterable[Command]]) -> None:
        """Change a document as if nobody else wrote: `change` gets its bytes (None if there is
        none) and gives the commands that replace it; it is called again if another was faster.
        """
        for attempt in range(MOST_TRIES):
            [current] = await self.ask(("GET", key))
            commands = tuple(change(current))
            arguments = [part for command in commands for part in (len(command), *command)]
            [saved] = await self.ask(
                ("EVAL", _SAVE_IF_UNCHANGED, 1, key, current or b"", *arguments)
            )
            if saved:
                for command in commands:
                    if command[:2] == ("XADD", self.keys.changes):
                        self.copies.forget(str(command[-1]))
                return
            await asyncio.sleep(random.uniform(0, 0.001 * min(attempt, 20)))  # noqa: S311
        raise ContentionError(f"{key} is being written by too many at once")

    def changed(self, key: str) -> Command:
        """The command that tells every process that a catalogue key changes."""
        return ("XADD", self.keys.changes, "MAXLEN", "~", MOST_CHANGES, "*", "key", key)

    async def follow(self, changed: Callable[[str | None], None] = lambda _: None) -> None:
        """Keep the copies fresh for ever: read the change log as it grows.

        `changed` is called with each key that changes, and with None when changes may have been
        missed: at the beginning, and after the store was not reached.
        """
        complaint = ""
        while True:
            _heed_cancellation()
            try:
                await self._follow(changed)
            except (RedisError, OSError) as error:
                if str(error) != complaint:
                    log.warning("the change log is not reached, copies are read through: %s", error)
                complaint = str(error)
                await asyncio.sleep(REST_SECONDS)

    async def _follow(self, changed: Callable[[str | None], None]) -> None:
        key = self.keys.changes
        newest = await self._client.execute_command("XREVRANGE", key, "+", "-", "COUNT", 1)
        position = newest[0][0] if newest else b"0-0"
        self.copies.doubt()
        changed(None)
        while True:
            _heed_cancellation()
            asked = time.monotonic()
            if not self.copies.fresh:
                self.copies.doubt()
            reply = await self._client.execute_command(
                "XREAD", "BLOCK", FOLLOW_MILLISECONDS, "STREAMS", key, position
            )
            for _, entries in reply or ():
                for entry, fields in entries:
                    changed_key = fields[b"key"].decode()
                    self.copies.forget(changed_key)
                    changed(changed_key)
                    position = entry
            self.copies.prove(asked)

    async def ping(self) -> None:
        """Raises StoreError if the store does not answer."""
        await self.ask(("XLEN", self.keys.changes))

    async def aclose(self) -> None:
        await self._trips.aclose()
        await self._client.aclose()


def _heed_cancellation() -> None:
    """A cancellation that comes while redis-py connects is lost in there."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _ignore(future: asyncio.Future[list[Reply]]) -> None:
    if not future.cancelled() and future.exception() is not None:
        log.info("the store was told in vain: %s", future.exception())
