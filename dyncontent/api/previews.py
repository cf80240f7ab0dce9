"""A preview: what a block would show a person now and why, on the very path of an open. Nothing is
recorded."""

import base64
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dyncontent.api.body import read_model
from dyncontent.api.links import Asked
from dyncontent.api.respond import json
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from dyncontent.delivery import facts
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.faults import DeliveryError
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.showing import choose
from dyncontent.errors import ProblemError
from dyncontent.store.store import Store
from renderers.encode import MEDIA_TYPES, ImageType


class PreviewAsked(Asked):
    """`draft` asks for the block as it is edited, otherwise as it is published."""

    draft: bool = False


class Previews:
    def __init__(self, catalogue: Catalogue, store: Store, pictures: Pictures) -> None:
        self._catalogue = catalogue
        self._store = store
        self._pictures = pictures

    @property
    def routes(self) -> list[Route]:
        return [Route("/previews", self.preview, methods=["POST"])]

    async def preview(self, request: Request) -> Response:
        asked = await read_model(request, PreviewAsked)
        situation = await self._situation(asked)
        decision, showing = choose(situation)
        kind = ImageType(asked.type or situation.block.block.type)
        is_fallback = decision.variant is None
        try:
            data = await self._pictures.get(showing.fill(), kind, is_fallback=is_fallback)
        except DeliveryError as error:
            raise ProblemError(503, error.fault, "Too many pictures are being drawn") from error
        encoded = base64.b64encode(data).decode()
        return json(
            {
                "block": asked.block,
                "version": situation.block.version or None,
                "locale": situation.locale,
                "decision": asdict(decision),
                "alt": showing.alt,
                "link": showing.link,
                "picture": f"data:{MEDIA_TYPES[kind]};base64,{encoded}",
            }
        )

    async def _situation(self, asked: PreviewAsked) -> facts.Situation:
        keys = self._store.keys
        draft: CompiledBlock | None = None
        if asked.draft:
            draft = compile_block(asked.block, 0, (await self._catalogue.draft(asked.block)).block)
        situation = await Reading(self._store).run(
            lambda reading: facts.situation(
                reading,
                keys,
                draft or facts.live_block(reading, keys, asked.block),
                asked.recipient,
                asked.message,
            )
        )
        if situation is None:
            raise NotFoundError(f"There is no published block {asked.block}")
        return situation
