"""What past opens of a person were decided on: told with the reasons, which are found again by the
engine from the facts of then and the version of then."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.operation import Operation, Query, Scope
from dyncontent.api.pages import bad_cursor, cursor, page_limit, page_start
from dyncontent.api.problems import invalid
from dyncontent.api.respond import json, path_id
from dyncontent.api.speech import LANGUAGES, language_of, speak
from dyncontent.api.traced import VariantTold
from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.model import Instant
from dyncontent.catalog.product import Product
from dyncontent.delivery import facts
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.receipts import Receipt
from dyncontent.errors import BadField
from dyncontent.store.store import Store
from rules.decide import decide
from rules.explain import explain, to_data
from rules.facts import ID
from rules.sentence import decision_sentence

_STREAM_ID = r"\d{1,16}-\d{1,10}"
_RECEIPT_ID = rf"^({_STREAM_ID})\.({ID})$"
_is_stream_id = re.compile(_STREAM_ID).fullmatch
_receipt_id = re.compile(_RECEIPT_ID).fullmatch


class Kept(BaseModel):
    """What an open showed a person, and on what it was decided: `facts` and `candidates` as the
    rules could read them."""

    id: str
    at: Instant
    block: str
    version: int
    message: str
    locale: str
    variant: str | None
    offer: str | None
    reason: str
    detail: str
    swap: bool
    zone: str | None
    arm: str | None
    candidates: dict[str, list[str]]
    facts: dict[str, Any]


class Page(BaseModel):
    """The latest first."""

    receipts: list[Kept]
    next_cursor: str | None


class Explained(Kept):
    """With the reasons: `agrees` tells whether the engine decides the same on these facts today."""

    recipient: str
    why: str
    trace: tuple[VariantTold, ...]
    agrees: bool


class Receipts:
    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def operations(self) -> list[Operation]:
        language = Query("language", "of the explanation", {"enum": list(LANGUAGES)})
        return [
            Operation(
                "GET",
                "/recipients/{id}/receipts",
                self.list,
                "List what a person's last opens were decided on",
                Scope.READ_FACTS,
                answer=Page,
                paged=True,
            ),
            Operation(
                "GET",
                "/receipts/{id}",
                self.explain,
                "Explain a past open",
                Scope.READ_FACTS,
                answer=Explained,
                query=(language,),
                problems=(404,),
                path_types={"id": Annotated[str, StringConstraints(pattern=_RECEIPT_ID)]},
            ),
        ]

    async def list(self, request: Request) -> Response:
        name = path_id(request)
        limit, after = page_limit(request), page_start(request)
        if after and not _is_stream_id(after):
            raise bad_cursor(cursor(after))
        newest = f"({after}" if after else "+"
        [found] = await self._store.ask(
            ("XREVRANGE", self._store.keys.receipts(name), newest, "-", "COUNT", limit + 1)
        )
        receipts = [Receipt.read(*entry) for entry in found[:limit]]
        more = cursor(receipts[-1].id) if len(found) > limit else None
        return json({"receipts": [_told(name, one) for one in receipts], "next_cursor": more})

    async def explain(self, request: Request) -> Response:
        given: str = request.path_params["id"]
        parts = _receipt_id(given)
        if parts is None:
            raise invalid([BadField("id", given[:200], "the id of a receipt")])
        entry, recipient = parts.groups()[:2]
        speaks = language_of(request)
        [found] = await self._store.ask(
            ("XRANGE", self._store.keys.receipts(recipient), entry, entry)
        )
        if not found:
            raise NotFoundError(f"There is no receipt {given}, or it is no longer kept")
        receipt = Receipt.read(*found[0])
        block, titles = await self._read(receipt)
        seen = receipt.seen(recipient, block.rules.rules.declared)
        decision = decide(block.rules, seen)
        traces = await run_in_threadpool(explain, block.rules, seen)
        told = _told(recipient, receipt)
        same = (decision.variant, decision.offer, decision.reason, decision.swap)
        return json(
            told
            | {
                "recipient": recipient,
                "why": decision_sentence(decision, traces, speak(speaks, seen, titles)),
                "trace": to_data(traces),
                "agrees": same == tuple(told[name] for name in _DECIDED),
            }
        )

    async def _read(self, receipt: Receipt) -> tuple[CompiledBlock, dict[str, Any]]:
        """The version of then, and the titles that its products have now: rules need none, and
        people do. Raises NotFoundError."""
        keys, content = self._store.keys, receipt.content
        products = {name for names in content["candidates"].values() for name in names}

        def needs(reading: Reading) -> tuple[CompiledBlock | None, dict[str, Any]]:
            block = facts.block_version(reading, keys, content["block"], content["version"])
            named = products | (block.products if block else frozenset())
            found: dict[str, Product | None] = {
                name: reading.get(keys.product(name), Product.model_validate_json) for name in named
            }
            return block, {
                name: product.facts["title"]
                for name, product in found.items()
                if product and "title" in product.facts
            }

        block, titles = await Reading(self._store).run(needs)
        if block is None:
            raise NotFoundError(f"There is no version {content['version']} of {content['block']}")
        return block, titles


_DECIDED = ("variant", "offer", "reason", "swap")


def _told(recipient: str, receipt: Receipt) -> dict[str, Any]:
    return {"id": f"{receipt.id}.{recipient}", **receipt.content, "at": receipt.at}
