"""Feeds in the store: their definitions, what is known of their last fetch, their last runs, and
which products came from them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.feed import Feed, FeedState
from dyncontent.catalog.lists import ALL, read_listed
from dyncontent.catalog.precondition import ANYHOW, Precondition, etag
from dyncontent.store.lock import Lock
from dyncontent.store.store import Change, Store

MOST_RUNS = 20
"""Of a feed, kept."""
LOCK_SECONDS = 60
"""After which the next import may begin, should this process die."""
SCANNED = 1000

PRESENT, RETIRED = b"1", b"0"
"""How a product of a feed stands, in the hash of its products."""


class FeedBusyError(Exception):
    """The feed is being imported."""


@dataclass(frozen=True, slots=True)
class Due:
    """A feed that is to be fetched, and what is known of its last fetch."""

    id: str
    feed: Feed
    state: FeedState


@dataclass(frozen=True, slots=True)
class Owned:
    """How many products came from a feed: in the shop, and retired by the feed."""

    present: int
    retired: int


class Feeds:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys = store.keys

    async def get(self, feed: str) -> Feed:
        """Raises NotFoundError."""
        [raw] = await self._store.ask(("GET", self._keys.feed(feed)))
        if raw is None:
            raise _absent(feed)
        return Feed.model_validate_json(raw)

    async def put(self, name: str, feed: Feed, unless: Precondition = ANYHOW) -> None:
        """Create or replace a definition. Another address is another feed to ask: nothing is known
        of its last answer. Raises PreconditionError."""
        key = self._keys.feed(name)
        before: list[Feed] = []

        def written(raw: bytes | None) -> Change:
            before[:] = [] if raw is None else [Feed.model_validate_json(raw)]
            unless.require(f"feed {name}", etag(before[0]) if before else None)
            listed = ("ZADD", self._keys.feeds, 0, name)
            return Change((listed, ("SET", key, feed.encoded())))

        await self._store.update(key, written)
        if before and before[0] != feed:
            await self.note(name, etag=None, last_modified=None)

    async def delete(self, name: str, unless: Precondition = ANYHOW) -> None:
        """Forget a feed. Its products stay as they are and belong to no feed from then on.

        Raises NotFoundError, PreconditionError, or FeedBusyError.
        """
        keys = self._keys
        key = keys.feed(name)

        def written(raw: bytes | None) -> Change:
            if raw is None:
                raise _absent(name)
            unless.require(f"feed {name}", etag(Feed.model_validate_json(raw)))
            gone = (keys.feed_state(name), keys.feed_products(name), keys.feed_runs(name))
            return Change((("ZREM", keys.feeds, name), ("DEL", *gone), ("DEL", key)))

        async with self.alone(name):
            await self._store.update(key, written)

    async def listed(self, most: int, after: str = "") -> list[tuple[str, Feed]]:
        """At most so many feeds, by their ids, of those after an id."""
        found = await read_listed(self._store, self._keys.feeds, self._keys.feed, most, after)
        return [(name, Feed.model_validate_json(raw)) for name, raw in found]

    async def all(self) -> dict[str, Feed]:
        """By their ids, in order."""
        return dict(await self.listed(ALL))

    async def due(self, at: datetime) -> list[Due]:
        """The feeds that are to be fetched on their schedule by now."""
        feeds = await self.all()
        states = await asyncio.gather(*map(self.state, feeds))
        return [
            Due(name, feed, state)
            for (name, feed), state in zip(feeds.items(), states, strict=True)
            if state.is_due(feed, at)
        ]

    async def state(self, feed: str) -> FeedState:
        [raw] = await self._store.ask(("GET", self._keys.feed_state(feed)))
        return FeedState() if raw is None else FeedState.model_validate_json(raw)

    async def note(self, feed: str, **known: Any) -> FeedState:
        """Keep something of the last fetch: fields of FeedState."""
        key = self._keys.feed_state(feed)
        outcome: list[FeedState] = []

        def written(raw: bytes | None) -> Change:
            before = FeedState() if raw is None else FeedState.model_validate_json(raw)
            outcome[:] = [before.replace(**known)]
            return Change((("SET", key, outcome[0].encoded()),))

        await self._store.update(key, written)
        return outcome[0]

    async def runs(self, feed: str) -> list[dict[str, Any]]:
        """The last imports, newest first. Raises NotFoundError."""
        await self.get(feed)
        [found] = await self._store.ask(("LRANGE", self._keys.feed_runs(feed), 0, -1))
        return [orjson.loads(raw) for raw in found]

    async def add_run(self, feed: str, run: bytes) -> None:
        key = self._keys.feed_runs(feed)
        await self._store.ask(("LPUSH", key, run), ("LTRIM", key, 0, MOST_RUNS - 1))

    async def owned(self, feed: str, products: Sequence[str]) -> list[bytes | None]:
        """How each of these products stands with the feed: PRESENT, RETIRED, or None for one that
        did not come from it."""
        if not products:
            return []
        [found] = await self._store.ask(("HMGET", self._keys.feed_products(feed), *products))
        return list(found)

    async def products(self, feed: str) -> AsyncIterator[list[tuple[str, bytes]]]:
        """All products that came from a feed and how they stand, some at a time; one may come
        twice."""
        position = 0
        while True:
            asked = ("HSCAN", self._keys.feed_products(feed), position, "COUNT", SCANNED)
            [(position, found)] = await self._store.ask(asked)
            yield [(name.decode(), stands) for name, stands in found.items()]
            if position == 0:
                return

    @asynccontextmanager
    async def alone(self, feed: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """While nobody else imports the feed. What is given is to be called now and then, and
        raises FeedBusyError if that was LOCK_SECONDS too late, and another began.

        Raises FeedBusyError.
        """
        lock = Lock(self._store, self._keys.feed_lock(feed))
        if not await lock.take(LOCK_SECONDS):
            raise FeedBusyError(f"Feed {feed} is being imported: wait until that is done")

        asked_at = time.monotonic()

        async def go_on() -> None:
            nonlocal asked_at
            if time.monotonic() - asked_at < LOCK_SECONDS / 10:
                return
            asked_at = time.monotonic()
            if not await lock.extend(LOCK_SECONDS):
                raise FeedBusyError(f"Feed {feed} is imported by another by now")

        try:
            yield go_on
        finally:
            await lock.release()


def _absent(feed: str) -> NotFoundError:
    return NotFoundError(f"There is no feed {feed}")
