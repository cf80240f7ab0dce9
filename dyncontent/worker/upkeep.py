"""Upkeep of the store: events that are older than a workspace wants to keep them are removed, so
that a deployment does not grow without end.

What a consumer group has not read and acknowledged stays, however old it is. What was shown to a
person stays too, for the click in an old email still follows the picture.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from dyncontent.catalog.instants import milliseconds
from dyncontent.store.store import Store
from dyncontent.worker.tasks import Task

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
AT_ONCE = 10_000
"""Entries that are removed while others wait."""


class Upkeep:
    """`event_days` is how long events are kept; 0 is for ever."""

    def __init__(self, store: Store, event_days: int) -> None:
        self._store = store
        self._keys = store.keys
        self._event_days = event_days

    async def due(self, at: datetime) -> Sequence[Task]:
        return [Task("upkeep", self.run_if_due)] if await self._is_due(at) else []

    async def run_if_due(self) -> None:
        at = datetime.now(UTC)
        if await self._is_due(at):
            removed = await self.trim(at)
            if removed:
                log.info("%d events were older than %d days", removed, self._event_days)
            done = orjson.dumps({"at": at, "events_removed": removed})
            await self._store.ask(("SET", self._keys.upkeep, done))

    async def trim(self, at: datetime) -> int:
        """Remove the events that are too old by `at`; how many. A few that are not much older stay
        until the next time."""
        if not self._event_days:
            return 0
        oldest = at - timedelta(days=self._event_days)
        least = min([(milliseconds(oldest), 0), *await self._unread()])
        limit = f"{least[0]}-{least[1]}"
        removed = 0
        while True:
            command = ("XTRIM", self._keys.events, "MINID", "~", limit, "LIMIT", AT_ONCE)
            [count] = await self._store.ask(command)
            if not count:
                return removed
            removed += count

    async def _unread(self) -> list[tuple[int, int]]:
        """For each consumer group the id of the first event that it may still ask for."""
        [there] = await self._store.ask(("EXISTS", self._keys.events))
        if not there:
            return []
        [groups] = await self._store.ask(("XINFO", "GROUPS", self._keys.events))
        found = []
        for group in map(_named, groups):
            [pending] = await self._store.ask(("XPENDING", self._keys.events, group["name"]))
            if (first := pending["min"]) is not None:
                found.append(_id(first))
            time, number = _id(group["last-delivered-id"])
            found.append((time, number + 1))
        return found

    async def _is_due(self, at: datetime) -> bool:
        [raw] = await self._store.ask(("GET", self._keys.upkeep))
        return raw is None or datetime.fromisoformat(orjson.loads(raw)["at"]) <= at - EVERY


def _named(reply: Any) -> Mapping[str, Any]:
    return {name.decode(): value for name, value in _pairs(reply)}


def _pairs(reply: Any) -> Iterator[tuple[bytes, Any]]:
    yield from zip(reply[::2], reply[1::2], strict=True)


def _id(entry: bytes) -> tuple[int, int]:
    time, _, number = entry.decode().partition("-")
    return int(time), int(number)
