"""The law of events: whatever the order in which they are told, and however often, they end in the
same facts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.dated import Dated
from dyncontent.catalog.instants import milliseconds
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import CartLine, Profile, Recipient
from dyncontent.ingest.happenings import (
    Bought,
    CartChanged,
    CartStated,
    Changed,
    Event,
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
from dyncontent.ingest.plan import STATES, PartState, Plan, perform
from dyncontent.ingest.stamps import Stamp, digest

START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE, PRODUCTS, ORDERS = ("aino", "eeva"), ("rome", "oslo", "riga"), ("o1", "o2")

people, products, orders = map(st.sampled_from, (PEOPLE, PRODUCTS, ORDERS))
counts = st.integers(0, 3)
lines = st.dictionaries(products, st.integers(1, 3), max_size=3)
instants = st.integers(0, 6).map(lambda hours: START + timedelta(hours=hours))
happenings: st.SearchStrategy[Happening] = st.one_of(
    st.builds(
        Changed,
        kind=st.just("recipient"),
        name=people,
        fields=st.fixed_dictionaries(
            {},
            optional={
                "first_name": st.sampled_from(["A", "B", None]),
                "attributes.plan": st.sampled_from(["x", "y", None]),
            },
        ),
    ),
    st.builds(
        Changed,
        kind=st.just("product"),
        name=products,
        fields=st.fixed_dictionaries(
            {},
            optional={
                "stock": st.one_of(st.none(), counts),
                "title": st.sampled_from("AB"),
                "retired": st.booleans(),
            },
        ),
    ),
    st.builds(
        Changed,
        kind=st.just("order"),
        name=orders,
        fields=st.fixed_dictionaries(
            {"status": st.sampled_from(["received", "shipped", "cancelled"])}
        ),
    ),
    st.builds(CartStated, person=people, lines=lines),
    st.builds(
        CartChanged, person=people, product=products,
        change=st.one_of(st.none(), st.integers(-3, 3)),
    ),
    st.builds(
        Listed, person=people, list=st.sampled_from(["watched", "attributes.viewed"]),
        item=products, present=st.booleans(),
    ),
    st.builds(
        Ordered, order=orders, person=st.one_of(st.none(), people),
        lines=st.one_of(st.none(), lines), at=st.one_of(st.none(), instants),
        is_new=st.booleans(), void=st.sampled_from([None, False, True]),
        fields=st.fixed_dictionaries(
            {}, optional={"status": st.sampled_from(["received", "shipped", "cancelled"])}
        ),
    ),
    st.builds(
        Refunded, order=orders, refund=st.uuids().map(str), lines=st.one_of(st.none(), lines),
        person=st.one_of(st.none(), people),
    ),
    st.builds(Bought, person=people, product=products),
    st.builds(Returned, person=people, product=products),
    st.builds(Withdrawn, person=people),
    st.builds(
        Parts, product=st.just("rome"),
        listed=st.one_of(st.none(), st.sampled_from([("p1",), ("p1", "p2")])),
        totals=st.dictionaries(st.sampled_from(["p1", "p2"]), st.one_of(st.none(), counts)),
    ),
    st.builds(Level, part=st.sampled_from(["p1", "p2"]), place=st.sampled_from("ab"),
              available=counts),
    st.builds(Gone, product=products, gone=st.booleans()),
)  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    told = draw(st.lists(st.tuples(st.lists(happenings, min_size=1, max_size=2), instants),
                         min_size=1, max_size=8))  # fmt: skip
    return [
        Event(str(number), at, tuple(happening))
        for number, (happening, at) in enumerate(told)
    ]  # fmt: skip


@st.composite
def retold(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """Events in their order, and the same in another, some of them again."""
    told = draw(events())
    again = draw(st.lists(st.sampled_from(told), max_size=4))
    return sorted(told, key=lambda event: event.at or START), draw(st.permutations([*told, *again]))


class World:
    """Documents and ledgers in memory, written as the store has them."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], tuple[Any, str | None]] = {}

    def take(self, told: Sequence[Event]) -> None:
        """The events of one request."""
        plan = Plan(AttributeTypes(), {})
        for number, event in enumerate(told):
            assert event.at is not None
            stamp: Stamp = (round(event.at.timestamp() * 1000), 0, digest("s", event.id))
            for happening in event.happenings:
                plan.add(number, happening, stamp)
        for name in plan.deeds["order"]:
            plan.note_order(name, self._perform(plan, "order", name))
        for name in plan.deeds["part"]:
            plan.note_part(name, self._perform(plan, "part", name))
        for kind in ("recipient", "product"):
            for name in plan.deeds[kind]:
                self._perform(plan, kind, name)
        assert not plan.report.refused

    def _perform(self, plan: Plan, kind: str, name: str) -> Any:
        document, raw = self.states.get((kind, name), (None, None))
        if kind == "part":
            ledger = None if raw is None else type(PartState(None).ledger).model_validate_json(raw)
            state: Any = PartState(ledger)
        else:
            make, ledger_type = STATES[kind]
            state = make(document, None if raw is None else ledger_type.model_validate_json(raw))
        plan.report.add(perform(state, plan.deeds[kind][name]))
        written = state.ledger.model_dump_json(exclude_defaults=True)
        self.states[kind, name] = state.document, written
        return state.ledger

    def write(self, kind: str, name: str, change: Callable[[Any], Dated]) -> None:
        """As the control plane does: the document alone."""
        document, raw = self.states.get((kind, name), (None, None))
        self.states[kind, name] = change(document), raw

    @property
    def facts(self) -> Mapping[tuple[str, str], Any]:
        return {
            key: document.told for key, (document, _) in self.states.items() if document is not None
        }


