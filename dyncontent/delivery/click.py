"""A click: to where the picture that this person saw points. Whatever fails, a stored address of
an allowed host, or the landing page that the operator has set."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from dyncontent.catalog.block import FALLBACK
from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.hosts import StoredHosts
from dyncontent.catalog.links import AllowedHosts
from dyncontent.delivery import facts
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.history import Shown, shown_in_message
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.record import Outcome, clicked
from dyncontent.delivery.reply import Reply
from dyncontent.delivery.showing import Showing, choose
from dyncontent.delivery.traces import leave
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
        self, store: Store, metrics: Metrics, hosts: AllowedHosts, landing_url: str
    ) -> None:
        self._store = store
        self._keys = store.keys
        self._metrics = metrics
        self._hosts = StoredHosts(store, hosts)
        self._landing_url = landing_url

    async def answer(self, visit: Visit) -> Reply:
        """302 to a stored address. What cannot be recorded is followed all the same."""
        address = visit.address
        reading = facts.read_for(self._store, address, lambda reading: self._read(reading, visit))
        known = await within_budget(visit, reading)
        if isinstance(known, Fault):
            self._count(visit, Reason.ERROR, known)
            return self._redirect(self._fallback_link(visit))
        way = await within_budget(visit, _way(visit, known))
        if isinstance(way, Fault):
            self._count(visit, Reason.ERROR, way)
            return self._redirect(self._fallback(known))
        visit.step = Step.RECORD
        recorded = None
        if not visit.is_head:
            recorded = await within_budget(visit, self._record(visit, known, way))
        if isinstance(recorded, Fault):
            self._count(visit, Reason.ERROR, recorded)
        else:
            self._count(visit, way.outcome.reason, way.outcome.detail)
        return self._redirect(self._link(way, known))

    def _read(self, reading: Reading, visit: Visit) -> _Known | None:
        keys, address = self._keys, visit.address
        hosts = reading.get(self._hosts.key, self._hosts.decode) or self._hosts.of_settings
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

    async def _record(self, visit: Visit, known: _Known, way: _Way) -> None:
        await leave(
            self._store,
            known.now.proof if known.now.tracked else None,
            clicked(
                self._keys,
                visit.address,
                way.outcome,
                known.shown,
                visit.at,
                visit.verdict,
                tracked=known.now.tracked,
                ended=way.ended,
            ),
        )

    def _link(self, way: _Way, known: _Known) -> str:
        link = destination(way.showing, known.hosts, self._landing_url)
        if not way.ended:
            return link
        parts = urlsplit(link)
        query = f"{parts.query}&{NOTICE}" if parts.query else NOTICE
        return urlunsplit(parts._replace(query=query))

    def _fallback(self, known: _Known) -> str:
        now = known.now
        return self._safe(now.block.fallback.link(now.locale), known.hosts)

    def _fallback_link(self, visit: Visit) -> str:
        block = facts.last_block(self._store.copies, self._keys, visit.address.block)
        if block is None:
            return self._landing_url
        return self._safe(block.fallback.link(block.block.locale), self._hosts.last())

    def _safe(self, link: str, hosts: AllowedHosts) -> str:
        return link if hosts.allows(link) else self._landing_url

    def _redirect(self, link: str) -> Reply:
        return Reply(302, "text/plain", b"", ((b"location", link.encode("ascii")),))

    def _count(self, visit: Visit, reason: str, detail: str) -> None:
        self._metrics.clicks.labels(reason, detail, visit.verdict).inc()


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
