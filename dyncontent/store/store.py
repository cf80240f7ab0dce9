"""The store as the rest of the server sees it: ask, update, and fresh copies."""

import asyncio
import logging
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from redis.asyncio import RedisCluster
from redis.crc import key_slot
from redis.exceptions import RedisError

from dyncontent.store.changes import ChangeLog
from dyncontent.store.command import Command, Reply
from dyncontent.store.connection import Client
from dyncontent.store.copies import Copies
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import RoundTrips, StoreError
from dyncontent.store.wire import Done

log = logging.getLogger(__name__)

MOST_TRIES = 200
READS = frozenset({"GET", "MGET", "HGET", "HMGET", "HGETALL", "EXISTS", "XLEN", "ZRANGE", "XRANGE"})
SCANNED = 1000
"""Keys that are looked at in one round trip."""

# Writes documents, each if it is still what was read, and what goes with it; as one, on the server.
# The arguments: for each document what was read and what to write (nothing: the commands do); then
# commands, each behind the number of its document (0: it is run anyhow) and its own length. Gives
# the numbers of those that were changed by others.
_SAVE_IF_UNCHANGED = """
local unchanged, late = {[0] = true}, {}
for number, key in ipairs(KEYS) do
  unchanged[number] = (redis.call('GET', key) or '') == ARGV[2 * number - 1]
  if not unchanged[number] then late[#late + 1] = number end
end
local at = 2 * #KEYS + 1
while at < #ARGV do
  local count = tonumber(ARGV[at + 1])
  if unchanged[tonumber(ARGV[at])] then redis.call(unpack(ARGV, at + 2, at + 1 + count)) end
  at = at + 2 + count
end
for number, key in ipairs(KEYS) do
  local document = ARGV[2 * number]
  if unchanged[number] and document ~= '' then redis.call('SET', key, document) end
end
return late
"""


# Runs commands if every key is still what was read; as one, on the server. The arguments: what was
# read of each key; then commands, each behind its own length. Gives 1 if they were run.
_DO_IF_UNCHANGED = """
for number, key in ipairs(KEYS) do
  if (redis.call('GET', key) or '') ~= ARGV[number] then return 0 end
end
local at = #KEYS + 1
while at < #ARGV do
  local count = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + count))
  at = at + 1 + count
end
return 1
"""


class ContentionError(StoreError):
    """So many others wrote the same document that this write never found its turn."""


class Change(NamedTuple):
    """The commands of a write, all on keys of one hash slot, the document's own last: should one
    fail, the document is as it was. `changed` are the catalogue keys of which processes keep
    copies. `entries` are names to stand in sorted sets of any slot: they are entered before the
    document is written, so that none is missing should the process end meanwhile, and after it,
    should it have been deleted meanwhile."""

    commands: tuple[Command, ...]
    changed: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()


Writing = Callable[[bytes | None], Change]
"""What to write in place of a document's bytes, which are None if there is none."""


