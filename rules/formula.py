"""Conditions as formulas over finitely many values, to search for facts under which they hold.

What a condition can tell apart is finite: of a number only whether it is below, at or above each
constant, of a list only which of some values it holds. So each fact becomes a variable with one
value for each case. Where cases cannot be told apart exactly (the ends of a text that is not
known, times that are compared with now) they are taken to be independent: a search may then find
what cannot be, but never misses what can. Facts that are there are taken to be fresh, and of their
type.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

from rules.compile import compile_condition, constants_of
from rules.facts import Declared, FactKey, Facts, FactType, Field, Money, Value
from rules.moment import Moment
from rules.nodes import PERSON, Known, Node, leaves
from rules.offer import Offer
from rules.tree import (
    Between,
    Comparison,
    Equality,
    Group,
    Leaf,
    ListContains,
    Membership,
    Not,
    Presence,
    Share,
    TextMatch,
    TimeComparison,
    Within,
    parse_point,
)
from rules.truth import Truth, conjunction, disjunction, negation

OTHER = "\N{OBJECT REPLACEMENT CHARACTER}"
"""A text that is none of those that a condition names."""

Variable = tuple[object, ...]
Assignment = dict[Variable, int]


@dataclass(frozen=True, slots=True)
class Case:
    """What a leaf comes to for each value of a variable."""

    variable: Variable
    of: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Combined:
    """All, any or the negation of formulas."""

    op: str
    of: tuple["Formula", ...]


Formula = Case | Combined | Truth


class World:
    """All that the nodes of a block can tell apart, as variables."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._constants: dict[FactKey, list[Value]] = {}
        self._percents: dict[str, set[float]] = {}
        self._domains: dict[FactKey, Sequence[Value]] = {}

    def note(self, node: Node, offer: Offer | None) -> None:
        """Learn what a node of a variant with this offer tells apart, before any formula is asked
        for."""
        for leaf in leaves(node):
            if isinstance(leaf, Share):
                self._percents.setdefault(leaf.salt, set()).add(leaf.percent)
            elif not isinstance(leaf, Known):
                constants = self._constants.setdefault(_key(leaf.key, offer), [])
                constants.extend(_constants(leaf, self._declared))

    def formula(self, node: Node, offer: Offer | None) -> Formula:
        match node:
            case Group():
                return Combined(node.op, tuple(self.formula(one, offer) for one in node.of))
            case Not():
                return Combined("not", (self.formula(node.of, offer),))
            case Known():
                return Combined("all", tuple(_known(key, offer, None, True) for key in node.keys))
            case Share():
                bounds = sorted({0.0, *self._percents[node.salt]} - {100.0})
                among = tuple(bound < node.percent for bound in bounds)
                return _known(PERSON, offer, None, Case(("share", node.salt), among))
            case Presence():
                return _known(node.key, offer, node.op != "is_set", node.op == "is_set")
        return _known(node.key, offer, None, self._comparison(node, _key(node.key, offer)))

    def _comparison(self, leaf: Leaf, key: FactKey) -> Formula:
        """Of a fact that is known."""
        match leaf:
            case ListContains(values=values):
                members = tuple(_holds(key, value) for value in values)
                if leaf.op == "contains_none":
                    return Combined("not", (Combined("any", members),))
                return Combined("all" if leaf.op == "contains_all" else "any", members)
            case TextMatch(value=value) if key.type(self._declared) is FactType.TEXTS:
                return _holds(key, value)
            case Equality(value=bool(value)):
                equal = _holds(_PURCHASES, key.product) if _is_purchase(key) else _holds(key, True)
                return equal if value is (leaf.op == "equals") else Combined("not", (equal,))
            case Within() | TimeComparison(value="now" | "today"):
                return _independent(leaf)
        test = compile_condition(leaf, self._declared, key.product or None).test
        return Case((key,), tuple(_told(leaf, test, key, one) for one in self._domain(key)))

    def _domain(self, key: FactKey) -> Sequence[Value]:
        if key not in self._domains:
            constants = self._constants[key]
            self._domains[key] = tuple(_cases(key, key.type(self._declared), constants))
        return self._domains[key]


_PURCHASES = FactKey("recipient", "purchases")


def _is_purchase(key: FactKey) -> bool:
    return key.field == "bought" and key.source == "product"


def _key(key: FactKey, offer: Offer | None) -> FactKey:
    return key.of(offer.product) if offer and offer.product else key


def _known(key: FactKey, offer: Offer | None, absent: Truth, there: Formula) -> Formula:
    """What it comes to where a fact is absent, and where it is there."""
    if key.source == "offer" and offer is None:
        return absent
    return Case(known(_key(key, offer)), (absent, there))


def _told(
    leaf: Leaf, test: Callable[[Facts, str | None], Truth], key: FactKey, value: Value
) -> Formula:
    if value is OTHER and isinstance(leaf, TextMatch):
        return _independent(leaf)
    return test(_with(key, value), _OFFER)


_OFFER = "offer"


def _constants(leaf: Leaf, declared: Declared) -> Sequence[Value]:
    """What a leaf compares its fact with."""
    if isinstance(leaf, TimeComparison):
        point = parse_point(leaf.value)
        return () if isinstance(point, str) else (point,)
    if isinstance(leaf, Equality | Comparison | Between | Membership):
        return constants_of(leaf, declared)[1]
    return ()


