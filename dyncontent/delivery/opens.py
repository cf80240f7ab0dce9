"""An open: the picture of the variant that holds now. Whatever fails, a picture."""

import asyncio
import logging
import time

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.message import Message
from dyncontent.delivery import facts
from dyncontent.delivery.amiss import Amiss, Watch
from dyncontent.delivery.cache import Pictures, content_key
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.history import claim, released
from dyncontent.delivery.lane import Decided, Lane
from dyncontent.delivery.plan import Plan, Plans
from dyncontent.delivery.receipts import kept
from dyncontent.delivery.record import Outcome, opened
from dyncontent.delivery.reply import Reply, Then
from dyncontent.delivery.showing import Showing, choose, fallback_picture
from dyncontent.delivery.traces import Commands, Proof, Replies, leave, leave_unasked
from dyncontent.delivery.urls import Address
from dyncontent.delivery.visit import Step, Visit, within_budget
from dyncontent.delivery.warm import Warmer
from dyncontent.metrics import Metrics
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
        plans: Plans,
        lane: Lane,
    ) -> None:
        self._store = store
        self._keys = store.keys
        self._pictures = pictures
        self._metrics = metrics
        self._warmer = warmer
        self._watch = watch
        self._receipt_hours = receipt_hours
        self._plans = plans
        self._lane = lane

    def begin(self, visit: Visit, then: Then) -> None:
        """200 with a picture of the asked type, or 304 if the client holds that very picture."""
        found = self._plans.find(visit)
        if found is None:
            then(self.answer(visit))
            return
        person = self._keys.recipient(visit.address.recipient)
        opening = _Opening(self, visit, *found, person, then)
        self._lane.walk(visit, (("GET", person),), opening.decide, opening.end)

    async def answer(self, visit: Visit) -> Reply:
        """The long way."""
        found: list[facts.Situation] = []
        decided = await within_budget(visit, self._decided(visit, found))
        if isinstance(decided, Fault):
            return await self.fallback(visit, decided, found[0] if found else None)
        return self.replied(visit, decided)

    async def _decided(self, visit: Visit, found: list[facts.Situation]) -> Decided:
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
        decided = self._left(visit, decision, showing, content_key(filled, kind), data)
        if decided.commands:
            await leave(self._store, decided.proof, *decided.commands)
        return decided

    def decided_at_once(self, visit: Visit, situation: facts.Situation) -> Decided | None:
        """None if the picture is not at hand."""
        visit.step = Step.RULES
        decision, showing = choose(situation)
        visit.step = Step.RENDER
        kind = visit.address.type
        filled = showing.fill(kind)
        content = content_key(filled, kind)
        data = self._pictures.at_hand(filled, content, is_fallback=decision.variant is None)
        return None if data is None else self._left(visit, decision, showing, content, data)

    def _left(
        self, visit: Visit, decision: Decision, showing: Showing, content: str, data: bytes
    ) -> Decided:
        """What an open leaves, and its answer."""
        visit.step = Step.RECORD
        situation = showing.situation
        self._warmer.want(situation.block, situation.locale, visit.address.type)
        outcome = Outcome.of(decision, situation)
        if outcome.detail == Amiss.RECIPIENT_UNKNOWN and visit.address.named:
            self._watch.note(visit, Amiss.RECIPIENT_UNKNOWN)
        commands: Commands = ()
        if not visit.is_head:
            commands = self._record(visit, situation.block, outcome, situation)
            if situation.held:
                commands += released(self._keys, visit.address, situation.held, outcome.offer)
            if situation.tracked and self._receipt_hours:
                hours = self._receipt_hours
                commands += kept(self._keys, visit.address, showing, outcome, visit.at, hours)
        reply = _reply(visit, content, data)
        return Decided(reply, outcome.reason, outcome.detail, situation.proof, commands)

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
    ) -> Commands:
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

    async def fallback(
        self, visit: Visit, fault: Fault, situation: facts.Situation | None
    ) -> Reply:
        kind = visit.address.type
        block = (
            situation.block
            if situation
            else facts.last_block(self._store.copies, self._keys, visit.address.block)
        )
        if block is None:
            return self._failed(visit, fault, None, LAST_RESORT[kind])
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
        return self._failed(visit, fault, content, data)

    def _failed(self, visit: Visit, fault: Fault, content: str | None, data: bytes) -> Reply:
        return self.replied(visit, Decided(_reply(visit, content, data), Reason.ERROR, fault))

    def replied(self, visit: Visit, decided: Decided) -> Reply:
        """The answer, counted."""
        seconds = time.monotonic() - visit.started
        self._metrics.opened(decided.reason, decided.detail, visit.verdict, seconds)
        return decided.reply


class _Opening:
    """An open on the short way; `person` is the key of the recipient."""

    __slots__ = ("_opens", "_person", "_plan", "_sent", "_situation", "_then", "_visit")

    def __init__(
        self, opens: Opens, visit: Visit, plan: Plan, sent: Message, person: str, then: Then
    ) -> None:
        self._person = person
        self._opens = opens
        self._visit = visit
        self._plan = plan
        self._sent = sent
        self._situation: facts.Situation | None = None
        self._then = then

    def decide(self, replies: Replies) -> Decided | None:
        [raw] = replies
        if raw is None:
            return None
        self._situation = self._plan.situation(self._visit, self._sent, self._person, raw)
        return self._opens.decided_at_once(self._visit, self._situation)

    def end(self, outcome: Decided | Fault | None) -> None:
        if outcome is None:
            self._then(self._opens.answer(self._visit))
        elif isinstance(outcome, Fault):
            self._then(self._opens.fallback(self._visit, outcome, self._situation))
        else:
            self._then(self._opens.replied(self._visit, outcome))


def _reply(visit: Visit, content: str | None, data: bytes) -> Reply:
    """`content` is the picture's content key; None for a stopgap."""
    media_type = MEDIA_TYPES[visit.address.type]
    if content is None:
        return Reply(200, media_type, data, (_CROSS_ORIGIN,))
    etag = b'"%s"' % content.encode()
    headers = ((b"etag", etag), _CROSS_ORIGIN)
    if etag in visit.known_etags:
        return Reply(304, media_type, b"", headers)
    return Reply(200, media_type, data, headers)
