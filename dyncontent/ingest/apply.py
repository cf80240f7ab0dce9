"""Events are taken: what they tell becomes facts, each in one atomic write with when it was true.

Orders and variants come first, each in its own ledger. What they come to is then written to the
people and products whose they are, under a number that grows with every change: whoever writes
last, the newest stands. An event that is told again does all of this again, and changes nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from dyncontent.api.problems import invalid
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.instants import milliseconds
from dyncontent.errors import BadField, ProblemError
from dyncontent.ingest.happenings import Told
from dyncontent.ingest.plan import KINDS, STATES, PartState, Plan, Report, State, perform
from dyncontent.ingest.product import PartLedger
from dyncontent.ingest.stamps import Stamp, digest
from dyncontent.metrics import Metrics
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys
from dyncontent.store.store import Change, Store

MOST_AHEAD = timedelta(minutes=5)
"""By which the clock of whoever tells an event may be ahead."""
ARRIVALS_KEPT = 7 * 24 * 3600
"""Seconds for which it is known when an event arrived that does not say when it happened."""
STRAY_PARTS_KEPT = 90 * 24 * 3600
"""Seconds for which the stock of a variant is kept whose product is not known."""
MOST_EVENTS = 200
"""That are taken together: between them others get their turn."""

Result = Literal["applied", "unchanged", "ignored", "refused"]

_LEDGERS: Mapping[str, Callable[[Keys, str], str]] = {
    "recipient": Keys.ledger,
    "product": Keys.product_ledger,
    "order": Keys.order_ledger,
    "message": Keys.message_ledger,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event: it changed facts; it did not, because it is a repeat or something
    newer is known; it tells of nothing that is a fact here; or it was refused. `problem` says why,
    also where only a part of it was refused and the rest was taken."""

    result: Result
    problem: ProblemError | None = None


class Ingest:
    def __init__(self, store: Store, catalogue: Catalogue, metrics: Metrics) -> None:
        self._store = store
        self._catalogue = catalogue
        self._metrics = metrics

    async def take(self, source: str, told: Sequence[Told], received: datetime) -> list[Outcome]:
        """Take the events of a source, in whatever order they come.

        Raises StoreError; any of the events may have been taken then, and can be told again.
        """
        types = await self._catalogue.attribute_types()
        outcomes: list[Outcome] = []
        for start in range(0, len(told), MOST_EVENTS):
            outcomes += await self._take(source, told[start : start + MOST_EVENTS], received, types)
        for outcome in outcomes:
            self._metrics.events_in.labels(source, outcome.result).inc()
        return outcomes

    async def _take(
        self, source: str, told: Sequence[Told], received: datetime, types: AttributeTypes
    ) -> list[Outcome]:
        stamps = await self._stamps(source, told, received)
        plan = Plan(types, await self._catalogue.document_checks())
        for number, (event, stamp) in enumerate(zip(told, stamps, strict=True)):
            if isinstance(event, ProblemError) or isinstance(stamp, ProblemError):
                continue
            plan.report.refuse((number,), event.refused)
            for happening in event.happenings:
                plan.add(number, happening, stamp)
        await self._carry_out(plan)
        return [_outcome(number, stamp, plan.report) for number, stamp in enumerate(stamps)]

    async def _stamps(
        self, source: str, told: Sequence[Told], received: datetime
    ) -> list[Stamp | ProblemError]:
        """When each event happened, or why it cannot be taken. One that does not say has happened
        when it arrived for the first time."""
        now, latest = milliseconds(received), milliseconds(received + MOST_AHEAD)
        found: list[Stamp | ProblemError] = []
        unsure: list[int] = []
        asked: list[Command] = []
        for number, event in enumerate(told):
            if isinstance(event, ProblemError):
                found.append(event)
                continue
            name = digest(source, event.id)
            at = now if event.at is None else milliseconds(event.at)
            if at > latest:
                found.append(_ahead(event.at))
                continue
            found.append((at, 0, name))
            if event.at is None or event.shaky:
                key = self._store.keys.arrived(name)
                asked += (("SET", key, at, "NX", "EX", ARRIVALS_KEPT), ("GET", key))
                unsure.append(number)
        if asked:
            firsts = (await self._store.ask(*asked))[1::2]
            for number, first in zip(unsure, firsts, strict=True):
                _, weight, name = found[number]  # type: ignore[misc]
                found[number] = int(first), weight, name
        return found

    async def _carry_out(self, plan: Plan) -> None:
        await asyncio.gather(
            *(self._order(plan, name) for name in plan.deeds["order"]),
            *(self._part(plan, name) for name in plan.deeds["part"]),
        )
        kinds = ("recipient", "product", "message")
        await asyncio.gather(
            *(self._amend(plan, kind, name) for kind in kinds for name in plan.deeds[kind])
        )

    async def _order(self, plan: Plan, name: str) -> None:
        state = await self._amend(plan, "order", name)
        plan.note_order(name, state.ledger)

    async def _part(self, plan: Plan, name: str) -> None:
        last: list[tuple[State, Report]] = []

        def written(found: Sequence[bytes | None]) -> Change:
            [raw] = found
            state = PartState(None if raw is None else PartLedger.model_validate_json(raw))
            last[:] = [(state, perform(state, plan.deeds["part"][name]))]
            after = state.ledger.model_dump_json(exclude_defaults=True).encode()
            if after == raw:
                return Change(())
            kept = () if state.ledger.product else ("EX", STRAY_PARTS_KEPT)
            return Change((("SET", key, after, *kept),))

        key = self._store.keys.stock_part(name)
        await self._store.update_together((key,), written)
        [(state, report)] = last
        plan.report.add(report)
        plan.note_part(name, state.ledger)

    async def _amend(self, plan: Plan, kind: str, name: str) -> State:
        """Do to a document all that is to be done to it, in one write."""
        state_of, ledger_type = STATES[kind]
        last: list[tuple[State, Report]] = []

        def amend(document: Any, raw: bytes | None) -> tuple[Any, bytes | None]:
            state = state_of(
                document, None if raw is None else ledger_type.model_validate_json(raw)
            )
            last[:] = [(state, perform(state, plan.deeds[kind][name]))]
            after = state.ledger.encode()
            return state.document, None if after == b"{}" else after

        ledger = _LEDGERS[kind](self._store.keys, name)
        await self._catalogue.amend(KINDS[kind], name, ledger, amend)
        [(state, report)] = last
        plan.report.add(report)
        return state


def _ahead(at: datetime | None) -> ProblemError:
    minutes = MOST_AHEAD // timedelta(minutes=1)
    told = None if at is None else at.isoformat()
    field = BadField("time", told, f"an instant that is at most {minutes} minutes ahead")
    return ProblemError(422, "FUTURE", "This has not happened yet by the server's clock", [field])


def _outcome(number: int, stamp: Stamp | ProblemError, report: Report) -> Outcome:
    if isinstance(stamp, ProblemError):
        return Outcome("refused", stamp)
    bad = report.refused.get(number, [])
    problem = invalid(bad) if bad else None
    if number in report.changed:
        return Outcome("applied", problem)
    if number in report.done:
        return Outcome("unchanged", problem)
    return Outcome("refused", problem) if problem else Outcome("ignored")
