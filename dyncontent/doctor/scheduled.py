"""Whether what is scheduled is done."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dyncontent.counted import counted
from dyncontent.doctor.finding import Finding, well
from dyncontent.settings import Settings
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from dyncontent.worker.seen import Scheduled, scheduled

LONGEST_UNSEEN = timedelta(minutes=1)


async def examine_schedule(url: str, settings: Settings) -> list[Finding]:
    """Nothing if the store does not answer, which is a finding of its own."""
    store = Store(connect(url), Keys(settings.store_prefix))
    try:
        found = await scheduled(store)
    except StoreError:
        return []
    finally:
        await store.aclose()
    return [
        _worker(found, datetime.now(UTC), serves=settings.runs_worker),
        *_failing(found),
    ]


def _worker(found: Scheduled, now: datetime, *, serves: bool) -> Finding:
    """`serves` tells whether the serving process is a worker too."""
    waiting = len(found.sources) + len(found.feeds)
    if found.worker_at is not None and now - found.worker_at < LONGEST_UNSEEN:
        return well("worker", f"{found.worker} was seen {_ago(now, found.worker_at)}")
    if serves:
        return well("worker", "`dyncontent serve` does what is scheduled")
    if not waiting:
        return well("worker", "none was seen lately, and nothing waits for one")
    seen = f"since {found.worker_at:%Y-%m-%d %H:%M} UTC" if found.worker_at else "ever"
    return Finding(
        "worker",
        "error",
        f"none was seen {seen}: {counted(len(found.sources), 'data source')} and"
        f" {counted(len(found.feeds), 'feed')} are not fetched, and get too old",
        "run `dyncontent worker`, or set DYNCONTENT_WORKER=true for `dyncontent serve`",
    )


def _failing(found: Scheduled) -> Iterator[Finding]:
    for kind, states in (("source", found.sources), ("feed", found.feeds)):
        for name, state in states.items():
            if state.error:
                yield Finding(
                    f"{kind} {name}",
                    "warning",
                    f"fails since {state.failing_since:%Y-%m-%d %H:%M} UTC: {state.error}",
                    f"mend it, and try it with POST /api/v1/{kind}s/{name}/preview",
                )


def _ago(now: datetime, at: datetime) -> str:
    return f"{max(0, round((now - at).total_seconds()))} s ago"
