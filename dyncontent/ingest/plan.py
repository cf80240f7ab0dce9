"""What is to be done to each document on account of the events of one request, so that each is
written once; and the doing of it, without the store."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from dyncontent.api.problems import refused
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.message import Message
from dyncontent.errors import BadField
from dyncontent.ingest.fields import check, take
from dyncontent.ingest.happenings import (
    Bought,
    CartChanged,
    CartStated,
    Changed,
    Gone,
    Happening,
    Level,
    Listed,
    Ordered,
    Parts,
    Refunded,
    Returned,
    Withdrawn,
)
from dyncontent.ingest.order import OrderLedger, OrderState
from dyncontent.ingest.person import Person, PersonLedger
from dyncontent.ingest.product import PartLedger, ProductLedger, ProductState
from dyncontent.ingest.stamps import Ledger, Stamp

KINDS: Mapping[str, Kind[Any]] = {kind.name: kind for kind in (RECIPIENT, PRODUCT, ORDER, MESSAGE)}


class State(Protocol):
    """A document and its ledger, while things happen to it."""

    document: Any
    ledger: Any


class MessageState:
    def __init__(self, document: Message | None, ledger: Ledger | None) -> None:
        self.document = document
        self.ledger = ledger or Ledger()

    def take(self, fields: Mapping[str, Any], stamp: Stamp) -> None:
        """Raises ValidationError if the fields do not go together, or make no message."""
        self.document = take(MESSAGE, self.document, self.ledger, fields, lambda *_: stamp)


class PartState:
    """A variant has no document."""

    def __init__(self, ledger: PartLedger | None) -> None:
        self.document = None
        self.ledger = ledger or PartLedger()


STATES: Mapping[str, tuple[Callable[[Any, Any], State], type[Ledger]]] = {
    "recipient": (Person, PersonLedger),
    "product": (ProductState, ProductLedger),
    "order": (OrderState, OrderLedger),
    "message": (MessageState, Ledger),
}

Act = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to a state, on account of the events of these numbers."""

    events: tuple[int, ...]
    act: Act


@dataclass(slots=True)
class Report:
    """The numbers of events of which something was done, of those that changed anything, and what
    was refused of which."""

    done: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    refused: dict[int, list[BadField]] = field(default_factory=dict)

    def refuse(self, events: Iterable[int], fields: Iterable[BadField]) -> None:
        fields = tuple(fields)
        for event in events if fields else ():
            self.refused.setdefault(event, []).extend(fields)

    def add(self, other: "Report") -> None:
        self.done |= other.done
        self.changed |= other.changed
        for event, fields in other.refused.items():
            self.refuse((event,), fields)


