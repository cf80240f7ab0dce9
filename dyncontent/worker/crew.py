"""The worker of a deployment, with all its chores."""

from dyncontent.outgoing.client import Outgoing
from dyncontent.settings import Settings
from dyncontent.sources.fetching import Fetcher
from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from dyncontent.worker.tasks import fetch_sources
from dyncontent.worker.upkeep import Upkeep
from dyncontent.worker.worker import Worker


def worker_of(settings: Settings, store: Store) -> Worker:
    sources = Sources(store)
    fetcher = Fetcher(sources, Outgoing(settings.reach))
    return Worker(store, [fetch_sources(sources, fetcher), Upkeep(store, settings.event_days).due])