def known(key: FactKey) -> Variable:
    """The variable that tells whether a fact is known: 0 is not, 1 is."""
    return ("known", key.rests_on)


def _holds(key: FactKey, value: object) -> Case:
    """Whether a list holds a value, or a fact has it."""
    return Case((key, value), (False, True))


def _independent(leaf: Leaf) -> Case:
    return Case(("leaf", leaf.model_dump_json()), (False, True))


def _cases(key: FactKey, kind: FactType | None, constants: Sequence[Value]) -> Iterable[Value]:
    """One value for each case that the constants tell apart."""
    known_to_be = key.registered or Field(FactType.TEXT)
    match kind:
        case FactType.TEXT:
            named = dict.fromkeys(case for text in constants for case in (text, text.swapcase()))
            return known_to_be.choices or (*named, OTHER)
        case FactType.NUMBER:
            least, most = known_to_be.least, known_to_be.most
            if known_to_be.whole:
                constants = [whole(one) for one in constants for whole in (floor, ceil)]
            numbers = _around(constants, 1, whole=known_to_be.whole)
            return [
                number
                for number in numbers
                if (least is None or number >= least) and (most is None or number < most)
            ]
        case FactType.MONEY:
            return list(_amounts(constants))
        case FactType.DATE:
            return list(_around(constants, _DAY, whole=True))
        case _:
            return list(_around(map(_start, constants), _DAY, whole=False))


def _amounts(constants: Sequence[Money]) -> Iterator[Money]:
    for currency in dict.fromkeys(money.currency for money in constants):
        amounts = [money.amount for money in constants if money.currency == currency]
        for amount in _around(amounts, Decimal(1), whole=False):
            if amount >= 0:
                yield Money(amount, currency)


_DAY = timedelta(days=1)


def _around(constants: Iterable[Any], step: Any, *, whole: bool) -> Iterator[Any]:
    """Each constant, what lies a step before and after it, and between it and the next."""
    ordered = sorted(set(constants))
    for place, number in enumerate(ordered):
        yield from (number - step, number, number + step)
        if not whole and place + 1 < len(ordered):
            yield number + (ordered[place + 1] - number) / 2


def _start(point: date) -> datetime:
    """A point as an instant, as if all people were in one place."""
    if not isinstance(point, datetime):
        return datetime(point.year, point.month, point.day, tzinfo=UTC)
    return point if point.tzinfo else point.replace(tzinfo=UTC)


_PLACE = Moment(zone=UTC)


def _with(key: FactKey, value: Value) -> Facts:
    """Facts of which only one is known, and the place."""
    match key.source:
        case "product" | "offer":
            return Facts(products={key.product or _OFFER: {key.field: value}}, moment=_PLACE)
        case "now":
            moment = SimpleNamespace(zone=UTC, at=None, **{key.field: value})
            return Facts(moment=cast("Moment", moment))
        case "shown":
            return Facts(shown={key.field: value})
        case source:
            person = value if (source, key.field) == ("recipient", "id") else ""
            record = cast("Any", {source: {key.field: value}})
            return Facts(person=person, moment=_PLACE, **record)


class Search:
    """Looks for facts under which formulas hold. It gives up after `most` formulas looked at for
    one question, or `most_together`."""

    def __init__(self, most: int, most_together: int) -> None:
        self._most = most
        self._together = most_together
        self._left = 0

    def possible(
        self,
        wanted: Formula,
        unwanted: Formula = False,
        given: Mapping[Variable, int] = MappingProxyType({}),
    ) -> bool:
        """Whether `wanted` can be TRUE while `unwanted` is not. True as well where that was not
        found out in time."""
        self._left = min(self._most, self._together)
        self._together -= self._left
        found = self._search(wanted, unwanted, dict(given))
        self._together += max(self._left, 0)
        return found

    def _search(self, wanted: Formula, unwanted: Formula, assigned: Assignment) -> bool:
        undecided: list[Case] = []
        holds = self._value(wanted, assigned, undecided)
        spoils = self._value(unwanted, assigned, undecided)
        if self._left < 0:
            return True
        if holds is False or spoils is True:
            return False
        if not undecided:
            return holds is True
        case = undecided[0]
        for value in range(len(case.of)):
            assigned[case.variable] = value
            if self._search(wanted, unwanted, assigned):
                return True
        del assigned[case.variable]
        return False

    def _value(self, formula: Formula, assigned: Assignment, undecided: list[Case]) -> Truth:
        """What a formula comes to, as far as its variables have values; the cases that have none
        are added to `undecided`."""
        self._left -= 1
        match formula:
            case Case():
                value = assigned.get(formula.variable)
                if value is None:
                    undecided.append(formula)
                    return None
                return self._value(formula.of[value], assigned, undecided)
            case Combined(op="not"):
                return negation(self._value(formula.of[0], assigned, undecided))
            case Combined():
                combine = conjunction if formula.op == "all" else disjunction
                return combine(self._value(one, assigned, undecided) for one in formula.of)
            case _:
                return formula