@settings(max_examples=600, deadline=None)
@given(retold())
def test_the_order_of_telling_and_repeats_change_nothing(
    told: tuple[list[Event], list[Event]],
) -> None:
    in_order, shuffled = told
    one, other = World(), World()
    for event in in_order:
        one.take([event])
    for event in shuffled:
        other.take([event])
    assert one.facts == other.facts


@settings(max_examples=200, deadline=None)
@given(retold())
def test_together_or_one_by_one_is_the_same(told: tuple[list[Event], list[Event]]) -> None:
    in_order, shuffled = told
    one, other = World(), World()
    for event in in_order:
        one.take([event])
    other.take(shuffled)
    assert one.facts == other.facts


AT = START + timedelta(hours=3, minutes=30)
_NOW = milliseconds(AT)


def _put(before: Recipient | None) -> Recipient:
    profile = Profile(first_name="C", cart=(CartLine(product="riga", quantity=2),))
    return (before or Recipient()).with_profile(profile).written(_NOW)


def _patch(before: Recipient | None) -> Recipient:
    person = before or Recipient()
    cart = (CartLine(product="rome"),)
    changed = person.replace(cart=cart, watched=None, attributes=person.attributes | {"plan": "z"})
    return changed.written(_NOW, ["cart", "watched", "attributes.plan"], person)


def _purchase(before: Recipient | None) -> Recipient:
    return (before or Recipient()).with_purchase("rome", AT).written(_NOW, ["purchases.rome"])


def _take_back(before: Recipient | None) -> Recipient:
    return (before or Recipient()).without_purchase("rome").written(_NOW, ["purchases.rome"])


def _stock(before: Product | None) -> Product:
    return (before or Product()).replace(stock=7).written(_NOW, ["stock"])


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("recipient", "aino", _put),
        ("recipient", "aino", _patch),
        ("recipient", "aino", _purchase),
        ("recipient", "aino", _take_back),
        ("product", "rome", _stock),
    ],
)
@settings(max_examples=150, deadline=None)
@given(told=retold(), share=st.integers(0, 12))
def test_what_the_control_plane_wrote_stands_against_older_events(
    kind: str,
    name: str,
    change: Callable[[Any], Dated],
    told: tuple[list[Event], list[Event]],
    share: int,
) -> None:
    """However many of the older ones are told before or after it."""
    in_order, shuffled = told
    older = [event for event in shuffled if event.at and event.at < AT]
    one, other = World(), World()
    for world in (one, other):
        world.write("product", "rome", lambda _: Product().written(0))
    for event in in_order:
        if event.at and event.at < AT:
            one.take([event])
    one.write(kind, name, change)
    for event in in_order:
        if event.at and event.at > AT:
            one.take([event])
    for event in older[:share]:
        other.take([event])
    other.write(kind, name, change)
    late = {event.id for event in older[:share]}
    for event in shuffled:
        if event.id not in late:
            other.take([event])
    _settle(one)
    _settle(other)
    assert one.facts == other.facts


def _settle(world: World) -> None:
    """Some newest event of everybody, so that all that is derived is derived anew."""
    later = AT + timedelta(hours=9)
    world.take(
        [
            Event(f"last {person}", later, (Bought(person, "last"), CartChanged(person, "last", 1)))
            for person in PEOPLE
        ]
    )
