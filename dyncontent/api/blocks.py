"""Blocks: drafts, publishing, versions, what differs between them, and the archive."""

from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model, read_model_if_any
from dyncontent.api.conditional import precondition, unless_known
from dyncontent.api.operation import Operation, Query, Scope
from dyncontent.api.pages import bad_cursor, cursor, page_limit, page_start
from dyncontent.api.problems import invalid, refused
from dyncontent.api.respond import json, path_block
from dyncontent.catalog.block import Block
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.difference import Difference, differences
from dyncontent.catalog.model import BlockId, Definition, Instant, block_id_matches, plain
from dyncontent.catalog.precondition import etag
from dyncontent.catalog.published import MOST_NUMBER, Draft, Listed, Note, Number, Publication
from dyncontent.errors import BadField
from rules.facts import MessageClass

LONGEST_NUMBER = 10
DRAFT = "draft"


class PublishAsked(Definition):
    """`note` is for whoever reads the list of versions."""

    note: Note | None = None


class RestoreAsked(Definition):
    version: Number


class BlockListed(Definition):
    """`published_version` is null before anything is published; `changed_since` tells whether the
    draft differs from it."""

    id: BlockId
    title: str
    class_: Annotated[MessageClass, Field(alias="class")]
    published_version: Number | None
    changed_since: bool
    archived: bool


class BlockPage(Definition):
    blocks: tuple[BlockListed, ...]
    next_cursor: str | None


class BlockWarning(Definition):
    """`place` is a path in the block."""

    problem: str
    place: str
    message: str


class BlockDraft(Definition):
    """A block as it is edited, and how it stands; see BlockListed."""

    id: BlockId
    published_version: Number | None
    changed_since: bool
    archived: bool
    block: Block
    warnings: tuple[BlockWarning, ...]


class VersionListed(Definition):
    """Both are null where they were not kept or given."""

    version: Number
    published_at: Instant | None
    note: Note | None


class VersionPage(Definition):
    """Newest first."""

    id: BlockId
    versions: tuple[VersionListed, ...]
    next_cursor: str | None


class BlockVersion(VersionListed):
    id: BlockId
    block: Block


class BlockDifference(Definition):
    """In the manner of a JSON Patch (RFC 6902), with the values on both sides."""

    id: BlockId
    from_: Annotated[Number | Literal["draft"], Field(alias="from")]
    to: Number | Literal["draft"]
    changes: tuple[Difference, ...]


_EXAMPLE = {
    "title": "Autumn",
    "class": "marketing",
    "variants": [
        {
            "id": "rome",
            "offer": {"product": "rome"},
            "creative": {
                "kind": "canvas",
                "canvas": {
                    "width": 600,
                    "height": 200,
                    "background": "#1B2A49",
                    "layers": [
                        {
                            "kind": "text",
                            "x": 40,
                            "y": 60,
                            "width": 520,
                            "height": 80,
                            "size": 48,
                            "colour": "#FFFFFF",
                            "text": "{{ offer.title }}: {{ offer.stock }} seats left",
                        }
                    ],
                },
            },
            "link": "{{ offer.link }}",
            "alt": "{{ offer.title }}",
        }
    ],
    "fallback": {
        "creative": {
            "kind": "canvas",
            "canvas": {"width": 600, "height": 200, "background": "#1B2A49", "layers": []},
        },
        "link": "https://shop.example/trips",
        "alt": "Our trips",
    },
}
_BLOCK = {"id": BlockId}
_SIDE = {"anyOf": [{"const": DRAFT}, {"type": "integer", "minimum": 1, "maximum": MOST_NUMBER}]}
_SIDES = (
    Query("from", "A version's number, or `draft`; else the version published last", _SIDE),
    Query("to", "A version's number, or `draft`, as without it", _SIDE),
)


