"""Handles of recipients, for senders to put into tagged URLs: one, or many, a line each."""

from collections.abc import AsyncIterator

import orjson
from pydantic import BaseModel, RootModel
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.exchange import Exchange
from dyncontent.api.lines import NDJSON, Line, RefusedLine, batches
from dyncontent.api.operation import Content, Operation, Scope
from dyncontent.api.respond import json, path_id
from dyncontent.catalog.model import Definition, Id
from dyncontent.delivery.handles import make_handle
from dyncontent.errors import ProblemError
from dyncontent.keyring import Keyring


class HandleAsked(Definition):
    recipient: Id


class Handle(BaseModel):
    """What a sender keeps of a recipient. It stays the same until another key signs."""

    recipient: str
    handle: str


class HandleLine(RootModel[Handle | RefusedLine]):
    """What answers a line."""


class Handles:
    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    @property
    def operations(self) -> list[Operation]:
        return [
            Operation(
                "POST",
                "/recipients/{id}/handle",
                self.make,
                "Make a recipient's handle",
                Scope.LINKS,
                answer=Handle,
                description="The recipient may follow before the send.",
            ),
            Operation(
                "POST",
                "/handles/bulk",
                self.make_all,
                "Make many handles",
                Scope.LINKS,
                body=Content((NDJSON,), HandleAsked),
                answer=Content((NDJSON,), HandleLine),
                needs_body=False,
                example='{"recipient": "aino"}\n{"recipient": "juhan"}\n',
                description="Every line is answered by one, in order. The answer begins while the"
                " body still arrives.",
            ),
        ]

    async def make(self, request: Request) -> Response:
        """The recipient may follow before the send."""
        return json(self._handle(path_id(request)).model_dump())

    async def make_all(self, request: Request) -> Response:
        """A line of answer for each line of the body, in order."""

        async def answers(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            async for lines in batches(chunks):
                yield b"".join(map(self._answer, lines))

        return Exchange(request, answers)

    def _answer(self, line: Line) -> bytes:
        try:
            told = self._handle(line.read(HandleAsked).recipient).model_dump()
        except ProblemError as problem:
            told = {"line": line.number, "error": problem.told()}
        return orjson.dumps(told, default=str, option=orjson.OPT_APPEND_NEWLINE)

    def _handle(self, recipient: str) -> Handle:
        return Handle(recipient=recipient, handle=make_handle(self._keyring, recipient))
