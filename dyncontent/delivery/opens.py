"""An open: the picture of the variant that holds now. Whatever fails, a picture."""

import asyncio
import logging

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.delivery import facts
from dyncontent.delivery.amiss import Amiss, Watch
from dyncontent.delivery.cache import Pictures, content_key
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.history import claim, released
from dyncontent.delivery.receipts import kept
from dyncontent.delivery.record import Outcome, opened
from dyncontent.delivery.reply import Reply
from dyncontent.delivery.showing import Showing, choose, fallback_picture
from dyncontent.delivery.traces import Proof, leave, leave_unasked
from dyncontent.delivery.urls import Address
from dyncontent.delivery.visit import Step, Visit, within_budget
from dyncontent.delivery.warm import Warmer
from dyncontent.metrics import Metrics
from dyncontent.store.command import Command
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from renderers.encode import LAST_RESORT, MEDIA_TYPES, blank
from rules.decide import Decision, Reason

log = logging.getLogger(__name__)

_CROSS_ORIGIN = (b"cross-origin-resource-policy", b"cross-origin")


class Opens:
    def __init__(
        self,
        store: Store,
        pictures: Pictures,
        warmer: Warmer,
        metrics: Metrics,
        watch: Watch,
        receipt_hours: int,
    ) -> None:
        self._store = store
        self._keys = store.keys
        self._pictures = pictures
        self._metrics = metrics
        self._warmer = warmer
        self._watch = watch
        self._receipt_hours = receipt_hours

    async def answer(self, visit: Visit) -> Reply:
        """200 with a picture of the asked type, or 304 if the client holds that very picture."""
        found: list[facts.Situation] = []
        reply = await within_budget(visit, self._decided(visit, found))
        if isinstance(reply, Fault):
            return await self._fallback(visit, reply, found[0] if found else None)
        return reply

    async def _decided(self, visit: Visit, found: list[facts.Situation]) -> Reply:
        """Into `found` goes the situation, as soon as it is known."""
        situation = await facts.asked_situation(self._store, visit)
        found.append(situation)
        visit.step = Step.RULES
        decision, showing = await self._choose(visit, situation)
        visit.step = Step.RENDER
        kind = visit.address.type
        filled = showing.fill(kind)
        is_fallback = decision.variant is None
        data = await self._pictures.get(situation.block.id, filled, kind, is_fallback=is_fallback)
        self._warmer.want(situation.block, situation.locale, kind)
        visit.step = Step.RECORD
        outcome = Outcome.of(decision, situation)
        if outcome.detail == Amiss.RECIPIENT_UNKNOWN and visit.address.named:
            self._watch.note(visit, Amiss.RECIPIENT_UNKNOWN)
        if not visit.is_head:
            record = self._record(visit, situation.block, outcome, situation)
            given_back = released(self._keys, visit.address, situation.held, outcome.offer)
            receipt: tuple[Command, ...] = ()
            if situation.tracked:
                hours = self._receipt_hours
                receipt = kept(self._keys, visit.address, showing, outcome, visit.at, hours)
            await leave(self._store, situation.proof, *record, *given_back, *receipt)
        return self._reply(visit, outcome.reason, outcome.detail, content_key(filled, kind), data)

    async def _choose(self, visit: Visit, situation: facts.Situation) -> tuple[Decision, Showing]:
        """What the block shows, with its product claimed if it is to be sold nowhere else."""
        decision, showing = choose(situation)
        if situation.block.no_repeats and situation.known and not visit.is_head:
            while (offer := decision.offer) is not None and offer not in situation.held:
                if await claim(self._store, situation.proof, visit.address, offer):
                    break
                decision, showing = choose(situation := situation.without(offer))
        return decision, showing

    def _record(
        self,
        visit: Visit,
        block: CompiledBlock,
        outcome: Outcome,
        situation: facts.Situation | None,
    ) -> tuple[Command, ...]:
        return opened(
            self._keys,
            block,
            visit.address,
            outcome,
            visit.at,
            visit.verdict,
            known=situation.known if situation else visit.address.is_vouched_for,
            tracked=situation is not None and situation.tracked,
        )

    def _proof(self, address: Address) -> Proof | None:
        """Of a person of whom nothing could be read, that they are stored."""
        stored = self._keys.recipient(address.recipient)
        return Proof(stored, there=True) if address.is_vouched_for else None

    async def _fallback(
        self, visit: Visit, fault: Fault, situation: facts.Situation | None
    ) -> Reply:
        kind = visit.address.type
        block = (
            situation.block
            if situation
            else facts.last_block(self._store.copies, self._keys, visit.address.block)
        )
        if block is None:
            return self._reply(visit, Reason.ERROR, fault, None, LAST_RESORT[kind])
        if visit.address.fault is None and not visit.is_head:
            # As far as the store can, for the click must follow this picture; what was written
            # before, if it arrives at all, arrives first.
            outcome = Outcome(block.version, None, None, Reason.ERROR, fault)
            proof = situation.proof if situation else self._proof(visit.address)
            leave_unasked(self._store, proof, *self._record(visit, block, outcome, situation))
        content, data = None, blank(kind, *block.block.size)
        filled = fallback_picture(block, situation.locale if situation else None)
        try:
            async with asyncio.timeout_at(visit.deadline):
                data = await self._pictures.get(block.id, filled, kind, is_fallback=True)
            content = content_key(filled, kind)
        except (TimeoutError, StoreError, DeliveryError) as error:
            log.info("the fallback of %s is not at hand: %r", block.id, error)
        except Exception:
            log.exception("the fallback of %s cannot be drawn", block.id)
        return self._reply(visit, Reason.ERROR, fault, content, data)

    def _reply(
        self, visit: Visit, reason: str, detail: str, content: str | None, data: bytes
    ) -> Reply:
        """`content` is the picture's content key; None for a stopgap."""
        self._metrics.seconds.observe(asyncio.get_running_loop().time() - visit.started)
        self._metrics.opened(reason, detail, visit.verdict).inc()
        media_type = MEDIA_TYPES[visit.address.type]
        if content is None:
            return Reply(200, media_type, data, (_CROSS_ORIGIN,))
        etag = b'"%s"' % content.encode()
        headers = ((b"etag", etag), _CROSS_ORIGIN)
        if etag in visit.known_etags:
            return Reply(304, media_type, b"", headers)
        return Reply(200, media_type, data, headers)
