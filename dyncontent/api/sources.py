"""Data sources: defined, previewed, fetched, and what is known of them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.conditional import precondition
from dyncontent.api.operation import Operation, Scope
from dyncontent.api.pages import cursor, page_limit, page_start
from dyncontent.api.problems import invalid
from dyncontent.api.respond import json
from dyncontent.catalog.model import plain
from dyncontent.catalog.source import (
    REACH,
    DataSource,
    RefusedValue,
    SourceId,
    SourceState,
    StoredSource,
)
from dyncontent.errors import BadField, ProblemError
from dyncontent.outgoing.reach import Reach
from dyncontent.sources.fetching import Fetcher, Outcome, Report
from dyncontent.sources.stored import OvertakenError, Sources
from rules.facts import ADDED, FactType, is_added_name


class ToldValue(BaseModel):
    """A value as JSON, when it was fetched, and whether it is too old by now."""

    value: Any
    type: FactType
    at: datetime
    stale: bool


class ToldState(BaseModel):
    """What is known of a source. `fetched_at` is when the values were fetched last, or found to be
    as they were; `next_at` when the source is asked again, null for at once. `error` is why the
    last request came to nothing, `failing_since` since when that is so, `failures` how many came to
    nothing in a row."""

    fetched_at: datetime | None
    next_at: datetime | None
    error: str | None
    failing_since: datetime | None
    failures: int
    values: dict[str, ToldValue]
    refused: list[RefusedValue]


class SourceTold(BaseModel):
    """A source, without its secrets."""

    id: str
    source: DataSource
    state: ToldState


class ListedSource(BaseModel):
    id: str
    title: str
    url: str
    fetched_at: datetime | None
    error: str | None


class SourceList(BaseModel):
    sources: list[ListedSource]
    next_cursor: str | None


class SourceReport(BaseModel):
    """What a request to a source came to: `values` are those that are kept, as JSON, `absent` the
    names of those that are null, which says that there is no value."""

    id: str
    outcome: Outcome
    error: str | None
    values: dict[str, Any]
    absent: list[str]
    refused: list[RefusedValue]


class SourcesApi:
    def __init__(self, sources: Sources, fetcher: Fetcher, reach: Reach) -> None:
        self._sources = sources
        self._fetcher = fetcher
        self._checks = {REACH: reach}

    @property
    def operations(self) -> list[Operation]:
        read, write = Scope.READ_DEFINITIONS, Scope.WRITE_DEFINITIONS
        source = "/sources/{id}"
        types = {"id": SourceId}
        return [
            Operation(
                "GET",
                "/sources",
                self.listed,
                "List the data sources",
                read,
                answer=SourceList,
                paged=True,
            ),
            Operation(
                "GET",
                source,
                self.read,
                "Read a data source and what is known of it",
                read,
                answer=SourceTold,
                problems=(404,),
                path_types=types,
            ),
            Operation(
                "PUT",
                source,
                self.put,
                "Create or replace a data source",
                write,
                body=DataSource,
                answer=SourceTold,
                problems=(412,),
                conditional=True,
                path_types=types,
                example=EXAMPLE,
                description="Headers and parameters of the query are secrets: they are told with"
                " null in the place of each value. Where null is sent, the value stays as it is,"
                " as long as the address leads to the same origin.",
            ),
            Operation(
                "DELETE",
                source,
                self.delete,
                "Forget a data source",
                write,
                status=204,
                problems=(404, 412),
                conditional=True,
                path_types=types,
                description="Its facts are absent from then on.",
            ),
            Operation(
                "POST",
                f"{source}/preview",
                self.preview,
                "Try a data source",
                write,
                answer=SourceReport,
                problems=(404,),
                path_types=types,
                description="It is asked now. The answer tells which values would be kept; nothing"
                " is written.",
            ),
            Operation(
                "POST",
                f"{source}/fetch",
                self.fetch,
                "Fetch a data source now",
                write,
                answer=SourceReport,
                problems=(404, 409),
                path_types=types,
                description="As the worker does it on the source's schedule.",
            ),
        ]

    async def listed(self, request: Request) -> Response:
        limit, start = page_limit(request), page_start(request)
        stored = await self._sources.all()
        names = [name for name in stored if name > start]
        page = names[:limit]
        states = await asyncio.gather(*(self._sources.state(name, stored[name]) for name in page))
        listed = [
            ListedSource(
                id=name,
                title=stored[name].source.title,
                url=stored[name].source.url,
                fetched_at=state.fetched_at,
                error=state.error or None,
            )
            for name, state in zip(page, states, strict=True)
        ]
        following = cursor(page[-1]) if len(names) > limit else None
        told = SourceList(sources=listed, next_cursor=following)
        return json(told.model_dump(mode="json"))

    async def read(self, request: Request) -> Response:
        name = _source_id(request)
        return await self._told(name, await self._sources.get(name))

    async def put(self, request: Request) -> Response:
        name, unless = _source_id(request), precondition(request)
        source = await read_model(request, DataSource, self._checks)
        return await self._told(name, await self._sources.put(name, source, unless))

    async def delete(self, request: Request) -> Response:
        await self._sources.delete(_source_id(request), precondition(request))
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        name = _source_id(request)
        return _reported(name, await self._fetcher.preview(name))

    async def fetch(self, request: Request) -> Response:
        name = _source_id(request)
        try:
            return _reported(name, await self._fetcher.fetch(name))
        except OvertakenError as error:
            message = f"Source {name} was changed while it was fetched: fetch it again"
            raise ProblemError(409, "CHANGED_MEANWHILE", message) from error

    async def _told(self, name: str, stored: StoredSource) -> Response:
        state = await self._sources.state(name, stored)
        told = {
            "id": name,
            "source": plain(stored.source.told),
            "state": _told_state(state, datetime.now(UTC)).model_dump(mode="json"),
        }
        return json(told, etag=stored.etag)


EXAMPLE = {
    "title": "Weather in Tallinn",
    "url": "https://api.example.com/v1/forecast?city=tallinn",
    "headers": {"Authorization": "Bearer 3f2a9c"},
    "every": "PT15M",
    "too_old": "PT3H",
    "values": {
        "temperature": {"pointer": "/current/temperature", "type": "number"},
        "summary": {"pointer": "/current/summary", "type": "text"},
    },
}


def _source_id(request: Request) -> str:
    """Raises ProblemError for an id that no source can have."""
    value: str = request.path_params["id"]
    if not is_added_name(value):
        raise invalid([BadField("id", value[:200], f"an id that matches {ADDED}")])
    return value


def _told_state(state: SourceState, now: datetime) -> ToldState:
    oldest = now.timestamp() * 1000 - state.too_old * 1000
    return ToldState(
        fetched_at=state.fetched_at,
        next_at=state.next_at,
        error=state.error or None,
        failing_since=state.failing_since,
        failures=state.failures,
        values={
            name: ToldValue(
                value=kept.value,
                type=kept.type,
                at=datetime.fromtimestamp(kept.at / 1000, UTC),
                stale=kept.at < oldest,
            )
            for name, kept in sorted(state.values.items())
        },
        refused=list(state.refused),
    )


def _reported(name: str, report: Report) -> Response:
    told = SourceReport(
        id=name,
        outcome=report.outcome,
        error=report.error or None,
        values=dict(report.values),
        absent=list(report.absent),
        refused=list(report.refused),
    )
    return json(told.model_dump(mode="json"))
