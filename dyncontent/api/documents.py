"""Recipients, products, messages and orders: created or replaced, patched, read; purchases and
stocks."""

from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError, create_model
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_json, read_model
from dyncontent.api.operation import Merge, Operation, Scope
from dyncontent.api.pages import bad_cursor, cursor, page_limit, page_start
from dyncontent.api.problems import invalid, refused
from dyncontent.api.respond import json, path_id
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.lists import BEGINNING, Start
from dyncontent.catalog.model import Definition, Id, id_matches, plain
from dyncontent.catalog.patch import DEEPEST, is_deep
from dyncontent.catalog.product import StockChange
from dyncontent.catalog.recipient import Purchase
from dyncontent.errors import BadField


class Documents:
    """The documents of one kind under their ids."""

    def __init__(self, catalogue: Catalogue, kind: Kind[Any]) -> None:
        self._catalogue = catalogue
        self._kind = kind

    @property
    def operations(self) -> list[Operation]:
        name, path = self._kind.name, f"/{self._kind.name}s/{{id}}"
        a_name = f"an {name}" if name[0] in "aeiou" else f"a {name}"
        read, write = Scope.READ_FACTS, Scope.WRITE_FACTS
        body, answer, example = self._kind.body, answer_of(self._kind), _EXAMPLES[name]
        kept = name == RECIPIENT.name
        return [
            Operation(
                "GET",
                f"/{name}s",
                self.list,
                f"List the {name}s",
                read,
                answer=page_of(self._kind),
                paged=True,
                description="In an order that stays the same." if self._kind.spread else "By id.",
            ),
            *(() if kept else (self._deletion(path, a_name),)),
            Operation(
                "GET", path, self.read, f"Read {a_name}", read, answer=answer, problems=(404,)
            ),
            Operation(
                "PUT",
                path,
                self.put,
                f"Create or replace {a_name}",
                write,
                body=body,
                answer=answer,
                example=example.put,
            ),
            Operation(
                "PATCH",
                path,
                self.patch,
                f"Change what is named of {a_name}",
                write,
                body=Merge(body),
                answer=answer,
                problems=(404,),
                example=example.patch,
                description="A JSON merge patch (RFC 7396): what is not named stays, `null`"
                " removes.",
            ),
        ]

    def _deletion(self, path: str, a_name: str) -> Operation:
        return Operation(
            "DELETE",
            path,
            self.delete,
            f"Delete {a_name}",
            Scope.WRITE_FACTS,
            status=204,
            problems=(404,),
            description="Its facts are not known from then on.",
        )

    async def list(self, request: Request) -> Response:
        limit, start = page_limit(request), _start(request)
        found, following = await self._catalogue.page(self._kind, limit, start)
        return json(
            {
                f"{self._kind.name}s": [{"id": name} | plain(one) for name, one in found],
                "next_cursor": following and cursor(f"{following.part}:{following.after}"),
            }
        )

    async def delete(self, request: Request) -> Response:
        await self._catalogue.delete(self._kind, path_id(request))
        return Response(status_code=204)

    async def read(self, request: Request) -> Response:
        name = path_id(request)
        return _told(name, await self._catalogue.get(self._kind, name))

    async def put(self, request: Request) -> Response:
        name = path_id(request)
        checks = await self._catalogue.document_checks()
        body = await read_model(request, self._kind.body, checks)
        return _told(name, await self._catalogue.put(self._kind, name, body))

    async def patch(self, request: Request) -> Response:
        name = path_id(request)
        _, patch = await read_json(request)
        if is_deep(patch):
            expected = f"at most {DEEPEST} objects in one another"
            raise invalid([BadField("", None, expected)])
        try:
            return _told(name, await self._catalogue.patch(self._kind, name, patch))
        except ValidationError as error:
            raise refused(error, patch) from error


