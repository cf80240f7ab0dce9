"""Product feeds: their definitions, what a file of one would do, its import, and the last runs."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.conditional import precondition
from dyncontent.api.operation import Content, Operation, Query, Scope
from dyncontent.api.pages import bad_cursor, cursor, page_limit, page_start
from dyncontent.api.problems import invalid
from dyncontent.api.respond import json, path_block
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.feed import Feed, FeedState
from dyncontent.catalog.model import BlockId, block_id_matches, plain
from dyncontent.catalog.precondition import etag
from dyncontent.errors import BadField, ProblemError
from dyncontent.feeds.fetched import fetched
from dyncontent.feeds.importer import Importer
from dyncontent.feeds.report import Report
from dyncontent.feeds.stored import Feeds
from dyncontent.outgoing.client import Outgoing
from dyncontent.outgoing.reach import OutgoingError

FILES = Content(
    (
        "application/xml",
        "text/csv",
        "text/tab-separated-values",
        "application/json",
        "application/x-ndjson",
        "application/gzip",
        "application/octet-stream",
    )
)
_STATUSES = {"REMOVAL_LIMIT": 409, "TOO_LARGE": 413}
_ONE = {"id": BlockId}
_FORCE = Query(
    "force", "retire more products than the feed's limit", {"type": "boolean", "default": False}
)


_EXAMPLE = {"locale": "fi", "currency": "EUR"}


class FeedShown(BaseModel):
    id: str
    feed: Feed
    state: FeedState


class FeedsPage(BaseModel):
    feeds: list[FeedShown]
    next_cursor: str | None


class FeedRuns(BaseModel):
    id: str
    runs: list[Report]


class FeedsApi:
    """A preview without a file fetches the feed's address by `outgoing`."""

    def __init__(
        self, catalogue: Catalogue, feeds: Feeds, importer: Importer, outgoing: Outgoing
    ) -> None:
        self._catalogue = catalogue
        self._feeds = feeds
        self._importer = importer
        self._outgoing = outgoing

    @property
    def operations(self) -> list[Operation]:
        read, write = Scope.READ_DEFINITIONS, Scope.WRITE_DEFINITIONS
        feed = "/feeds/{id}"
        return [
            Operation(
                "GET",
                "/feeds",
                self.listed,
                "List the product feeds",
                read,
                answer=FeedsPage,
                paged=True,
            ),
            Operation(
                "GET",
                feed,
                self.read,
                "Read a product feed",
                read,
                answer=FeedShown,
                problems=(404,),
                path_types=_ONE,
            ),
            Operation(
                "PUT",
                feed,
                self.put,
                "Create or replace a product feed",
                write,
                body=Feed,
                answer=FeedShown,
                example=_EXAMPLE,
                problems=(412,),
                conditional=True,
                path_types=_ONE,
            ),
            Operation(
                "DELETE",
                feed,
                self.delete,
                "Forget a product feed and keep its products",
                write,
                status=204,
                problems=(404, 409, 412),
                conditional=True,
                path_types=_ONE,
            ),
            Operation(
                "POST",
                f"{feed}/preview",
                self.preview,
                "Tell what the import of a file would do",
                Scope.READ_FACTS,
                body=FILES,
                answer=Report,
                needs_body=False,
                problems=(404, 502),
                path_types=_ONE,
            ),
            Operation(
                "POST",
                f"{feed}/import",
                self.take_in,
                "Import a file of products",
                Scope.WRITE_FACTS,
                body=FILES,
                answer=Report,
                query=(_FORCE,),
                problems=(404, 409),
                path_types=_ONE,
            ),
            Operation(
                "GET",
                f"{feed}/runs",
                self.runs,
                "Read the reports of a feed's last imports",
                Scope.READ_FACTS,
                answer=FeedRuns,
                problems=(404,),
                path_types=_ONE,
            ),
        ]

    async def listed(self, request: Request) -> Response:
        limit, start = page_limit(request), page_start(request)
        if start and not block_id_matches(start):
            raise bad_cursor(request.query_params["cursor"])
        found = await self._feeds.listed(limit + 1, start)
        page = found[:limit]
        following = cursor(page[-1][0]) if len(found) > limit else None
        feeds = [await self._told(name, feed) for name, feed in page]
        return json({"feeds": feeds, "next_cursor": following})

    async def read(self, request: Request) -> Response:
        name = path_block(request)
        return await self._shown(name, await self._feeds.get(name))

    async def put(self, request: Request) -> Response:
        name, unless = path_block(request), precondition(request)
        feed = await read_model(request, Feed, await self._catalogue.document_checks())
        await self._feeds.put(name, feed, unless)
        return await self._shown(name, feed)

    async def delete(self, request: Request) -> Response:
        await self._feeds.delete(path_block(request), precondition(request))
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        name = path_block(request)
        feed = await self._feeds.get(name)
        body = request.stream()
        first = await anext(body)
        if first:
            return _answer(await self._importer.preview(name, _all(first, body)))
        if feed.url is None:
            expected = "the file as the body, or a feed with a url for it to be fetched from"
            raise invalid([BadField("", None, expected)])
        try:
            async with aclosing(fetched(self._outgoing, feed.url)) as data:
                return _answer(await self._importer.preview(name, data))
        except OutgoingError as error:
            raise ProblemError(502, "NOT_FETCHED", f"The feed was not fetched: {error}") from error

    async def take_in(self, request: Request) -> Response:
        name, force = path_block(request), _flag(request, "force")
        try:
            report = await self._importer.run(name, request.stream(), force=force)
        except ClientDisconnect:
            return Response()  # nobody is there to read it, and nothing was written
        if report.problem is None:
            return _answer(report)
        problem = report.problem
        told = ProblemError(_STATUSES.get(problem.code, 422), problem.code, problem.message)
        body = told.told() | {"report": report.model_dump(mode="json")}
        return json(body, told.status)

    async def runs(self, request: Request) -> Response:
        name = path_block(request)
        return json({"id": name, "runs": await self._feeds.runs(name)})

    async def _shown(self, name: str, feed: Feed) -> Response:
        return json(await self._told(name, feed), etag=etag(feed))

    async def _told(self, name: str, feed: Feed) -> dict[str, Any]:
        return {"id": name, "feed": plain(feed), "state": plain(await self._feeds.state(name))}


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _answer(report: Report) -> Response:
    return Response(report.model_dump_json(), media_type="application/json")


def _flag(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        raise invalid([BadField(name, given[:20], "true or false")])
    return given == "true"
