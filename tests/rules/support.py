"""Conditions and facts for the tests of rules: read from JSON, or drawn by hypothesis."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from rules.facts import STALE, Facts, FactType, Money, Record, Selector, Value, parse_key
from rules.moment import Moment
from rules.offer import Offer
from rules.schedule import Schedule
from rules.tree import Condition, children, parse_condition
from rules.truth import Truth
from rules.variant import Cap, Rules, Variant

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A law takes as long as a busy machine needs."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

TRUTHS: tuple[Truth, ...] = (True, False, None)
truths = st.sampled_from(TRUTHS)

DECLARED: Mapping[str, FactType] = {
    **{f"recipient.attributes.{kind}": kind for kind in FactType},
    "recipient.attributes.a": FactType.TEXT,
    "message.parameters.a": FactType.TEXT,
    "order.attributes.a": FactType.NUMBER,
    "product.attributes.a": FactType.TEXT,
    "source.s.a": FactType.NUMBER,
    "source.s.at": FactType.INSTANT,
}


def condition(tree: Mapping[str, Any]) -> Condition:
    return parse_condition(json.dumps(tree), DECLARED)


def leaves(node: Condition) -> list[Condition]:
    below = children(node)
    return [leaf for child in below for leaf in leaves(child)] if below else [node]


# A small world, so that conditions and facts often meet.

IDS = ("p", "q")
ids = st.sampled_from(IDS)
offers = st.none() | ids

EUR, SEK = "EUR", "SEK"
_MONEY = [{"amount": amount, "currency": EUR} for amount in ("1", "2.50", "9")]
_DAYS = ["2026-03-29", "2026-10-25", "2028-02-29"]
_INSTANTS = ["2026-03-29T00:30+00:00", "2026-10-25T00:30+00:00", "2028-02-29T12:00+02:00"]
ENDS_OF_TIME = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
CONSTANTS: Mapping[FactType, list[Any]] = {
    FactType.TEXT: ["x", "y", "straße", "Õ"],
    FactType.NUMBER: [0, 1, 2, 0.5, 1e28],
    FactType.BOOLEAN: [True, False],
    FactType.MONEY: _MONEY,
    FactType.DATE: _DAYS,
    FactType.INSTANT: _INSTANTS,
    FactType.TEXTS: ["x", "y", "p"],
}
_VALUES: Mapping[FactType, list[Value]] = {
    FactType.TEXT: ["x", "X", "y", "STRASSE", "õ", "xy", ""],
    FactType.NUMBER: [0, 1, 2, 0.5, 1.0, -1, 1e308, 10**30, float("nan")],
    FactType.BOOLEAN: [True, False],
    FactType.MONEY: [Money(Decimal(text), EUR) for text in ("1", "2.5", "9", "0")]
    + [Money(Decimal(1), SEK)],
    FactType.DATE: [date.fromisoformat(text) for text in _DAYS] + [date(2026, 3, 28)],
    FactType.INSTANT: [datetime.fromisoformat(text) for text in _INSTANTS]
    + [datetime(2026, 3, 28, 23, tzinfo=UTC), *ENDS_OF_TIME],
    FactType.TEXTS: [(), ("x",), ("x", "y"), frozenset({"p", "x"}), frozenset()],
    FactType.LOCALISED: [{"en": "x"}],
}
_STORED: Mapping[FactType, list[Value]] = {
    FactType.MONEY: [{"amount": "2.5", "currency": EUR}, {"amount": "2.5"}],
    FactType.DATE: [*_DAYS, "2026-02-30"],
    FactType.INSTANT: [*_INSTANTS, "2026-03-29T00:30"],
}
"""Attributes as JSON has them."""
_WRONG: list[Value] = [True, 3, "x", ("x",), {"en": "x"}, STALE, None]
FACTS: Mapping[str, FactType] = {
    "recipient.first_name": FactType.TEXT,
    "recipient.purchases": FactType.TEXTS,
    "message.sent_at": FactType.INSTANT,
    "order.expected": FactType.DATE,
    "order.total": FactType.MONEY,
    "offer.stock": FactType.NUMBER,
    "offer.price": FactType.MONEY,
    "offer.title": FactType.LOCALISED,
    "offer.bought": FactType.BOOLEAN,
    "product.p.repeated": FactType.BOOLEAN,
    "product.p.stock": FactType.NUMBER,
    "product.p.attributes.a": FactType.TEXT,
    "now.instant": FactType.INSTANT,
    "now.date": FactType.DATE,
    "now.hour": FactType.NUMBER,
    "shown.v": FactType.NUMBER,
    **DECLARED,
}
del FACTS["product.attributes.a"]  # type: ignore[attr-defined]


def _facts(*kinds: FactType) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, kind in FACTS.items() if kind in kinds])


@st.composite
def _compared(draw: st.DrawFn) -> dict[str, Any]:
    """A leaf of an operator that compares a fact with constants of its type."""
    op = draw(st.sampled_from(sorted(_TYPES)))
    fact = draw(_facts(*_TYPES[op]))
    constants = CONSTANTS[FACTS[fact]]
    constant = st.sampled_from(constants[:-1] if fact == "now.hour" else constants)
    match op:
        case "between":
            ends = draw(st.tuples(constant, constant))
            least, most = sorted(ends, key=lambda end: end["amount"] if type(end) is dict else end)
            return {"op": op, "fact": fact, "least": least, "most": most}
        case "in" | "not_in" | "contains_any" | "contains_all" | "contains_none":
            values = draw(st.lists(constant, min_size=1, max_size=3))
            leaf: dict[str, Any] = {"op": op, "fact": fact, "values": values}
        case _:
            leaf = {"op": op, "fact": fact, "value": draw(constant)}
    if FACTS[fact] is FactType.TEXT and draw(st.booleans()):
        leaf["ignore_case"] = True
    return leaf


_EQUATED = (FactType.TEXT, FactType.NUMBER, FactType.BOOLEAN, FactType.MONEY, FactType.DATE)
_TYPES: Mapping[str, tuple[FactType, ...]] = {
    **dict.fromkeys(("equals", "not_equals"), _EQUATED),
    **dict.fromkeys(("above", "at_least", "below", "at_most"), (FactType.NUMBER, FactType.MONEY)),
    "between": (FactType.NUMBER, FactType.MONEY, FactType.DATE, FactType.INSTANT),
    **dict.fromkeys(("in", "not_in"), (FactType.TEXT, FactType.NUMBER)),
    **dict.fromkeys(("contains_any", "contains_all", "contains_none"), (FactType.TEXTS,)),
    "contains": (FactType.TEXT, FactType.TEXTS),
    **dict.fromkeys(("starts_with", "ends_with"), (FactType.TEXT,)),
}
_times = _facts(FactType.INSTANT, FactType.DATE)


@st.composite
def _timed(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(_times)
    is_day = FACTS[fact] is FactType.DATE
    if draw(st.booleans()):
        points = [*_DAYS, "today"]
        points += [] if is_day else [*_INSTANTS, "now", "2026-10-25T03:30", "2026-03-29T03:30"]
        op = draw(st.sampled_from(["before", "after"]))
        return {"op": op, "fact": fact, "value": draw(st.sampled_from(points))}
    durations = ["P1D", "P1M", "P1Y2M", "P2W"] + ([] if is_day else ["PT36H", "P1DT1H", "PT0S"])
    op = draw(st.sampled_from(["within_last", "within_next"]))
    return {"op": op, "fact": fact, "duration": draw(st.sampled_from(durations))}


_shares = st.builds(
    lambda percent, salt: {"op": "share", "percent": percent, "salt": salt},
    st.sampled_from([0, 12.5, 50, 100]),
    st.sampled_from(["s", "t"]),
)
_valued = _compared() | _timed() | _shares
_presences = st.builds(
    lambda op, fact: {"op": op, "fact": fact},
    st.sampled_from(["is_set", "is_not_set"]),
    st.sampled_from(list(FACTS)),
)


def _trees(of: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Condition]:
    def grow(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        members = st.lists(inner, min_size=1, max_size=3)
        groups = st.builds(
            lambda op, of: {"op": op, "of": of}, st.sampled_from(["all", "any"]), members
        )
        return groups | inner.map(lambda child: {"op": "not", "of": child})

    return st.recursive(of, grow, max_leaves=6).map(condition)


valued_conditions = _trees(_valued)
"""Without is_set and is_not_set, which alone can tell that a fact is absent."""
conditions = _trees(_valued | _presences)


def _records(source: str) -> st.SearchStrategy[Record]:
    """Facts of the source, most of them of the right type."""
    good = {
        name.removeprefix(source): st.sampled_from(
            _VALUES[kind] * 4 + (_STORED.get(kind, []) if name in DECLARED else []) + _WRONG
        )
        for name, kind in FACTS.items()
        if name.startswith(source) and kind in _VALUES
    }
    return st.fixed_dictionaries(good) | st.fixed_dictionaries({}, optional=good)


_products = _records("offer.").flatmap(
    lambda record: _records("product.p.").map(lambda more: {**record, **more})
)
moments = st.builds(
    Moment,
    st.sampled_from(
        [
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 12, tzinfo=UTC),
            datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
        ]
    ),
    st.sampled_from(
        [None, UTC, *map(ZoneInfo, ("Europe/Tallinn", "Pacific/Kiritimati", "Pacific/Apia"))]
    ),
)
some_facts = st.builds(
    Facts,
    person=st.sampled_from(["", "aino", "leo", "mart"]),
    recipient=_records("recipient."),
    message=_records("message."),
    order=_records("order."),
    source=_records("source."),
    products=st.dictionaries(ids, _products),
    candidates=st.dictionaries(
        st.sampled_from([Selector("similar_to", "p"), Selector("cart")]),
        st.lists(ids, unique=True),
    ),
    moment=moments,
    shown=st.dictionaries(st.just("v"), st.integers(0, 3)),
    offered=st.none() | st.frozensets(ids),
)


# Blocks, and the facts of an open of one

TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOURCES: Sequence[Mapping[str, str]] = (
    {"product": "p"},
    {"product": "q"},
    {"similar_to": "p"},
    {"personal": "cart"},
)
SELECTORS = (Selector("similar_to", "p"), Selector("cart"))
VALUES = tuple(
    map(parse_key, ("order.status", "source.s.a", "offer.stock", "product.p.stock", "now.hour"))
)


def _offer(source: Mapping[str, str], in_stock: bool, not_bought: bool) -> Offer:
    return Offer.model_validate({**source, "in_stock": in_stock, "not_bought": not_bought})


def _variants(asked: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Variant, ...]]:
    variant = st.builds(
        Variant,
        id=st.just(""),
        offer=st.none() | st.builds(_offer, st.sampled_from(SOURCES), st.booleans(), st.booleans()),
        condition=st.none() | asked,
        schedule=st.sampled_from((None, None, Schedule(weekdays=("tuesday",)))),
        cap=st.sampled_from((None, None, Cap(times=1, over="P7D"))),
        weight=st.integers(1, 3),
        values=st.frozensets(st.sampled_from(VALUES), max_size=2),
    )
    return st.lists(variant, max_size=4).map(
        lambda found: tuple(replace(one, id=f"v{n}") for n, one in enumerate(found))
    )


def _blocks(asked: st.SearchStrategy[Any]) -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        _variants(asked),
        marketing=st.booleans(),
        choice=st.sampled_from(("first", "split")),
        hold_out=st.sampled_from((0, 50)),
        no_repeats=st.booleans(),
        salt=st.sampled_from(("s", "t")),
        declared=st.just(DECLARED),
    )


blocks = _blocks(conditions)
valued_blocks = _blocks(valued_conditions)


def with_others(known: Facts, **more: Any) -> Facts:
    """The same facts with others in place of some."""
    return replace(known, **more)


opened = st.builds(
    with_others,
    some_facts,
    person=st.sampled_from(("", "p1", "p2", "p3")),
    candidates=st.dictionaries(
        st.sampled_from(SELECTORS), st.lists(st.sampled_from(IDS), unique=True).map(tuple)
    ),
    moment=st.sampled_from((Moment(), Moment(TUESDAY), Moment(TUESDAY, UTC))),
    shown=st.dictionaries(st.sampled_from(("v0", "v1", "v2")), st.integers(0, 2)),
    arm=st.sampled_from((None, "v0", "v1", "gone")),
    offered=st.none() | st.frozensets(st.sampled_from(IDS)),
)
