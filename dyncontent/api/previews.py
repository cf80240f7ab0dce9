"""A preview: what a block would show a person now and why, on the very path of an open. Nothing is
recorded."""

import base64
import logging
from dataclasses import replace
from datetime import UTC, datetime
from json import dumps as json_text
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.operation import Operation, Scope
from dyncontent.api.respond import json
from dyncontent.api.speech import LanguageName, speak
from dyncontent.api.supposed import (
    SOME_MESSAGE,
    SOMEBODY,
    Changes,
    SupposedReading,
    suppose,
)
from dyncontent.api.traced import DecisionTold, VariantTold
from dyncontent.catalog.block import ImageTypeName
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from dyncontent.catalog.kinds import RECIPIENT
from dyncontent.catalog.model import BlockId, Definition, Id, Instant
from dyncontent.catalog.published import Number
from dyncontent.catalog.recipient import Profile
from dyncontent.delivery import facts
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.click import destination
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.showing import Showing, choose
from dyncontent.errors import ProblemError
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from renderers.encode import MEDIA_TYPES, ImageType
from rules.explain import explain, to_data
from rules.facts import Facts as Known
from rules.facts import Verdict as VerdictName
from rules.sentence import decision_sentence

log = logging.getLogger(__name__)

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Between which a preview can be."""


def _as_stored(facts: dict[str, Any]) -> dict[str, Any]:
    """With numbers as all other bodies have them: those of more than 64 bits are rounded."""
    read: dict[str, Any] = orjson.loads(json_text(facts))
    return read


Facts = Annotated[
    dict[str, Any],
    AfterValidator(_as_stored),
    Field(
        max_length=200,
        examples=[{"product.vip-trip.stock": 0, "recipient.attributes.plan": "gold"}],
    ),
]


class PreviewAsked(Definition):
    """What a block would show a person in a message. Without a `message` it is one of the block's
    own class, of which nothing else is known, without a `recipient` somebody unknown. A `profile`
    stands in the place of what is stored of the person.

    `draft` asks for the block as it is edited, otherwise as it is published. `at` is the instant of
    the open, now if there is none. `facts` are taken for true whatever is stored, by their keys,
    with values as the control plane writes them, and null for what is absent. `client` is who
    opens. `language` is the one of the explanation."""

    block: BlockId
    recipient: Id | None = None
    profile: Profile | None = None
    message: Id | None = None
    type: ImageTypeName | None = None
    draft: bool = False
    at: Annotated[Instant, Field(ge=EARLIEST, le=LATEST)] | None = None
    facts: Facts = Field(default_factory=dict)
    client: VerdictName = "human"
    language: LanguageName = "en"


class PreviewAnswer(Definition):
    """`version` is null for a draft, `why` the decision in a sentence, `link` where the click
    would lead, `picture` a data URL."""

    block: BlockId
    version: Number | None
    at: Instant
    locale: str
    decision: DecisionTold
    why: str
    trace: tuple[VariantTold, ...]
    alt: str
    link: str
    picture: str


class Previews:
    def __init__(
        self,
        catalogue: Catalogue,
        store: Store,
        pictures: Pictures,
        landing_url: str,
    ) -> None:
        self._catalogue = catalogue
        self._store = store
        self._pictures = pictures
        self._landing_url = landing_url

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
                secret=True,
                description="On the very path of an open; nothing is recorded.",
            )
        ]

    async def preview(self, request: Request) -> Response:
        asked = await read_model(request, PreviewAsked)
        at = asked.at or datetime.now(UTC)
        situation = await self._situation(asked, at)
        decision, showing = choose(situation)
        kind = ImageType(asked.type or situation.block.block.type)
        data = await self._picture(showing, kind, is_fallback=decision.variant is None)
        seen = situation.facts
        language = speak(asked.language, seen, _titles(seen))
        traces = await run_in_threadpool(explain, situation.block.rules, seen)
        skipped = [skip._asdict() for skip in decision.skipped]
        encoded = base64.b64encode(data).decode()
        hosts = await self._catalogue.hosts.now()
        return json(
            {
                "block": asked.block,
                "version": situation.block.version or None,
                "at": at,
                "locale": situation.locale,
                "decision": decision._asdict() | {"swap": decision.swap, "skipped": skipped},
                "why": decision_sentence(decision, traces, language),
                "trace": to_data(traces),
                "alt": showing.alt,
                "link": destination(showing, hosts, self._landing_url),
                "picture": f"data:{MEDIA_TYPES[kind]};base64,{encoded}",
            }
        )

    async def _picture(self, showing: Showing, kind: ImageType, *, is_fallback: bool) -> bytes:
        block = showing.situation.block.id
        try:
            filled = showing.fill(kind)
            return await self._pictures.get(block, filled, kind, is_fallback=is_fallback)
        except StoreError:
            raise
        except DeliveryError as error:
            raise ProblemError(503, error.fault, "Too many pictures are being drawn") from error
        except Exception as error:
            log.exception("a preview of %s cannot be drawn", block)
            raise ProblemError(
                503, Fault.RENDER_FAILED, "The picture cannot be drawn: an open shows the fallback"
            ) from error

    async def _situation(self, asked: PreviewAsked, at: datetime) -> facts.Situation:
        supposed = await suppose(self._catalogue, asked.facts)
        if asked.profile is not None:
            await self._catalogue.require_fitting(RECIPIENT, asked.profile)
        block = await self._block(asked)
        opening = facts.Asked(
            asked.recipient or SOMEBODY,
            asked.message or SOME_MESSAGE,
            at,
            supposed.client or Verdict(asked.client),
        )
        changes = Changes(
            await self._catalogue.document_checks(),
            self._store.keys,
            supposed,
            opening.recipient,
            opening.message,
            asked.profile,
            block.block.class_,
            at,
        )
        situation = await SupposedReading(self._store, changes).run(
            lambda reading: facts.situation(reading, self._store.keys, block, opening)
        )
        if situation is None:
            raise NotFoundError(f"There is no published block {asked.block}")
        shown = {**situation.facts.shown, **supposed.shown}
        known = {variant: times for variant, times in shown.items() if times is not None}
        sourced = {**situation.facts.source, **supposed.sourced}
        return situation._replace(facts=replace(situation.facts, shown=known, source=sourced))

    async def _block(self, asked: PreviewAsked) -> CompiledBlock:
        """Raises NotFoundError."""
        if asked.draft:
            declared = await self._catalogue.declared()
            draft = (await self._catalogue.draft(asked.block)).block
            return compile_block(asked.block, 0, draft, declared)
        published = await Reading(self._store).run(
            lambda reading: facts.live_block(reading, self._store.keys, asked.block)
        )
        if published is None:
            raise NotFoundError(f"There is no published block {asked.block}")
        return published


def _titles(known: Known) -> dict[str, Any]:
    found = {product: record.get("title") for product, record in known.products.items()}
    return {product: title for product, title in found.items() if title}
