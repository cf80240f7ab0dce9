"""Recipients, products, messages and orders: created or replaced, patched, read; purchases and
stocks."""

from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dyncontent.api.body import read_json, read_model
from dyncontent.api.problems import refused
from dyncontent.api.respond import json, path_id, plain
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.product import StockChange
from dyncontent.catalog.recipient import Purchase


class Documents:
    """The documents of one kind under their ids."""

    def __init__(self, catalogue: Catalogue, kind: Kind[Any]) -> None:
        self._catalogue = catalogue
        self._kind = kind

    @property
    def route(self) -> Route:
        return Route(f"/{self._kind.name}s/{{id}}", self.answer, methods=["GET", "PUT", "PATCH"])

    async def answer(self, request: Request) -> Response:
        name = path_id(request)
        match request.method:
            case "PUT":
                body = await read_model(request, self._kind.body, self._catalogue.document_checks)
                stored = await self._catalogue.put(self._kind, name, body)
            case "PATCH":
                _, patch = await read_json(request)
                try:
                    stored = await self._catalogue.patch(self._kind, name, patch)
                except ValidationError as error:
                    raise refused(error, patch) from error
            case _:
                stored = await self._catalogue.get(self._kind, name)
        return json({"id": name} | plain(stored))


class ShopEvents:
    """What happens in a shop: purchases and changes of stock."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def routes(self) -> list[Route]:
        purchases = "/recipients/{id}/purchases"
        return [
            Route(purchases, self.purchase, methods=["POST"]),
            Route(purchases + "/{product}", self.unpurchase, methods=["DELETE"]),
            Route("/products/{id}/stock", self.change_stock, methods=["POST"]),
        ]

    async def purchase(self, request: Request) -> Response:
        name = path_id(request)
        purchase = await read_model(request, Purchase)
        recipient = await self._catalogue.purchase(name, purchase)
        return json({"id": name} | plain(recipient), 201)

    async def unpurchase(self, request: Request) -> Response:
        name, product = path_id(request), path_id(request, "product")
        recipient = await self._catalogue.unpurchase(name, product)
        return json({"id": name} | plain(recipient))

    async def change_stock(self, request: Request) -> Response:
        name = path_id(request)
        change = await read_model(request, StockChange)
        product = await self._catalogue.change_stock(name, change)
        return json({"id": name} | plain(product))


def routes(catalogue: Catalogue) -> list[Route]:
    kinds = (PRODUCT, MESSAGE, ORDER, RECIPIENT)
    return [*ShopEvents(catalogue).routes, *(Documents(catalogue, kind).route for kind in kinds)]