class Store:
    def __init__(self, client: Client, keys: Keys) -> None:
        self.keys = keys
        self.copies = Copies()
        self.changes = ChangeLog(client, keys, self.copies)
        self.in_order = not isinstance(client, RedisCluster)
        """Whether the commands of one asking are done in their order, whatever their keys."""
        self._client = client
        self._reads = RoundTrips(client, only_reads=True)
        self._writes = RoundTrips(client)
        self._updates = RoundTrips(client)

    def ask(self, *commands: Command) -> asyncio.Future[list[Reply]]:
        """See RoundTrips.ask. What only reads does not wait behind what writes, which the server
        may hold up, nor either of them behind updates, whose scripts may be long. What was not
        answered yet may not be seen yet."""
        for command in commands:
            if command[0] not in READS:
                return self._writes.ask(*commands)
        return self._reads.ask(*commands)

    def read(self, commands: tuple[Command, ...], done: Done) -> None:
        """See RoundTrips.send; all commands are READS."""
        self._reads.send(commands, done)

    def write(self, commands: tuple[Command, ...], done: Done) -> None:
        """See RoundTrips.send."""
        self._writes.send(commands, done)

    def tell(self, *commands: Command) -> None:
        """Ask without waiting for the answer, for what may be lost."""
        self.ask(*commands).add_done_callback(_ignore)

    async def update(self, key: str, change: Writing) -> None:
        """Change a document as if nobody else wrote: `change` gets its bytes (None if there is
        none) and says what to write; it is called again if another was faster.

        Raises StoreError, ContentionError among them, and whatever `change` raises.
        """
        await self.update_all({key: change})

    async def update_together(
        self, keys: Sequence[str], change: Callable[[Sequence[bytes | None]], Change]
    ) -> None:
        """The same with several documents of one hash slot, which are changed as one. Without
        commands nothing is written."""
        for attempt in range(MOST_TRIES):
            await _pause(attempt)
            [found] = await self._updates.ask(("MGET", *keys))
            wanted = change(found)
            if not wanted.commands:
                return
            arguments: list[str | bytes | int | float] = [raw or b"" for raw in found]
            inside, around = self._entering(wanted.entries)
            for command in (*map(self.changes.entry, wanted.changed), *wanted.commands, *inside):
                arguments += (len(command), *command)
            script: Command = ("EVAL", _DO_IF_UNCHANGED, len(keys), *keys, *arguments)
            [done] = await self._ask_around(around, [script])
            if done:
                for key in wanted.changed:
                    self.copies.forget(key)
                return
        raise ContentionError(f"{keys[0]} is being written by too many at once")

    async def update_all(self, changes: Mapping[str, Writing]) -> None:
        """Change many documents in few round trips, each as `update` does. If this raises, any of
        them may have been written, each wholly or not at all."""
        waiting = dict(changes)
        for attempt in range(MOST_TRIES):
            if not waiting:
                return
            await _pause(attempt)
            waiting = {key: waiting[key] for key in await self._try(waiting)}
        if waiting:
            raise ContentionError(f"{min(waiting)} is being written by too many at once")

    async def _try(self, changes: Mapping[str, Writing]) -> Sequence[str]:
        """The keys of the documents that others have written in between."""
        groups = self._groups(changes)
        found = await self._updates.ask(*(("MGET", *keys) for keys in groups))
        scripts: list[Command] = []
        copied: list[dict[int, tuple[str, ...]]] = []
        entries: list[tuple[str, str]] = []
        for keys, documents in zip(groups, found, strict=True):
            arguments: list[str | bytes | int | float] = []
            beside: list[str | bytes | int | float] = []
            copied.append({})
            for number, (key, document) in enumerate(zip(keys, documents, strict=True), 1):
                wanted = changes[key](document)
                *commands, last = wanted.commands
                if last[:2] == ("SET", key) and len(last) == len(("SET", key, "document")):
                    arguments += (document or b"", last[2])
                else:
                    arguments += (document or b"", b"")
                    commands.append(last)
                if wanted.changed:
                    copied[-1][number] = wanted.changed
                    commands = [*map(self.changes.entry, wanted.changed), *commands]
                for command in commands:
                    beside += (number, len(command), *command)
                entries += wanted.entries
            scripts.append(("EVAL", _SAVE_IF_UNCHANGED, len(keys), *keys, *arguments, *beside))
        late: list[str] = []
        inside, around = self._entering(entries)
        if inside:
            [script] = scripts
            scripts = [
                (*script, *(part for command in inside for part in (0, len(command), *command)))
            ]
        done = await self._ask_around(around, scripts)
        for keys, changed, numbers in zip(groups, copied, done, strict=True):
            late += (keys[number - 1] for number in numbers)
            for number in changed.keys() - set(numbers):
                for key in changed[number]:
                    self.copies.forget(key)
        return late

    def _entering(
        self, entries: Iterable[tuple[str, str]]
    ) -> tuple[Sequence[Command], Sequence[Command]]:
        """The commands that enter names: those that a script can run with its own, and those for
        around it, since on a cluster a script reaches one hash slot alone."""
        places: dict[str, list[str | int]] = {}
        for place, name in entries:
            places.setdefault(place, []).extend((0, name))
        commands = [("ZADD", place, *names) for place, names in places.items()]
        return (commands, ()) if self.in_order else ((), commands)

    async def _ask_around(
        self, around: Sequence[Command], commands: Sequence[Command]
    ) -> Sequence[Reply]:
        """The replies of commands, before and after all of which others are done."""
        if around:
            await self._updates.ask(*around)
        replies = await self._updates.ask(*commands)
        if around:
            await self._updates.ask(*around)
        return replies

    def _groups(self, keys: Iterable[str]) -> Sequence[Sequence[str]]:
        """Keys that one script may write: on a cluster those of one hash slot."""
        if self.in_order:
            return [list(keys)]
        slots: dict[int, list[str]] = {}
        for key in keys:
            slots.setdefault(key_slot(key.encode()), []).append(key)
        return list(slots.values())

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
        """Wait for what was asked for, and for what is asked for thereupon."""
        doors = (self._reads, self._writes, self._updates)
        while any(door.is_busy for door in doors):
            await asyncio.gather(*(door.settle() for door in doors))
        for door in doors:
            door.close()
        await self._client.aclose()


async def _pause(attempt: int) -> None:
    """Longer, the oftener others were faster."""
    if attempt:
        await asyncio.sleep(random.uniform(0, 0.001 * min(attempt - 1, 20)))  # noqa: S311


def _ignore(future: asyncio.Future[list[Reply]]) -> None:
    if not future.cancelled() and future.exception() is not None:
        log.info("the store was told in vain: %s", future.exception())
