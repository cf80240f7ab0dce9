"""The worker of a deployment, with all its chores."""

from dyncontent.catalog.catalogue import Catalogue
from dyncontent.feeds.importer import Importer
from dyncontent.feeds.polling import Poller
from dyncontent.feeds.stored import Feeds
from dyncontent.metrics import Metrics
from dyncontent.outgoing.client import Outgoing
from dyncontent.settings import Settings
from dyncontent.sources.fetching import Fetcher
from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from dyncontent.worker.tasks import fetch_sources, poll_feeds
from dyncontent.worker.upkeep import Upkeep
from dyncontent.worker.worker import Worker


def worker_of(settings: Settings, store: Store, metrics: Metrics) -> Worker:
    """`metrics` are those of this process."""
    outgoing = Outgoing(settings.reach)
    sources, feeds = Sources(store), Feeds(store)
    importer = Importer(store, Catalogue(store, settings.hosts), feeds, metrics)
    return Worker(
        store,
        [
            fetch_sources(sources, Fetcher(sources, outgoing)),
            poll_feeds(feeds, Poller(feeds, importer, outgoing)),
            Upkeep(store, settings.event_days).due,
        ],
    )
