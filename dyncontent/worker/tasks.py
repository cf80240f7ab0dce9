"""What a worker does: chores tell which tasks are to be done by now."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.feeds.polling import Poller
from dyncontent.feeds.stored import FeedBusyError, Feeds
from dyncontent.sources.fetching import Fetcher
from dyncontent.sources.stored import OvertakenError, Sources


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done by now. No two workers do what has one name at the same time; `run`
    looks itself whether another has done it just before."""

    name: str
    run: Callable[[], Awaitable[None]]


Chore = Callable[[datetime], Awaitable[Sequence[Task]]]
"""The tasks of a kind that are to be done by now. Raises StoreError."""


def fetch_sources(sources: Sources, fetcher: Fetcher) -> Chore:
    async def due(at: datetime) -> Sequence[Task]:
        return [_fetch(fetcher, name) for name in await sources.due(at)]

    return due


def poll_feeds(feeds: Feeds, poller: Poller) -> Chore:
    async def due(at: datetime) -> Sequence[Task]:
        return [_poll(poller, one.id) for one in await feeds.due(at)]

    return due


def _poll(poller: Poller, name: str) -> Task:
    async def run() -> None:
        with suppress(NotFoundError, FeedBusyError):  # deleted just now, or imported by hand
            await poller.poll_if_due(name)

    return Task(f"feed {name}", run)


def _fetch(fetcher: Fetcher, name: str) -> Task:
    async def run() -> None:
        with suppress(NotFoundError, OvertakenError):  # it was deleted, or changed, just now
            await fetcher.fetch_if_due(name)

    return Task(f"source {name}", run)