class UnknownError(Exception):
    """There is no such document, and the event does not make it."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.field = BadField(kind, name, f"a {kind} that is known")


class Plan:
    """Deeds by the kind and name of a document, and by variants."""

    def __init__(self, types: AttributeTypes, context: dict[str, Any]) -> None:
        self._types = types
        self._context = context
        self.report = Report()
        self._parted: dict[str, dict[str, PartLedger]] = {}
        self.deeds: dict[str, dict[str, list[Deed]]] = {
            kind: defaultdict(list) for kind in (*STATES, "part")
        }

    def do(self, kind: str, name: str, events: tuple[int, ...], act: Act) -> None:
        self.deeds[kind][name].append(Deed(events, act))

    def add(self, event: int, happening: Happening, stamp: Stamp) -> None:
        """Plan what a happening of an event does."""
        one = (event,)
        match happening:
            case Changed(kind, name, fields):
                if good := self._checked(event, kind, fields):
                    self.do(kind, name, one, partial(_take, good, happening, stamp))
            case Ordered() | Refunded():
                self._add_to_order(event, happening, stamp)
            case Parts(product, listed, totals):
                self.do("product", product, one, lambda state: state.divide(happening, stamp))
                for part in {*(listed or ()), *totals}:
                    self.do("part", part, one, lambda state: state.ledger.belong(product))
            case Level(part, place, left):
                self.do("part", part, one, lambda state: state.ledger.level(place, left, stamp))
            case Gone(product, gone):
                self.do("product", product, one, lambda state: state.end(stamp, gone=gone))
            case Listed(_, name, item) if not self._checked(event, "recipient", {name: [item]}):
                pass
            case _:
                self.do("recipient", happening.person, one, _befalls(happening, stamp))

    def _add_to_order(self, event: int, happening: Ordered | Refunded, stamp: Stamp) -> None:
        fields: Mapping[str, Any] = {}
        if isinstance(happening, Ordered):
            fields = self._checked(event, "order", happening.fields)

        def act(state: OrderState) -> None:
            state.note_person(happening.person)
            if isinstance(happening, Refunded):
                state.refund(happening.refund, happening.lines)
            else:
                state.take(fields, stamp)
                state.order(happening, stamp)

        self.do("order", happening.order, (event,), act)

    def _checked(self, event: int, kind: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        good, bad = check(KINDS[kind], fields, self._types, self._context)
        self.report.refuse((event,), bad)
        return good

    def note_order(self, order: str, ledger: OrderLedger) -> None:
        """Plan what an order means to its people."""
        if (entry := ledger.entry) is not None:
            for person in ledger.people:
                self.do(
                    "recipient", person, self._events("order", order),
                    lambda state: state.have_order(order, entry),
                )  # fmt: skip

    def note_part(self, part: str, ledger: PartLedger) -> None:
        """Plan what a variant's stock means to its product, once for all of them."""
        if (product := ledger.product) is None:
            return
        if product not in self._parted:
            parted = self._parted[product] = {}

            def act(state: ProductState) -> None:
                for name, known in parted.items():
                    state.have_part(name, known.levels, known.number)

            events = {event for name in self.deeds["part"] for event in self._events("part", name)}
            self.do("product", product, tuple(events), act)
        self._parted[product][part] = ledger

    def _events(self, kind: str, name: str) -> tuple[int, ...]:
        """Those on account of which something is done to a document."""
        return tuple({event: None for deed in self.deeds[kind][name] for event in deed.events})


def _take(fields: Mapping[str, Any], happening: Changed, stamp: Stamp, state: Any) -> None:
    if state.document is None and not happening.create:
        raise UnknownError(happening.kind, happening.name)
    state.take(fields, stamp)


def _befalls(
    happening: CartStated | CartChanged | Listed | Bought | Returned | Withdrawn, stamp: Stamp
) -> Callable[[Person], None]:
    match happening:
        case CartStated(_, lines):
            return lambda person: person.state_cart(lines, stamp)
        case CartChanged(_, product, change):
            return lambda person: person.change_cart(product, change, stamp)
        case Listed(_, name, item, present):
            return lambda person: person.put_on_list(name, item, stamp, present=present)
        case Bought(_, product):
            return lambda person: person.buy(product, stamp)
        case Returned(_, product):
            return lambda person: person.give_back(product, stamp)
        case Withdrawn():
            return lambda person: person.withdraw(stamp)


def perform(state: State, deeds: Iterable[Deed]) -> Report:
    """Do to a state what is to be done. What cannot be done leaves it as it was."""
    report = Report()
    document, ledger = state.document, _written(state.ledger)
    for deed in deeds:
        try:
            deed.act(state)
        except ValidationError as error:
            report.refuse(deed.events, refused(error, {}).fields)
            state.document, state.ledger = document, type(state.ledger).model_validate_json(ledger)
            continue
        except UnknownError as error:
            report.refuse(deed.events, (error.field,))
            continue
        report.done.update(deed.events)
        if state.document != document or _written(state.ledger) != ledger:
            report.changed.update(deed.events)
            if isinstance(state.ledger, OrderLedger | PartLedger):
                state.ledger.number += 1
            document, ledger = state.document, _written(state.ledger)
    return report


def _written(ledger: BaseModel) -> str:
    return ledger.model_dump_json(exclude_defaults=True)