class Blocks:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def operations(self) -> list[Operation]:
        read, write = Scope.READ_DEFINITIONS, Scope.WRITE_DEFINITIONS
        block = "/blocks/{id}"
        version = f"{block}/versions/{{number}}"
        told = partial(Operation, answer=BlockDraft, path_types=_BLOCK, conditional=True)
        change = partial(told, "POST", problems=(404, 412), scope=write)
        compared = partial(Operation, "GET", scope=read, problems=(404,), path_types=_BLOCK)
        return [
            Operation(
                "GET",
                "/blocks",
                self.blocks,
                "List the blocks",
                read,
                answer=BlockPage,
                paged=True,
                description="By id.",
            ),
            told("GET", block, self.draft, "Read a block's draft", read, problems=(404,)),
            told(
                "PUT",
                block,
                self.put_draft,
                "Save a block's draft",
                write,
                body=Block,
                problems=(412,),
                example=_EXAMPLE,
                description="It is seen by nobody before it is published.",
            ),
            change(
                path=f"{block}/publish",
                handler=self.publish,
                summary="Publish the draft",
                body=PublishAsked,
                needs_body=False,
                problems=(404, 409, 412),
                example={"note": "Autumn prices"},
                description="As a new version. A draft that is published already stays that"
                " version, with its note. An archived block is refused with 409.",
            ),
            change(
                path=f"{block}/restore",
                handler=self.restore,
                summary="Make a version the draft",
                body=RestoreAsked,
                example={"version": 1},
                description="It is checked when it is published, not before.",
            ),
            change(
                path=f"{block}/archive",
                handler=self.archive,
                summary="Take a block out of use",
                description="Every open shows the fallback from then on.",
            ),
            change(
                path=f"{block}/unarchive",
                handler=self.unarchive,
                summary="Take a block back into use",
                description="It serves what it served before.",
            ),
            compared(
                path=f"{block}/diff",
                handler=self.diff,
                summary="Tell what differs",
                answer=BlockDifference,
                query=_SIDES,
                description="Between two versions, or a version and the draft.",
            ),
            compared(
                path=f"{block}/versions",
                handler=self.versions,
                summary="List the versions",
                answer=VersionPage,
                paged=True,
                description="Newest first.",
            ),
            compared(
                path=version,
                handler=self.version,
                summary="Read a version",
                answer=BlockVersion,
                path_types={**_BLOCK, "number": Number},
            ),
        ]

    async def blocks(self, request: Request) -> Response:
        limit, start = page_limit(request), page_start(request)
        if start and not block_id_matches(start):
            raise bad_cursor(request.query_params["cursor"])
        found = await self._catalogue.blocks(limit + 1, start)
        page = found[:limit]
        following = cursor(page[-1].id) if len(found) > limit else None
        return json({"blocks": [_listed(block) for block in page], "next_cursor": following})

    async def draft(self, request: Request) -> Response:
        name = path_block(request)
        return unless_known(request, await self._shown(name, await self._catalogue.draft(name)))

    async def put_draft(self, request: Request) -> Response:
        name, unless = path_block(request), precondition(request)
        block = await read_model(request, Block, await self._catalogue.block_checks())
        return await self._shown(name, await self._catalogue.put_draft(name, block, unless))

    async def publish(self, request: Request) -> Response:
        name, unless = path_block(request), precondition(request)
        await self._catalogue.draft(name)
        asked = await read_model_if_any(request, PublishAsked)
        try:
            return await self._shown(name, await self._catalogue.publish(name, asked.note, unless))
        except ValidationError as error:
            draft = await self._catalogue.draft(name)
            raise refused(error, plain(draft.block)) from error

    async def restore(self, request: Request) -> Response:
        name, unless = path_block(request), precondition(request)
        asked = await read_model(request, RestoreAsked)
        return await self._shown(name, await self._catalogue.restore(name, asked.version, unless))

    async def archive(self, request: Request) -> Response:
        return await self._put_away(request, archived=True)

    async def unarchive(self, request: Request) -> Response:
        return await self._put_away(request, archived=False)

    async def _put_away(self, request: Request, *, archived: bool) -> Response:
        name, unless = path_block(request), precondition(request)
        draft = await self._catalogue.archive(name, archived=archived, unless=unless)
        return await self._shown(name, draft)

    async def versions(self, request: Request) -> Response:
        """Newest first."""
        name = path_block(request)
        limit, start = page_limit(request), page_start(request)
        newest = (await self._catalogue.draft(name)).versions
        if start:
            if not _is_number(start):
                raise bad_cursor(request.query_params["cursor"])
            newest = min(newest, int(start) - 1)
        numbers = range(newest, max(newest - limit, 0), -1)
        publications = await self._catalogue.publications(name, numbers)
        page = [
            {"version": number} | _published(publication)
            for number, publication in zip(numbers, publications, strict=True)
        ]
        following = cursor(str(numbers[-1])) if newest > limit else None
        return json({"id": name, "versions": page, "next_cursor": following})

    async def version(self, request: Request) -> Response:
        name = path_block(request)
        number = request.path_params["number"]
        version = await self._catalogue.version(name, _number(name, number))
        [publication] = await self._catalogue.publications(name, [version.number])
        answer = {"id": name, "version": version.number, "block": plain(version.block)}
        return json(answer | _published(publication))

    async def diff(self, request: Request) -> Response:
        """From the version that was published last, if nothing else is said, to the draft."""
        name = path_block(request)
        draft = await self._catalogue.draft(name)
        asked = request.query_params
        start = asked.get("from") or str(draft.versions or DRAFT)
        end = asked.get("to") or DRAFT
        before = await self._side(name, draft, "from", start)
        after = await self._side(name, draft, "to", end)
        changes = await run_in_threadpool(
            lambda: [asdict(change) for change in differences(before, after)]
        )
        return json({"id": name, "from": _told(start), "to": _told(end), "changes": changes})

    async def _side(self, name: str, draft: Draft, field: str, asked: str) -> dict[str, Any]:
        """The block as it is edited, or as it was published under a number."""
        if asked == DRAFT:
            return plain(draft.block)
        if not asked.isascii() or not asked.isdecimal():
            expected = f"the number of a version, or {DRAFT}"
            raise invalid([BadField(field, asked[:20], expected)])
        return plain((await self._catalogue.version(name, _number(name, asked))).block)

    async def _shown(self, name: str, draft: Draft) -> Response:
        return json(
            {
                "id": name,
                "published_version": draft.versions or None,
                "changed_since": draft.changed,
                "archived": draft.archived,
                "block": plain(draft.block),
                "warnings": [
                    {
                        "problem": warned.problem,
                        "place": ".".join(map(str, warned.place)),
                        "message": warned.message,
                    }
                    for warned in await self._catalogue.review(name, draft.block)
                ],
            },
            etag=etag(draft),
        )


def _listed(block: Listed) -> dict[str, Any]:
    return {
        "id": block.id,
        "title": block.title,
        "class": block.class_,
        "published_version": block.versions or None,
        "changed_since": block.changed,
        "archived": block.archived,
    }


def _published(publication: Publication | None) -> dict[str, Any]:
    told = plain(publication) if publication else {}
    return {"published_at": told.get("at"), "note": told.get("note")}


def _is_number(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER


def _number(block: str, number: str) -> int:
    if not _is_number(number):
        raise NotFoundError(f"There is no version {number[:LONGEST_NUMBER]} of block {block}")
    return int(number)


def _told(side: str) -> str | int:
    return side if side == DRAFT else int(side)
