"""The URLs of one block for one person and message."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dyncontent.api.body import read_model
from dyncontent.api.respond import json
from dyncontent.catalog.block import ImageTypeName
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.model import BlockId, Definition, Id
from dyncontent.delivery.urls import Purpose, make
from dyncontent.keyring import Keyring
from renderers.encode import ImageType


class Asked(Definition):
    """A block for a person and a message; `type` is the block's where it is not given."""

    block: BlockId
    recipient: Id
    message: Id
    type: ImageTypeName | None = None


class Links:
    def __init__(self, catalogue: Catalogue, keyring: Keyring, public_url: str) -> None:
        self._catalogue = catalogue
        self._keyring = keyring
        self._public_url = public_url

    @property
    def routes(self) -> list[Route]:
        return [Route("/links", self.make, methods=["POST"])]

    async def make(self, request: Request) -> Response:
        """The block must be there; recipient and message may follow before the send."""
        asked = await read_model(request, Asked)
        draft = await self._catalogue.draft(asked.block)
        kind = ImageType(asked.type or draft.block.type)
        names = {"image": Purpose.PICTURE, "click": Purpose.CLICK, "html": Purpose.HTML}
        return json({name: self._url(purpose, asked, kind) for name, purpose in names.items()})

    def _url(self, purpose: Purpose, asked: Asked, kind: ImageType) -> str:
        path = make(self._keyring, purpose, asked.block, asked.recipient, asked.message, kind)
        return self._public_url + path
