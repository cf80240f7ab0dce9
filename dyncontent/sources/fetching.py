"""A data source is asked, and what it answers is kept.

A request that comes to nothing leaves the values as they are: they get older, and stale in the
end. One that tells that nothing has changed renews the age of what the last answer had.
"""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from dyncontent.catalog.instants import milliseconds
from dyncontent.catalog.source import (
    DataSource,
    KeptValue,
    RefusedValue,
    SourceState,
    StoredSource,
    length,
)
from dyncontent.outgoing.client import AnsweredError, Fetched, Outgoing, Wanted
from dyncontent.outgoing.reach import OutgoingError
from dyncontent.sources.extract import Extract, NotJsonError, extract
from dyncontent.sources.stored import Sources
from rules.facts import FactType

log = logging.getLogger(__name__)

TYPES = ("application/json", "+json", "text/json", "text/plain")
MOST_BYTES = 1024 * 1024
FIRST_RETRY_SECONDS = 30.0
LEAST_PAUSE_SECONDS = 15 * 60.0
"""The longest pause after failures is the source's own interval, or this where that is shorter."""
MOST_RETRY_AFTER_SECONDS = 24 * 3600.0

Outcome = Literal["fetched", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a request came to: the values that were found, as JSON, those that are refused, and the
    names of those that are null. `error` tells why it came to nothing."""

    outcome: Outcome
    values: Mapping[str, Any]
    refused: tuple[RefusedValue, ...] = ()
    absent: tuple[str, ...] = ()
    error: str = ""


class Fetcher:
    def __init__(
        self,
        sources: Sources,
        outgoing: Outgoing,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sources = sources
        self._outgoing = outgoing
        self._now = now

    async def preview(self, name: str) -> Report:
        """What would be kept; nothing is written. Raises NotFoundError."""
        source = (await self._sources.get(name)).source
        try:
            _, found = await self._ask(source)
        except OutgoingError as error:
            return Report("failed", {}, error=str(error))
        return _report("fetched", found)

    async def fetch(self, name: str) -> Report:
        """Raises NotFoundError, or OvertakenError if the source was defined anew meanwhile."""
        stored = await self._sources.get(name)
        return await self._fetch(name, stored, await self._sources.state(name, stored))

    async def fetch_if_due(self, name: str) -> None:
        """As `fetch`, on the source's schedule."""
        stored = await self._sources.get(name)
        state = await self._sources.state(name, stored)
        if state.is_due(self._now()):
            report = await self._fetch(name, stored, state)
            if report.error and state.error != report.error:
                log.warning("the source %s is not fetched: %s", name, report.error)

    async def _fetch(self, name: str, stored: StoredSource, state: SourceState) -> Report:
        source, at = stored.source, self._now()
        try:
            fetched, found = await self._ask(source, state)
        except OutgoingError as error:
            pause = error.retry_after if isinstance(error, AnsweredError) else None
            failure = str(error)
            await self._sources.note(
                name,
                stored.revision,
                lambda before: _failed(before, source, at, failure, pause or 0),
            )
            return Report("failed", {}, error=failure)
        if fetched.unchanged:
            await self._sources.note(
                name, stored.revision, lambda before: _renewed(before, source, at)
            )
            return Report("unchanged", {}, state.refused)
        await self._sources.note(
            name, stored.revision, lambda before: _found(before, source, at, fetched, found)
        )
        return _report("fetched", found)

    async def _ask(
        self, source: DataSource, state: SourceState | None = None
    ) -> tuple[Fetched, Extract]:
        """Raises OutgoingError."""
        if unknown := source.unknown_secrets:
            raise OutgoingError(f"{', '.join(unknown)} has no value yet: save the source with it")
        fetched = await self._outgoing.fetch(
            Wanted(
                url=source.address,
                types=TYPES,
                most_bytes=MOST_BYTES,
                seconds=length(source.timeout).total_seconds(),
                headers={name: value for name, value in source.headers.items() if value},
                etag=state.etag if state else "",
                modified=state.modified if state else "",
            )
        )
        if fetched.unchanged:
            return fetched, Extract({}, frozenset(), ())
        try:
            return fetched, extract(fetched.body, source.values)
        except NotJsonError as error:
            raise OutgoingError(f"the answer is no JSON: {error}") from error


def _report(outcome: Outcome, found: Extract) -> Report:
    return Report(outcome, found.values, found.refused, tuple(sorted(found.absent)))


def _found(
    before: SourceState, source: DataSource, at: datetime, fetched: Fetched, found: Extract
) -> SourceState:
    """What is refused stays as it was, and gets older; what is null is gone."""
    stamp = milliseconds(at)
    kept = {name: one for name, one in before.values.items() if name not in found.absent}
    for name, value in found.values.items():
        kept[name] = KeptValue(
            value=value, type=FactType(source.values[name].type), at=stamp, mark=source.mark(name)
        )
    return _good(before, source, at).replace(
        values=kept, refused=found.refused, etag=fetched.etag, modified=fetched.modified
    )


def _renewed(before: SourceState, source: DataSource, at: datetime) -> SourceState:
    """What the last answer had is as new as this one."""
    last = milliseconds(before.fetched_at) if before.fetched_at else None
    values = {
        name: kept.replace(at=milliseconds(at)) if kept.at == last else kept
        for name, kept in before.values.items()
    }
    return _good(before, source, at).replace(values=values)


def _good(before: SourceState, source: DataSource, at: datetime) -> SourceState:
    """The next request comes a little before the interval is over, each at another time, so that
    not all of a workspace's come at once."""
    pause = length(source.every).total_seconds() * random.uniform(0.9, 1)  # noqa: S311
    return before.replace(
        fetched_at=at,
        next_at=at + timedelta(seconds=pause),
        error="",
        failing_since=None,
        failures=0,
        fetched=before.fetched + 1,
    )


def _failed(
    before: SourceState, source: DataSource, at: datetime, error: str, asked_pause: float
) -> SourceState:
    """Twice as long a pause after each failure in a row, or as long as the other asks for."""
    longest = max(length(source.every).total_seconds(), LEAST_PAUSE_SECONDS)
    pause = min(FIRST_RETRY_SECONDS * 2 ** min(before.failures, 20), longest)
    pause = max(pause, min(asked_pause, MOST_RETRY_AFTER_SECONDS))
    pause *= random.uniform(1, 1.1)  # noqa: S311
    return before.replace(
        next_at=at + timedelta(seconds=pause),
        error=error[:500],
        failing_since=before.failing_since or at,
        failures=before.failures + 1,
        fetched=before.fetched + 1,
        failed=before.failed + 1,
    )
