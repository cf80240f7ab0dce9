"""Blocks: drafts, publishing, versions."""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dyncontent.api.body import read_model
from dyncontent.api.problems import refused
from dyncontent.api.respond import json, path_block, plain
from dyncontent.catalog.block import Block
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.published import Draft

LONGEST_NUMBER = 10


class Blocks:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/blocks/{id}", self.draft, methods=["GET", "PUT"]),
            Route("/blocks/{id}/publish", self.publish, methods=["POST"]),
            Route("/blocks/{id}/versions/{number}", self.version, methods=["GET"]),
        ]

    async def draft(self, request: Request) -> Response:
        name = path_block(request)
        if request.method == "GET":
            return await self._shown(name, await self._catalogue.draft(name))
        block = await read_model(request, Block, await self._catalogue.block_checks())
        return await self._shown(name, await self._catalogue.put_draft(name, block))

    async def publish(self, request: Request) -> Response:
        name = path_block(request)
        try:
            return await self._shown(name, await self._catalogue.publish(name))
        except ValidationError as error:
            draft = await self._catalogue.draft(name)
            raise refused(error, plain(draft.block)) from error

    async def version(self, request: Request) -> Response:
        name = path_block(request)
        number = request.path_params["number"]
        if not (number.isdecimal() and len(number) < LONGEST_NUMBER):
            raise NotFoundError(f"There is no version {number[:LONGEST_NUMBER]} of block {name}")
        version = await self._catalogue.version(name, int(number))
        return json({"id": name, "version": version.number, "block": plain(version.block)})

    async def _shown(self, name: str, draft: Draft) -> Response:
        return json(
            {
                "id": name,
                "published_version": draft.versions or None,
                "changed_since": draft.changed,
                "block": plain(draft.block),
                "warnings": [
                    {
                        "problem": warned.problem,
                        "place": ".".join(map(str, warned.place)),
                        "message": warned.message,
                    }
                    for warned in await self._catalogue.review(name, draft.block)
                ],
            }
        )
