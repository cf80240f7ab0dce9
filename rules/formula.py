"""Conditions as formulas over finitely many values, to search for facts under which they hold.

What a condition can tell apart is finite: of a number only whether it is below, at or above each
constant, of a list only which of some values it holds. So each fact becomes a variable with one
value for each case. Where cases cannot be told apart exactly (the ends of a text that is not
known, times that are compared with now, clocks of different places) they are taken to be
independent: a search may then find what cannot be, but never misses what can. Facts that are there
are taken to be fresh, of their type, and in the currency that they are compared in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from math import floor
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from rules.compile import constants_of, fold
from rules.facts import Declared, FactKey, FactType, Field, Money
from rules.nodes import PERSON, Known, Node, leaves
from rules.offer import Offer
from rules.tree import (
    Amount,
    Between,
    CasedNode,
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


def variables(formula: Formula) -> frozenset[Variable]:
    """All on which a formula may depend."""
    match formula:
        case Case() | Combined():
            own = {formula.variable} if isinstance(formula, Case) else set()
            return frozenset(own).union(*map(variables, formula.of))
        case _:
            return frozenset()


def needed(formula: Formula) -> frozenset[Variable]:
    """Variables each of which keeps a formula from being TRUE by its first value."""
    match formula:
        case Case(of=(False | None, *_)):
            return frozenset({formula.variable})
        case Combined(op="all"):
            return frozenset().union(*map(needed, formula.of))
        case _:
            return frozenset()


MOST_CELLS = 50_000
"""Of what is asked of one fact: constants times comparisons."""

Scale = tuple[FactKey, object]
"""A fact, and the type, currency or clock of what it can be compared with."""


class Text(NamedTuple):
    """A text, by its letters without their case (None: none that is named), and by itself."""

    folded: str | None
    text: str | None


class Beside(NamedTuple):
    """A value on a line: a constant, or what lies between two of them; of money in a currency."""

    after: Any
    before: Any
    currency: str | None = None


Line = Sequence[Text | Beside]
Compared = Equality | Comparison | Between | Membership | TextMatch | TimeComparison


class World:
    """All that the nodes of a block can tell apart, as variables."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._constants: dict[Scale, set[Any]] = {}
        self._asked: Counter[Scale] = Counter()
        self._percents: dict[str, set[float]] = {}
        self._lines: dict[Scale, Line | None] = {}
        self._formulas: dict[tuple[int, str], Formula] = {}

    def note(self, node: Node, offer: Offer | None) -> None:
        """Learn what a node of a variant with this offer tells apart, before any formula is asked
        for."""
        for leaf in leaves(node):
            if isinstance(leaf, Share):
                self._percents.setdefault(leaf.salt, set()).add(leaf.percent)
            elif not isinstance(leaf, Known):
                for scale, constants in self._scales(leaf, _key(leaf.key, offer)).items():
                    self._constants.setdefault(scale, set()).update(constants)
                    self._asked[scale] += 1

    def formula(self, node: Node, offer: Offer | None) -> Formula:
        """The same object for the same node: those that are asked about stay as they are."""
        place = (id(node), (offer and offer.product) or "")
        if place not in self._formulas:
            self._formulas[place] = self._formula(node, offer)
        return self._formulas[place]

    def _formula(self, node: Node, offer: Offer | None) -> Formula:
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
        kind = key.type(self._declared)
        match leaf:
            case ListContains(values=values):
                members = tuple(_holds(key, value) for value in values)
                if leaf.op == "contains_none":
                    return Combined("not", (Combined("any", members),))
                return Combined("all" if leaf.op == "contains_all" else "any", members)
            case TextMatch(value=value) if kind is FactType.TEXTS:
                return _holds(key, value)
            case Equality(value=bool(value)) if kind is FactType.BOOLEAN:
                equal = _holds(_PURCHASES, key.product) if _is_purchase(key) else _holds(key, True)
                return equal if value is (leaf.op == "equals") else Combined("not", (equal,))
            case Within() | TimeComparison(value="now" | "today"):
                return _independent(leaf)
        for scale in self._scales(leaf, key):
            line = self._line(scale)
            if line is None:
                return _independent(leaf)
            return Case(scale, tuple(_told(cast("Compared", leaf), place) for place in line))
        return None  # the fact is of another type by now

    def _scales(self, leaf: Leaf, key: FactKey) -> Mapping[Scale, Iterable[Any]]:
        """What a leaf compares a fact with, by what can be compared with each other."""
        kind = key.type(self._declared)
        if isinstance(leaf, TimeComparison):
            point = parse_point(leaf.value)
            if isinstance(point, str) or kind not in (FactType.INSTANT, FactType.DATE):
                return {}
            return {(key, _clock(point)): (point,)}
        if isinstance(leaf, TextMatch):
            return {(key, kind): ()} if kind is FactType.TEXT else {}
        if isinstance(leaf, Equality | Comparison | Between | Membership):
            kind, constants = constants_of(leaf, self._declared)
            if kind in (FactType.DATE, FactType.INSTANT):
                return {(key, _clock(constants[0])): constants}
            if kind in (FactType.TEXT, FactType.NUMBER, FactType.MONEY):
                return {(key, kind): constants}
        return {}

    def _line(self, scale: Scale) -> "Line | None":
        """The cases that the constants on a scale tell apart; None if that would take too long."""
        if scale not in self._lines:
            constants = self._constants[scale]
            key, kind = scale
            known_to_be = key.registered or Field(FactType.TEXT)
            if len(constants) * self._asked[scale] > MOST_CELLS:
                self._lines[scale] = None
            elif kind is FactType.TEXT:
                self._lines[scale] = _texts(constants, known_to_be)
            elif kind is FactType.MONEY:
                self._lines[scale] = _amounts(constants, known_to_be)
            else:
                self._lines[scale] = _between(sorted(constants), known_to_be)
        return self._lines[scale]