class ShopEvents:
    """What happens in a shop: purchases and changes of stock."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def operations(self) -> list[Operation]:
        write = Scope.WRITE_FACTS
        purchases, stock = "/recipients/{id}/purchases", "/products/{id}/stock"
        purchase = f"{purchases}/{{product}}"
        recipient, product = answer_of(RECIPIENT), answer_of(PRODUCT)
        return [
            Operation(
                "POST",
                purchases,
                self.purchase,
                "Record a purchase",
                write,
                body=Purchase,
                answer=recipient,
                status=201,
                problems=(404,),
                example={"product": "rome"},
            ),
            Operation(
                "DELETE",
                purchase,
                self.unpurchase,
                "Take a purchase back",
                write,
                answer=recipient,
                problems=(404,),
                description="As after a refund.",
            ),
            Operation(
                "POST",
                stock,
                self.change_stock,
                "Set or change a stock",
                write,
                body=StockChange,
                answer=product,
                problems=(404, 409),
                example={"change": -1},
                description="Refused with 409 rather than fall below zero.",
            ),
        ]

    async def purchase(self, request: Request) -> Response:
        name = path_id(request)
        purchase = await read_model(request, Purchase)
        return _told(name, await self._catalogue.purchase(name, purchase), 201)

    async def unpurchase(self, request: Request) -> Response:
        name, product = path_id(request), path_id(request, "product")
        return _told(name, await self._catalogue.unpurchase(name, product))

    async def change_stock(self, request: Request) -> Response:
        name = path_id(request)
        change = await read_model(request, StockChange)
        return _told(name, await self._catalogue.change_stock(name, change))


class _Examples(NamedTuple):
    put: Any
    patch: Any


_EXAMPLES = {
    "product": _Examples(
        {
            "title": {"fi": "Rooma", "en": "Rome"},
            "stock": 30,
            "price": {"amount": "990.00", "currency": "EUR"},
            "category": "city-trips",
            "alternatives": ["oslo"],
        },
        {"stock": 0},
    ),
    "message": _Examples(
        {"class": "marketing", "locale": "fi", "deadline": "2026-12-24T18:00:00+02:00"},
        {"deadline": None},
    ),
    "order": _Examples(
        {"status": "shipped", "carrier": "Omniva", "tracking": "CC123456789EE"},
        {"status": "delivered"},
    ),
    "recipient": _Examples(
        {
            "first_name": "Aino",
            "locale": "fi",
            "time_zone": "Europe/Helsinki",
            "consents": {"marketing": True, "tracking": True},
            "cart": ["rome", {"product": "oslo", "quantity": 2}],
        },
        {"consents": {"tracking": False}},
    ),
}


@cache
def answer_of(kind: Kind[Any]) -> type[BaseModel]:
    """What is stored of a kind, with its id."""
    return create_model(f"Stored{kind.name.title()}", __base__=kind.stored, id=(Id, ...))


@cache
def page_of(kind: Kind[Any]) -> type[BaseModel]:
    """A page of a list."""
    fields: dict[str, Any] = {
        f"{kind.name}s": (tuple[answer_of(kind), ...], ...),  # type: ignore[misc]
        "next_cursor": (str | None, ...),
    }
    return create_model(f"{kind.name.title()}Page", __base__=Definition, **fields)


def _start(request: Request) -> Start:
    """Raises ProblemError for what no page ended with."""
    part, _, after = page_start(request).partition(":")
    if not part and not after:
        return BEGINNING
    if not (part.isascii() and part.isdecimal() and len(part) <= 2 and id_matches(after)):
        raise bad_cursor(request.query_params["cursor"])
    return Start(int(part), after)


def _told(name: str, document: Definition, status: int = 200) -> Response:
    return json({"id": name} | plain(document), status)


def operations(catalogue: Catalogue) -> list[Operation]:
    documents = [Documents(catalogue, kind) for kind in (PRODUCT, MESSAGE, ORDER, RECIPIENT)]
    return [
        *ShopEvents(catalogue).operations,
        *(operation for document in documents for operation in document.operations),
    ]
