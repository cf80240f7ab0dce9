"""How the schedule of a deployment goes: when a worker was seen last, and how old data sources are.
It is told by the store, so that every process can tell it, whoever does the work."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import orjson

from dyncontent.catalog.feed import FeedState
from dyncontent.catalog.source import SourceState
from dyncontent.feeds.stored import Feeds
from dyncontent.metrics import Metrics
from dyncontent.sources.stored import Sources
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store


@dataclass(frozen=True, slots=True)
class Scheduled:
    """`worker_at` is when a worker was seen last, `worker` which; None if never. `feeds` are those
    that are fetched on a schedule."""

    worker_at: datetime | None
    worker: str | None
    sources: dict[str, SourceState]
    feeds: dict[str, FeedState]


async def scheduled(store: Store) -> Scheduled:
    """Raises StoreError."""
    sources = Sources(store)
    stored = await sources.all()
    states = await asyncio.gather(*(sources.state(name, one) for name, one in stored.items()))
    [raw] = await store.ask(("GET", store.keys.worker))
    seen = {} if raw is None else orjson.loads(raw)
    at = datetime.fromisoformat(seen["at"]) if seen else None
    polled = [name for name, feed in (await Feeds(store).all()).items() if feed.every is not None]
    of_feeds = await asyncio.gather(*map(Feeds(store).state, polled))
    return Scheduled(
        at,
        seen.get("by"),
        dict(zip(stored, states, strict=True)),
        dict(zip(polled, of_feeds, strict=True)),
    )


async def observe(store: Store, metrics: Metrics, now: datetime) -> None:
    """Set the figures. While the store does not answer there are none."""
    for gauge in metrics.told_by_store:
        gauge.clear()
    try:
        found = await scheduled(store)
    except StoreError:
        return
    if found.worker_at is not None:
        metrics.worker_age.labels(found.worker).set((now - found.worker_at).total_seconds())
    for name, state in found.sources.items():
        metrics.source_failures.labels(name).set(state.failures)
        if state.fetched_at is not None:
            metrics.source_age.labels(name).set((now - state.fetched_at).total_seconds())
    for name, polled in found.feeds.items():
        metrics.feed_failures.labels(name).set(polled.failures)
        if polled.fetched_at is not None:
            metrics.feed_age.labels(name).set((now - polled.fetched_at).total_seconds())