_PURCHASES = FactKey("recipient", "purchases")
_ENDLESS = None


def _is_purchase(key: FactKey) -> bool:
    return key.field == "bought" and key.source == "product"


def _key(key: FactKey, offer: Offer | None) -> FactKey:
    return key.of(offer.product) if offer and offer.product else key


def _clock(point: date) -> str:
    """Days, and times on the recipient's clock, are other instants in each place."""
    if not isinstance(point, datetime):
        return "day"
    return "instant" if point.tzinfo else "clock"


def _known(key: FactKey, offer: Offer | None, absent: Truth, there: Formula) -> Formula:
    """What it comes to where a fact is absent, and where it is there."""
    if key.source == "offer" and offer is None:
        return absent
    return Case(known(_key(key, offer)), (absent, there))


_IN_ZONE = FactKey("now", "date")


def known(key: FactKey) -> Variable:
    """The variable that tells whether a fact is known: 0 is not, 1 is. Where there is a time zone,
    all that depends on it is known, be it the recipient's own or the block's."""
    in_zone = key.source == "now" and key.field != "instant"
    return ("known", _IN_ZONE if in_zone else key.rests_on)


def lacking(keys: Iterable[FactKey]) -> Mapping[Variable, int]:
    """That none of some facts is known."""
    unknown = {known(key): 0 for key in keys}
    return unknown | ({known(_IN_ZONE): 0} if known(_IN_ZONE.rests_on) in unknown else {})


def _holds(key: FactKey, value: object) -> Case:
    """Whether a list holds a value, or a fact has it."""
    return Case((key, value), (False, True))


def _independent(leaf: Leaf) -> Case:
    return Case(("leaf", leaf.model_dump_json()), (False, True))


def _texts(constants: Iterable[str], known_to_be: Field) -> Sequence[Text]:
    if known_to_be.choices:
        return [Text(fold(text), text) for text in known_to_be.choices]
    named = sorted(constants)
    in_other_case = dict.fromkeys(map(fold, named))
    return [
        *(Text(fold(text), text) for text in named),
        *(Text(folded, None) for folded in in_other_case),
        Text(None, None),
    ]


