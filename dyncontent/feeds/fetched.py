"""A feed from its address."""

from collections.abc import AsyncGenerator

from dyncontent.catalog.feed import FeedState
from dyncontent.feeds.spool import MOST_RECEIVED
from dyncontent.outgoing.client import Outgoing, Wanted

TYPES = (
    "application/xml",
    "text/xml",
    "application/rss+xml",
    "application/atom+xml",
    "text/csv",
    "application/csv",
    "application/vnd.ms-excel",
    "text/tab-separated-values",
    "text/plain",
    "application/json",
    "+json",
    "application/x-ndjson",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
)
"""What servers call the files of feeds."""
SECONDS = 300.0


def wanted(url: str, state: FeedState) -> Wanted:
    """The request for a feed of which this is known; an empty state asks for all of it."""
    return Wanted(
        url,
        TYPES,
        MOST_RECEIVED,
        SECONDS,
        etag=state.etag or "",
        modified=state.last_modified or "",
    )


async def fetched(outgoing: Outgoing, url: str) -> AsyncGenerator[bytes, None]:
    """All of a feed. Raises OutgoingError."""
    async with outgoing.open(wanted(url, FeedState())) as answer:
        async for chunk in answer.chunks:
            yield chunk
