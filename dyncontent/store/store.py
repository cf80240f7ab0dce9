"""The store as the rest of the server sees it: ask, update, and fresh copies."""

import asyncio
import logging
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from redis.exceptions import RedisError

from dyncontent.store.changes import ChangeLog
from dyncontent.store.connection import Client
from dyncontent.store.copies import Copies
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import Command, Reply, RoundTrips, StoreError

log = logging.getLogger(__name__)

MOST_TRIES = 200
SCANNED = 1000
"""Keys that are looked at in one round trip."""

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


@dataclass(frozen=True, slots=True)
class Change:
    """The commands of a write, all on keys of one hash slot, the document's own last: should one
    fail, the document is as it was. `changed` are the catalogue keys of which processes keep
    copies."""

    commands: tuple[Command, ...]
    changed: tuple[str, ...] = ()


class Store:
    def __init__(self, client: Client, keys: Keys) -> None:
        self.keys = keys
        self.copies = Copies()
        self.changes = ChangeLog(client, keys, self.copies)
        self._client = client
        self._trips = RoundTrips(client)

    def ask(self, *commands: Command) -> asyncio.Future[list[Reply]]:
        """See RoundTrips.ask."""
        return self._trips.ask(*commands)

    def tell(self, *commands: Command) -> None:
        """Ask without waiting for the answer, for what may be lost."""
        self.ask(*commands).add_done_callback(_ignore)

    async def update(self, key: str, change: Callable[[bytes | None], Change]) -> None:
        """Change a document as if nobody else wrote: `change` gets its bytes (None if there is
        none) and says what to write; it is called again if another was faster.

        Raises StoreError, ContentionError among them, and whatever `change` raises.
        """
        for attempt in range(MOST_TRIES):
            [current] = await self.ask(("GET", key))
            wanted = change(current)
            entries = map(self.changes.entry, wanted.changed)
            commands = (*entries, *wanted.commands)
            arguments = [part for command in commands for part in (len(command), *command)]
            [saved] = await self.ask(
                ("EVAL", _SAVE_IF_UNCHANGED, 1, key, current or b"", *arguments)
            )
            if saved:
                for changed in wanted.changed:
                    self.copies.forget(changed)
                return
            await asyncio.sleep(random.uniform(0, 0.001 * min(attempt, 20)))  # noqa: S311
        raise ContentionError(f"{key} is being written by too many at once")

    async def find(self, beginning: str) -> set[str]:
        """The keys that begin with this, by walking through all: for tools, not for requests.

        Raises StoreError.
        """
        pattern = re.sub(r"([\\*?\[\]])", r"\\\1", beginning) + "*"
        try:
            found = [key async for key in self._client.scan_iter(match=pattern, count=SCANNED)]
        except (RedisError, OSError) as error:
            raise StoreError(str(error)) from error
        return {key.decode() for key in found}

    async def ping(self) -> None:
        """Raises StoreError if the store does not answer."""
        await self.ask(("XLEN", self.keys.changes))

    async def aclose(self) -> None:
        await self._trips.aclose()
        await self._client.aclose()


def _ignore(future: asyncio.Future[list[Reply]]) -> None:
    if not future.cancelled() and future.exception() is not None:
        log.info("the store was told in vain: %s", future.exception())
