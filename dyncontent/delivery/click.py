"""A click: to where the picture that this person saw points. Whatever fails, a stored address of
an allowed host, or the landing page that the operator has set."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from dyncontent.catalog.block import FALLBACK
from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.hosts import StoredHosts
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.message import Message
from dyncontent.delivery import facts
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.history import Shown, decode_shown, shown_in_message
from dyncontent.delivery.lane import Decided, Lane
from dyncontent.delivery.plan import Plan, Plans
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.record import Outcome, clicked
from dyncontent.delivery.reply import Reply, Then
from dyncontent.delivery.showing import Showing, choose
from dyncontent.delivery.traces import Replies, leave
from dyncontent.delivery.visit import Step, Visit, within_budget
from dyncontent.metrics import Metrics
from dyncontent.store.store import Store
from rules.decide import Reason

NOTICE = "dyncontent=offer-ended"
"""Added to the address when the offer that the person saw is over, for the page to say so."""

SHOWN = "SHOWN"
"""The detail of a click that follows the picture."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What this person was shown, the version of the block that showed it, how things stand now,
    and the hosts to which a link may lead now."""

    shown: Shown | None
    seen: CompiledBlock | None
    now: facts.Situation
    hosts: AllowedHosts


@dataclass(frozen=True, slots=True)
class _Way:
    """What the click leads to: `ended` tells that the offer that was shown is over."""

    showing: Showing
    outcome: Outcome
    ended: bool


class Clicks:
    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        hosts: AllowedHosts,
        landing_url: str,
        plans: Plans,
        lane: Lane,
    ) -> None:
        self._store = store
        self._keys = store.keys
        self._metrics = metrics
        self._hosts = StoredHosts(store, hosts)
        self._landing_url = landing_url
        self._plans = plans
        self._lane = lane

    def begin(self, visit: Visit, then: Then) -> None:
        """302 to a stored address. What cannot be recorded is followed all the same."""
        found, hosts = self._plans.find(visit), self._hosts.at_hand()
        if found is None or hosts is None:
            then(self.answer(visit))
            return
        address = visit.address
        person = self._keys.recipient(address.recipient)
        shown = self._keys.shown(address.recipient, address.message)
        clicking = _Clicking(self, visit, *found, hosts, person, then)
        reads = (("GET", person), ("HGET", shown, address.block))
        self._lane.walk(visit, reads, clicking.decide, clicking.end)

    async def answer(self, visit: Visit) -> Reply:
        """The long way."""
        address = visit.address
        reading = facts.read_for(self._store, address, lambda reading: self._read(reading, visit))
        known = await within_budget(visit, reading)
        if isinstance(known, Fault):
            return self.failed(visit, known, None, None)
        way = await within_budget(visit, _way(visit, known))
        if isinstance(way, Fault):
            return self.failed(visit, way, known, None)
        decided = self.decided(known, way)
        visit.step = Step.RECORD
        record = self._record(visit, known, way, decided)
        if isinstance(fault := await within_budget(visit, record), Fault):
            return self.failed(visit, fault, known, decided)
        return self.replied(visit, decided)

    async def _record(self, visit: Visit, known: _Known, way: _Way, decided: Decided) -> None:
        recorded = self.recorded(visit, known, way, decided)
        await leave(self._store, recorded.proof, *recorded.commands)

    def _read(self, reading: Reading, visit: Visit) -> _Known | None:
        keys, address = self._keys, visit.address
        of_settings = self._hosts.of_settings
        hosts = reading.get(self._hosts.key, self._hosts.decode, of_settings) or of_settings
        shown = None
        if address.recipient:
            in_message = shown_in_message(reading, keys, address.recipient, address.message)
            shown = in_message.get(address.block) if in_message else None
        block = facts.live_block(reading, keys, address.block)
        seen = block
        if shown is not None and block is not None and shown.version != block.version:
            seen = facts.block_version(reading, keys, address.block, shown.version)
        offered = (shown.offer,) if shown is not None and shown.offer is not None else ()
        now = facts.situation(reading, keys, block, facts.Asked.of(visit), offered)
        return None if now is None else _Known(shown, seen, now, hosts)

    def decided(self, known: _Known, way: _Way) -> Decided:
        outcome = way.outcome
        return Decided(_redirect(self._link(way, known)), outcome.reason, outcome.detail)

    def recorded(self, visit: Visit, known: _Known, way: _Way, decided: Decided) -> Decided:
        """The same with what it leaves."""
        if visit.is_head:
            return decided
        command = clicked(
            self._keys,
            visit.address,
            way.outcome,
            known.shown,
            visit.at,
            visit.verdict,
            tracked=known.now.tracked,
            ended=way.ended,
        )
        proof = known.now.proof if known.now.tracked else None
        return decided._replace(proof=proof, commands=(command,))

    def failed(
        self, visit: Visit, fault: Fault, known: _Known | None, decided: Decided | None
    ) -> Reply:
        """To where it was to lead, as far as that is known."""
        if decided is not None:
            reply = decided.reply
        elif known is not None:
            now = known.now
            reply = _redirect(self._safe(now.block.fallback.link(now.locale), known.hosts))
        else:
            reply = _redirect(self._fallback_link(visit))
        return self.replied(visit, Decided(reply, Reason.ERROR, fault))

    def replied(self, visit: Visit, decided: Decided) -> Reply:
        """The answer, counted."""
        self._metrics.clicked(decided.reason, decided.detail, visit.verdict).inc()
        return decided.reply

    def _link(self, way: _Way, known: _Known) -> str:
        link = destination(way.showing, known.hosts, self._landing_url)
        if not way.ended:
            return link
        parts = urlsplit(link)
        query = f"{parts.query}&{NOTICE}" if parts.query else NOTICE
        return urlunsplit(parts._replace(query=query))

    def _fallback_link(self, visit: Visit) -> str:
        block = facts.last_block(self._store.copies, self._keys, visit.address.block)
        if block is None:
            return self._landing_url
        return self._safe(block.fallback.link(block.block.locale), self._hosts.last())

    def _safe(self, link: str, hosts: AllowedHosts) -> str:
        return link if hosts.allows(link) else self._landing_url


class _Clicking:
    """A click on the short way; `person` is the key of the recipient."""

    __slots__ = (
        "_clicks",
        "_decided",
        "_hosts",
        "_known",
        "_person",
        "_plan",
        "_sent",
        "_then",
        "_visit",
    )

    def __init__(
        self,
        clicks: Clicks,
        visit: Visit,
        plan: Plan,
        sent: Message,
        hosts: AllowedHosts,
        person: str,
        then: Then,
    ) -> None:
        self._clicks = clicks
        self._visit = visit
        self._plan = plan
        self._sent = sent
        self._hosts = hosts
        self._then = then
        self._known: _Known | None = None
        self._decided: Decided | None = None
        self._person = person

    def decide(self, replies: Replies) -> Decided | None:
        visit = self._visit
        self._known = known = self._found(*replies)
        if known is None:
            return None
        visit.step = Step.RULES
        way = _follow(known)
        self._decided = decided = self._clicks.decided(known, way)
        visit.step = Step.RECORD
        return self._clicks.recorded(visit, known, way, decided)

    def _found(self, raw: bytes | None, stored: bytes | None) -> _Known | None:
        """By the person, and what they were shown; None if that is not all that is needed."""
        if raw is None:
            return None
        plan, shown = self._plan, None if stored is None else decode_shown(stored)
        if shown is not None and shown.version != plan.block.version:
            return None
        if shown is not None and shown.offer is not None and not plan.has(shown.offer):
            return None
        now = plan.situation(self._visit, self._sent, self._person, raw)
        return _Known(shown, plan.block, now, self._hosts)

    def end(self, outcome: Decided | Fault | None) -> None:
        if outcome is None:
            self._then(self._clicks.answer(self._visit))
        elif isinstance(outcome, Fault):
            self._then(self._clicks.failed(self._visit, outcome, self._known, self._decided))
        else:
            self._then(self._clicks.replied(self._visit, outcome))


def _redirect(link: str) -> Reply:
    return Reply(302, "text/plain", b"", ((b"location", link.encode("ascii")),))


def destination(showing: Showing, hosts: AllowedHosts, landing_url: str) -> str:
    """Where something that is shown leads: to its own address, else to the block's fallback's, or
    to the landing page, whichever is allowed first."""
    now = showing.situation
    links = (showing.link, now.block.fallback.link(now.locale))
    return next((link for link in links if link and hosts.allows(link)), landing_url)


async def _way(visit: Visit, known: _Known) -> _Way:
    visit.step = Step.RULES
    return _follow(known)


def _follow(known: _Known) -> _Way:
    """The variant that was shown; the best one now if its offer has ended, or if nothing was."""
    shown, seen, now = known.shown, known.seen, known.now
    ended = False
    if shown is not None and seen is not None:
        variant = seen.variants.get(shown.variant or FALLBACK)
        offer = seen.offers.get(shown.variant or FALLBACK)
        if offer is not None and shown.offer is not None:
            ended = offer(now.facts, shown.offer) is False
        if variant is not None and not ended:
            outcome = Outcome(
                seen.version, shown.variant, shown.offer, Reason.TARGETING_MATCH, SHOWN
            )
            return _Way(Showing(variant, now, shown.offer), outcome, ended=False)
    decision, showing = choose(now)
    outcome = Outcome.of(decision, now)
    return _Way(showing, outcome, ended)
