"""A preview: what a block would show a person now and why, on the very path of an open. Nothing is
recorded."""

import base64
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.links import OpenAsked
from dyncontent.api.operation import Operation, Scope
from dyncontent.api.respond import json
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from dyncontent.catalog.model import BlockId, Definition
from dyncontent.catalog.published import Number
from dyncontent.delivery import facts
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.faults import DeliveryError
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.showing import choose
from dyncontent.errors import ProblemError
from dyncontent.store.store import Store
from renderers.encode import MEDIA_TYPES, ImageType
from renderers.localised import pick
from rules.decide import Detail, Reason
from rules.explain import explain, to_data
from rules.language import Language, Names
from rules.sentence import decision_sentence
from rules.variant import Guard


class PreviewAsked(OpenAsked):
    """`draft` asks for the block as it is edited, otherwise as it is published; `language` is the
    one of the explanation."""

    draft: bool = False
    language: Literal["en", "et", "fi", "ru"] = "en"


class SkippedVariant(Definition):
    """Why a variant was not shown: the guard that failed for this offer, false or unknown (null),
    and the facts that were missing or too old."""

    variant: str
    guard: Guard
    truth: bool | None
    offer: str | None
    missing: tuple[str, ...]
    stale: bool


class DecisionTold(Definition):
    """`variant` is null for the fallback; `withheld` is what a person who is held out would have
    seen, `arm` what is theirs by lot or by what they saw before."""

    variant: str | None
    offer: str | None
    reason: Reason
    detail: Detail
    skipped: tuple[SkippedVariant, ...]
    withheld: str | None
    arm: str | None
    swap: bool


class NodeTold(BaseModel):
    """A node of a condition as it was asked, with what it came to: `truth` is null where it is not
    known, `seen` the fact's value, `lacking` the facts that were missing or too old."""

    op: str
    truth: bool | None
    fact: str = ""
    facts: tuple[str, ...] = ()
    seen: Any = None
    lacking: tuple[str, ...] = ()
    of: tuple["NodeTold", ...] = ()


class GuardTold(NodeTold):
    guard: Guard


class OfferTold(Definition):
    offer: str | None
    truth: bool | None
    guards: tuple[GuardTold, ...]


class VariantTold(Definition):
    """A variant with each offer that it may have; `candidates` is null where these are not
    known."""

    variant: str
    candidates: bool | None
    offers: tuple[OfferTold, ...]


class PreviewAnswer(Definition):
    """`version` is null for a draft, `why` the decision in a sentence, `picture` a data URL."""

    block: BlockId
    version: Number | None
    locale: str
    decision: DecisionTold
    why: str
    trace: tuple[VariantTold, ...]
    alt: str
    link: str
    picture: str


class Previews:
    def __init__(self, catalogue: Catalogue, store: Store, pictures: Pictures) -> None:
        self._catalogue = catalogue
        self._store = store
        self._pictures = pictures

    @property
    def operations(self) -> list[Operation]:
        summary = "Show what a block would show a person, and why"
        return [
            Operation(
                "POST",
                "/previews",
                self.preview,
                summary,
                Scope.READ_FACTS,
                body=PreviewAsked,
                answer=PreviewAnswer,
                problems=(404,),
                example={"block": "trip", "recipient": "aino", "message": "spring"},
                description="On the very path of an open; nothing is recorded.",
            )
        ]

    async def preview(self, request: Request) -> Response:
        asked = await read_model(request, PreviewAsked)
        situation = await self._situation(asked)
        decision, showing = choose(situation)
        kind = ImageType(asked.type or situation.block.block.type)
        is_fallback = decision.variant is None
        try:
            data = await self._pictures.get(
                situation.block.id, showing.fill(kind), kind, is_fallback=is_fallback
            )
        except DeliveryError as error:
            raise ProblemError(503, error.fault, "Too many pictures are being drawn") from error
        traces = await run_in_threadpool(explain, situation.block.rules, situation.facts)
        skipped = [skip._asdict() for skip in decision.skipped]
        encoded = base64.b64encode(data).decode()
        return json(
            {
                "block": asked.block,
                "version": situation.block.version or None,
                "locale": situation.locale,
                "decision": decision._asdict() | {"swap": decision.swap, "skipped": skipped},
                "why": decision_sentence(decision, traces, _speak(asked.language, situation)),
                "trace": to_data(traces),
                "alt": showing.alt,
                "link": showing.link,
                "picture": f"data:{MEDIA_TYPES[kind]};base64,{encoded}",
            }
        )

    async def _situation(self, asked: PreviewAsked) -> facts.Situation:
        keys = self._store.keys
        draft: CompiledBlock | None = None
        if asked.draft:
            declared = (await self._catalogue.attribute_types()).declared
            block = (await self._catalogue.draft(asked.block)).block
            draft = compile_block(asked.block, 0, block, declared)
        opening = facts.Asked(asked.recipient, asked.message, datetime.now(UTC), Verdict.HUMAN)
        situation = await Reading(self._store).run(
            lambda reading: facts.situation(
                reading,
                keys,
                draft or facts.live_block(reading, keys, asked.block),
                opening,
            )
        )
        if situation is None:
            raise NotFoundError(f"There is no published block {asked.block}")
        return situation


def _speak(language: str, situation: facts.Situation) -> Language:
    """Names people and products as the reader knows them."""
    known = situation.facts

    def title(product: str) -> str | None:
        titles = known.products.get(product, {}).get("title")
        return pick(titles, language) if titles else None

    names = Names(known.recipient.get("first_name"), title)
    return Language(language, names, known.moment.zone)
