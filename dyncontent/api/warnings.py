"""What was amiss lately with the URLs of a block, as they came from mails that were sent."""

from datetime import UTC, datetime

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.operation import Operation, Scope
from dyncontent.api.respond import json, path_block
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.model import BlockId
from dyncontent.delivery.amiss import Amiss, Seen, seen_amiss
from dyncontent.embed.senders import BY_ID
from dyncontent.store.store import Store


class UrlWarning(BaseModel):
    """`senders` are the ids of those that could have filled the tag; `last_seen` is an instant."""

    code: str
    senders: list[str]
    last_seen: str
    message: str


class UrlWarnings(BaseModel):
    block: str
    warnings: list[UrlWarning]


class Warnings:
    def __init__(self, catalogue: Catalogue, store: Store) -> None:
        self._catalogue = catalogue
        self._store = store

    @property
    def operations(self) -> list[Operation]:
        return [
            Operation(
                "GET",
                "/blocks/{id}/warnings",
                self.read,
                "Read what was amiss with a block's URLs",
                Scope.READ_DEFINITIONS,
                answer=UrlWarnings,
                problems=(404,),
                path_types={"id": BlockId},
                description="As the URLs came from mails that were sent; the latest first.",
            )
        ]

    async def read(self, request: Request) -> Response:
        """The latest first; each stays, with when it was seen last."""
        name = path_block(request)
        await self._catalogue.draft(name)
        warnings = [_told(name, seen) for seen in await seen_amiss(self._store, name)]
        return json(UrlWarnings(block=name, warnings=warnings).model_dump())


def _told(block: str, seen: Seen) -> UrlWarning:
    return UrlWarning(
        code=seen.code,
        senders=list(seen.senders),
        last_seen=datetime.fromtimestamp(seen.at / 1000, UTC).isoformat(timespec="seconds"),
        message=_message(block, seen),
    )


def _message(block: str, seen: Seen) -> str:
    match seen.code:
        case Amiss.TAG_UNRENDERED:
            names = " or ".join(BY_ID[id].name for id in seen.senders)
            return (
                f"a mail of {names} shows the block {block} with a merge tag that was not filled,"
                " so that everybody gets the fallback. Test mails of some senders do so; else write"
                " the tag into the HTML as the snippet has it"
            )
        case Amiss.RECIPIENT_MISSING:
            return (
                f"a mail shows the block {block} with nothing where its tag stood: fill that field"
                " for every person"
            )
        case Amiss.RECIPIENT_UNKNOWN:
            return (
                f"a mail shows the block {block}, which is personal, by an id that could be"
                " guessed, or of somebody who is not known here, so that nothing of a person is"
                " shown: put handles into a field of the sender, or say by"
                " DYNCONTENT_TAGGED_IDS=unguessable that its ids cannot be guessed"
            )
