"""The URLs of one block for one person and message, or with a sender's tag for the person; and of
many, a line each."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, RootModel, StringConstraints, model_validator
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.exchange import Exchange
from dyncontent.api.lines import NDJSON, Line, RefusedLine, batches
from dyncontent.api.operation import Content, Operation, Scope
from dyncontent.api.problems import not_found, store_down
from dyncontent.api.respond import json
from dyncontent.catalog.block import ImageTypeName
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.model import BlockId, Definition, Id, one_of
from dyncontent.delivery.tags import WRITABLE
from dyncontent.delivery.urls import Purpose, make, make_tagged
from dyncontent.errors import ProblemError
from dyncontent.keyring import Keyring
from dyncontent.store.roundtrip import StoreError
from renderers.encode import ImageType

log = logging.getLogger(__name__)

MOST_BLOCKS = 1000
"""Of which a call remembers the types."""


class LinksAsked(Definition):
    """Signed URLs of a `recipient`, or tagged ones, in which a sender's `tag` stands as it is."""

    model_config = ConfigDict(json_schema_extra=one_of("recipient", "tag"))

    block: BlockId
    recipient: Id | None = None
    tag: Annotated[str, StringConstraints(pattern=WRITABLE)] | None = None
    message: Id
    type: ImageTypeName | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.recipient is None) is (self.tag is None):
            raise ValueError("URLs are of a recipient, or have a tag: one of the two")
        return self

    @property
    def of(self) -> dict[str, str]:
        """Whose they are."""
        return {"recipient": self.recipient} if self.recipient else {"tag": self.tag or ""}


class LinksMade(BaseModel):
    """The addresses of the picture, the click and the fragment."""

    image: str
    click: str
    html: str


class PersonalLinks(LinksMade):
    recipient: Id


class TaggedLinks(LinksMade):
    tag: str


class LinkLine(RootModel[PersonalLinks | TaggedLinks | RefusedLine]):
    """What answers a line."""


_EXAMPLE = {"block": "trip", "recipient": "aino", "message": "spring"}


class Links:
    def __init__(self, catalogue: Catalogue, keyring: Keyring, public_url: str) -> None:
        self._catalogue = catalogue
        self._keyring = keyring
        self._public_url = public_url

    @property
    def operations(self) -> list[Operation]:
        return [
            Operation(
                "POST",
                "/links",
                self.make,
                "Make a person's URLs of a block, or a list's",
                Scope.LINKS,
                body=LinksAsked,
                answer=LinksMade,
                problems=(404,),
                example=_EXAMPLE,
                description="The block must be there; recipient and message may follow before the"
                " send.",
            ),
            Operation(
                "POST",
                "/links/bulk",
                self.make_all,
                "Make many URLs",
                Scope.LINKS,
                body=Content((NDJSON,), lines=LinksAsked),
                needs_body=False,
                answer=Content((NDJSON,), lines=LinkLine),
                example=f"{orjson.dumps(_EXAMPLE).decode()}\n",
                description="Every line is answered by one, in order. The answer begins while the"
                " body still arrives.",
            ),
        ]

    async def make(self, request: Request) -> Response:
        """The block must be there; recipient and message may follow before the send."""
        asked = await read_model(request, LinksAsked)
        type = await self._type(asked.block)
        return json(self._urls(asked, asked.type or type))

    async def make_all(self, request: Request) -> Response:
        """The same for each line of the body; every line is answered by one, in order."""
        types = _Types(self._type)

        async def answers(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            async for lines in batches(chunks):
                told = [await self._answer(line, types) for line in lines]
                yield b"".join(told)

        return Exchange(request, answers)

    async def _answer(self, line: Line, types: "_Types") -> bytes:
        told: dict[str, Any]
        try:
            asked = line.read(LinksAsked)
        except ProblemError as problem:
            told = {"line": line.number, "error": problem.told()}
        else:
            type = await types.of(asked.block)
            if isinstance(type, ProblemError):
                told = {"line": line.number, "error": type.told()}
            else:
                told = {**asked.of, **self._urls(asked, asked.type or type)}
        return orjson.dumps(told, default=str, option=orjson.OPT_APPEND_NEWLINE)

    async def _type(self, block: str) -> ImageTypeName:
        return (await self._catalogue.draft(block)).block.type

    def _urls(self, asked: LinksAsked, type: ImageTypeName) -> dict[str, str]:
        kind = ImageType(type)
        return {name: self._url(purpose, asked, kind) for name, purpose in _NAMES.items()}

    def _url(self, purpose: Purpose, asked: LinksAsked, kind: ImageType) -> str:
        write, [named] = make if asked.recipient else make_tagged, asked.of.values()
        return self._public_url + write(
            self._keyring, purpose, asked.block, named, asked.message, kind
        )


_NAMES = {"image": Purpose.PICTURE, "click": Purpose.CLICK, "html": Purpose.HTML}


class _Types:
    """The types of blocks, looked up once for a call."""

    def __init__(self, look_up: Callable[[str], Awaitable[ImageTypeName]]) -> None:
        self._look_up = look_up
        self._found: dict[str, ImageTypeName | ProblemError] = {}

    async def of(self, block: str) -> ImageTypeName | ProblemError:
        """A problem if there is no such block, or the store does not answer."""
        found = self._found.get(block)
        if found is None:
            try:
                found = await self._look_up(block)
            except NotFoundError as error:
                found = not_found(error)
            except StoreError as error:
                log.warning("links of %s: %s", block, error)
                return store_down()
            if len(self._found) == MOST_BLOCKS:
                self._found.clear()
            self._found[block] = found
        return found
