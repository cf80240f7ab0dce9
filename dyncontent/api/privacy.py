"""All that is held of one person, told and erased; and the receipts of that."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model_if_any
from dyncontent.api.operation import Content, Operation, Query, Scope
from dyncontent.api.problems import invalid
from dyncontent.api.respond import json, path_id
from dyncontent.api.schemas import schema_of
from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.model import Definition, Id, Instant, id_matches
from dyncontent.errors import BadField
from dyncontent.keyring import Keyring
from dyncontent.privacy.erasure import Pseudonym, Receipt, erase
from dyncontent.privacy.export import export
from dyncontent.store.store import Store
from rules.facts import ID

Named = Annotated[tuple[Id, ...], Field(max_length=1000)]


class ErasureAsked(Definition):
    """The ids of orders and messages that are this person's alone, to be erased with them."""

    orders: Named = ()
    messages: Named = ()


class Erased(BaseModel):
    """The receipt of an erasure: of each kind how many were removed, and about whom, for those who
    know the id."""

    id: str
    at: Instant
    person: Pseudonym
    removed: dict[str, int]
    key: str
    signature: str


class Shown(Erased):
    """A receipt as it is kept. `genuine` tells whether this server signed it, null if the secret
    that it names is no longer known; `matches` whether it is about the `recipient` of the query."""

    genuine: bool | None
    matches: bool | None = None


class Privacy:
    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    @property
    def operations(self) -> list[Operation]:
        told = "Whether the receipt is about the person of this id"
        of = Query("recipient", told, schema_of(Id))
        everything = Content(("application/json",), schema={"type": "object"})
        return [
            Operation(
                "GET",
                "/recipients/{id}/export",
                self.export,
                "Export all that is held of a person",
                Scope.PRIVACY,
                answer=everything,
                problems=(404,),
            ),
            Operation(
                "POST",
                "/recipients/{id}/erase",
                self.erase,
                "Erase a person everywhere, with the orders and messages that are theirs",
                Scope.PRIVACY,
                body=ErasureAsked,
                example={"orders": ["A-1001"], "messages": ["order-A-1001"]},
                answer=Erased,
                needs_body=False,
            ),
            Operation(
                "DELETE",
                "/recipients/{id}",
                self.delete,
                "Erase a person everywhere",
                Scope.PRIVACY,
                answer=Erased,
            ),
            Operation(
                "GET",
                "/erasures/{id}",
                self.read,
                "Read the receipt of an erasure",
                Scope.PRIVACY,
                answer=Shown,
                query=(of,),
                problems=(404,),
            ),
        ]

    async def export(self, request: Request) -> Response:
        name = path_id(request)
        found = await export(self._store, name)
        if found is None:
            raise NotFoundError(f"Nothing is held of {name}")
        return json(found)

    async def erase(self, request: Request) -> Response:
        name = path_id(request)
        also = await read_model_if_any(request, ErasureAsked)
        return await self._erase(name, also)

    async def delete(self, request: Request) -> Response:
        return await self._erase(path_id(request), ErasureAsked())

    async def _erase(self, name: str, also: ErasureAsked) -> Response:
        return json(
            _told(await erase(self._store, self._keyring, name, also.orders, also.messages))
        )

    async def read(self, request: Request) -> Response:
        name, person = path_id(request), request.query_params.get("recipient")
        if person is not None and not id_matches(person):
            raise invalid([BadField("recipient", person[:200], f"an id that matches {ID}")])
        [raw] = await self._store.ask(("GET", self._store.keys.erasure(name)))
        if raw is None:
            raise NotFoundError(f"There is no erasure {name}")
        receipt = Receipt.model_validate_json(raw)
        matches = None if person is None else receipt.person.is_of(person)
        return json(
            _told(receipt) | {"genuine": receipt.is_genuine(self._keyring), "matches": matches}
        )


def _told(receipt: Receipt) -> dict[str, Any]:
    return receipt.model_dump()
