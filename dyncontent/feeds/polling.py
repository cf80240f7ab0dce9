"""A feed on its schedule: fetched, and imported if it has changed."""

import logging
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, BinaryIO

from dyncontent.catalog.feed import FeedState
from dyncontent.feeds.fetched import wanted
from dyncontent.feeds.importer import Importer
from dyncontent.feeds.rows import FeedError
from dyncontent.feeds.spool import receive, scratch
from dyncontent.feeds.stored import Feeds
from dyncontent.outgoing.client import Answer, Outgoing
from dyncontent.outgoing.reach import OutgoingError

log = logging.getLogger(__name__)

PIECE = 64 * 1024
LONGEST_ERROR = 500


class Poller:
    def __init__(self, feeds: Feeds, importer: Importer, outgoing: Outgoing) -> None:
        self._feeds = feeds
        self._importer = importer
        self._outgoing = outgoing

    async def poll_if_due(self, name: str) -> None:
        """Raises NotFoundError, FeedBusyError, or StoreError."""
        feed, state, at = await self._feeds.get(name), await self._feeds.state(name), _now()
        if feed.url is None or not state.is_due(feed, at):
            return
        known = await self._poll(name, feed.url, state)
        if await self._feeds.get(name) != feed:
            return
        error = known["error"]
        since = (state.failing_since or at) if error else None
        await self._feeds.note(name, fetched_at=at, failing_since=since, **known)
        if error and error != state.error:
            log.warning("the feed %s is not imported: %s", name, error)

    async def _poll(self, name: str, url: str, state: FeedState) -> dict[str, Any]:
        """What is known of the feed then: fields of FeedState, `error` and `failures` among them.
        Of a file that was refused no ETag is kept, so that it is looked at again."""
        with closing(scratch()) as file:
            try:
                async with self._outgoing.open(wanted(url, state)) as answer:
                    if not answer.unchanged:
                        await receive(answer.chunks, file)
            except (OutgoingError, FeedError) as error:
                return {"error": str(error)[:LONGEST_ERROR], "failures": state.failures + 1}
            if answer.unchanged:
                return {"error": None, "failures": 0}
            report = await self._importer.run(name, _pieces(file))
        if report.problem is not None:
            return {"error": report.problem.message[:LONGEST_ERROR], "failures": 0}
        return {"error": None, "failures": 0, **_validators(answer)}


def _validators(answer: Answer) -> dict[str, str | None]:
    return {"etag": answer.etag or None, "last_modified": answer.modified or None}


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _now() -> datetime:
    return datetime.now(UTC)