def _amounts(constants: Iterable[Money], known_to_be: Field) -> Sequence[Beside]:
    """All of an amount's currencies: it is in one of them."""
    by_currency: dict[str, list[Decimal]] = {}
    for amount, currency in sorted(constants):
        by_currency.setdefault(currency, []).append(amount)
    return [
        place._replace(currency=currency)
        for currency, amounts in by_currency.items()
        for place in _between(amounts, known_to_be)
    ]


def _between(constants: Sequence[Any], known_to_be: Field) -> Sequence[Beside]:
    """Each constant and what lies around it, as far as the fact can have such a value."""
    line: list[Beside] = []
    for after, before in pairwise((_ENDLESS, *constants, _ENDLESS)):
        if _is_room(after, before, known_to_be):
            line.append(Beside(after, before))
        if before is not _ENDLESS and _is_possible(before, known_to_be):
            line.append(Beside(before, before))
    return line


def _is_possible(value: Any, known_to_be: Field) -> bool:
    least, most = known_to_be.least, known_to_be.most
    return (
        (least is None or value >= least)
        and (most is None or value < most)
        and (not known_to_be.whole or value == floor(value))
    )


def _is_room(after: Any, before: Any, known_to_be: Field) -> bool:
    """Whether a fact can have a value between these two."""
    least, most, is_last = known_to_be.least, known_to_be.most, before is _ENDLESS
    if most is not None and after is not _ENDLESS and after >= most:
        return False
    if least is not None and (after is _ENDLESS or after < least):
        return bool(is_last or least < before)
    if after is _ENDLESS:
        return bool(before != date.min)
    if is_last:
        return bool(after != date.max)
    if known_to_be.whole:
        return bool(floor(after) + 1 < before)
    if type(after) is date:
        return bool((before - after).days > 1)
    return True


def _told(leaf: Compared, place: Text | Beside) -> Formula:
    """What a leaf says of a fact with this value."""
    if isinstance(place, Beside):
        return _compared(leaf, place) if place.currency == _currency(leaf) else None
    if isinstance(leaf, TextMatch):
        if place.text is None:
            return _independent(leaf)
        case = fold if leaf.ignore_case else str
        return _MATCHES[leaf.op](case(place.text), case(leaf.value))
    values = [str(value) for value in _values(leaf)]
    if isinstance(leaf, CasedNode) and leaf.ignore_case:
        among = place.folded in {*map(fold, values)}
    else:
        among = place.text in values
    return among is (leaf.op in ("equals", "in"))


_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": str.__contains__,
}


def _compared(leaf: Compared, place: Beside) -> bool:
    values = _values(leaf)
    least, most = values[0], values[-1]
    match leaf.op:
        case "between":
            return not _is_below(place, least) and not _is_above(place, most)
        case "equals" | "not_equals" | "in" | "not_in":
            is_one = any(_is_at(place, value) for value in values)
            return is_one is (leaf.op in ("equals", "in"))
        case "above" | "after":
            return _is_above(place, least)
        case "below" | "before":
            return _is_below(place, least)
        case "at_least":
            return not _is_below(place, least)
        case _:
            return not _is_above(place, least)


def _values(leaf: Compared) -> Sequence[Any]:
    match leaf:
        case Between():
            return (leaf.least, leaf.most)
        case Membership():
            return leaf.values
        case _:
            return (leaf.value,)


def _currency(leaf: Compared) -> str | None:
    first = _values(leaf)[0]
    return first.currency if isinstance(first, Amount) else None


def _is_at(place: Beside, value: Any) -> bool:
    constant = _comparable(value)
    return bool(place.after == constant == place.before)


def _is_below(place: Beside, value: Any) -> bool:
    constant = _comparable(value)
    return bool(
        place.before is not _ENDLESS and place.before <= constant and not _is_at(place, value)
    )


def _is_above(place: Beside, value: Any) -> bool:
    constant = _comparable(value)
    return bool(
        place.after is not _ENDLESS and place.after >= constant and not _is_at(place, value)
    )


def _comparable(value: Any) -> Any:
    match value:
        case Amount():
            return value.amount
        case str():
            return parse_point(value)
        case _:
            return value


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
        if not undecided or (holds is True and spoils is False):
            return holds is True
        case = undecided[0]
        for value in reversed(range(len(case.of))):  # what is known first
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
