"""Conditions as JSONLogic, out and in: a strict profile, which docs/jsonlogic.md lists.

What JSONLogic does not have is one operator of ours, `dyncontent`, that holds a node as it is. A
rule is read as the condition that says the same, or refused: nothing in it is ever passed over.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from pydantic import JsonValue, TypeAdapter, ValidationError

from rules.facts import Declared, FactType, parse_key
from rules.tree import (
    DECLARED,
    MOST_MEMBERS,
    MOST_NODES,
    Amount,
    Between,
    CasedNode,
    Comparison,
    Condition,
    Equality,
    Group,
    Membership,
    Not,
    Presence,
    RootCondition,
    TextMatch,
)

EXTENSION = "dyncontent"
DEEPEST_JSON = 64
MOST_OBJECTS = 5 * MOST_NODES
LONGEST_SHOWN = 60
WIDEST_INTEGER = 2**53
"""As far as JavaScript counts by ones."""
MOST_DIGITS = 4300
"""Of an integer: more than these are neither written nor read as JSON."""

Plain = Equality | Comparison | Between | Membership | TextMatch

_NODE: TypeAdapter[Condition] = TypeAdapter(Condition)
_ROOT: TypeAdapter[Condition] = TypeAdapter(RootCondition)
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_PLAIN_TYPES = (FactType.TEXT, FactType.NUMBER, FactType.BOOLEAN, FactType.TEXTS)
"""What JSON has too."""
_NEVER_EMPTY = (FactType.NUMBER, FactType.BOOLEAN, FactType.TEXTS)
"""What is never an empty text, which `missing` takes for an absent one."""
_GROUPS = {"all": "and", "any": "or"}
_EQUAL = {"equals": "===", "not_equals": "!=="}
_SET = {"is_not_set": "===", "is_set": "!=="}
_ORDER = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_COMPARISONS = {sign: op for op, sign in _ORDER.items()}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class JsonLogicError(ValueError):
    """A rule that no condition says. `path` leads to what is meant, such as `and.1.==.0`, and is
    empty for the whole rule; `value` is what stands there, `message` tells what would be right."""

    def __init__(self, path: str, message: str, value: JsonValue = None) -> None:
        super().__init__(f"at {path}: {message}" if path else message)
        self.path = path
        self.message = message
        self.value = value


def export(condition: Condition, declared: Declared) -> JsonValue:
    """The rule that `parse` reads as this condition."""
    match condition:
        case Group():
            return {_GROUPS[condition.op]: [export(member, declared) for member in condition.of]}
        case Not(of=Membership(op="in")):
            return {"if": [export(condition.of, declared), False, True]}
        case Not():
            return {"!": export(condition.of, declared)}
        case Presence():
            return {_SET[condition.op]: [{"var": condition.fact}, None]}
        case Equality() | Comparison() | Between() | Membership() | TextMatch() if _is_plain(
            condition, declared
        ):
            return _plain(condition)
        case _:
            return {EXTENSION: condition.model_dump(mode="json", exclude_defaults=True)}


def _is_plain(node: Plain, declared: Declared) -> bool:
    """Whether JSONLogic compares such a fact with such constants, and in this way."""
    cased = isinstance(node, CasedNode) and node.ignore_case
    plain = node.key.type(declared) in _PLAIN_TYPES and not cased
    return plain and all(map(_is_exact, _constants(node)))


def _constants(node: Plain) -> tuple[Any, ...]:
    match node:
        case Between():
            return node.least, node.most
        case Membership():
            return node.values
        case _:
            return (node.value,)


def _is_exact(constant: Any) -> bool:
    if type(constant) is int:
        return abs(constant) <= WIDEST_INTEGER
    return not isinstance(constant, Amount)


def _plain(node: Plain) -> dict[str, Any]:
    var = {"var": node.fact}
    match node:
        case Equality():
            return {_EQUAL[node.op]: [var, node.value]}
        case Comparison():
            return {_ORDER[node.op]: [var, node.value]}
        case Between():
            return {"<=": [node.least, var, node.most]}
        case Membership():
            among = {"in": [var, list(node.values)]}
            return among if node.op == "in" else {"!": among}
        case TextMatch(op="contains"):
            return {"in": [node.value, var]}
        case _:
            return {node.op: [var, node.value]}


def parse(rule: JsonValue, declared: Declared, names: Mapping[str, str] = _NO_NAMES) -> Condition:
    """The condition that a rule says. `names` are our facts for another system's variables, such
    as `recipient.attributes.email` for `email`.

    Raises JsonLogicError for a rule that no condition says, and for one beyond the limits.
    """
    _check_size(rule)
    read = _Reader(declared, names).condition(Place(rule))
    try:
        return _ROOT.validate_python(read)
    except ValidationError as error:
        raise JsonLogicError("", _complaint(error)) from None


def _check_size(rule: JsonValue) -> None:
    level, objects = [rule], 0
    for _ in range(DEEPEST_JSON):
        objects += sum(isinstance(value, dict) for value in level)
        if objects > MOST_OBJECTS:
            raise JsonLogicError("", f"a rule has at most {MOST_OBJECTS} objects")
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise JsonLogicError("", f"a rule is at most {DEEPEST_JSON} lists and objects deep")


def _inside(value: JsonValue) -> Iterator[JsonValue]:
    """The lists and objects directly in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from (one for one in inner if isinstance(one, dict | list))


def _complaint(error: ValidationError) -> str:
    """What is wrong with a node, without the union's tag for it."""
    found = (
        f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors()[:5]
    )
    return "; ".join(dict.fromkeys(one.removeprefix(": ") for one in found))


class Place(NamedTuple):
    """A value inside a rule, and where it stands."""

    value: JsonValue
    path: tuple[str | int, ...] = ()

    def refused(self, message: str) -> JsonLogicError:
        return JsonLogicError(".".join(map(str, self.path)), message, self.value)

    @property
    def operator(self) -> str | None:
        match self.value:
            case dict() if len(self.value) == 1:
                return next(iter(self.value))
            case _:
                return None

    @property
    def within(self) -> str:
        """The operator of which this is what it is asked with."""
        return str(self.path[-1])

    def inside(self, key: str | int) -> "Place":
        value: Any = self.value
        return Place(value[key], (*self.path, key))

    def holding(self, value: JsonValue) -> "Place":
        """The same place, with what is read from it."""
        return Place(value, self.path)

    def operands(self) -> list["Place"]:
        """A single one may stand without its list."""
        if isinstance(self.value, list):
            return [self.inside(index) for index in range(len(self.value))]
        return [self]

    def only(self) -> "Place":
        operands = self.operands()
        if len(operands) != 1:
            raise self.refused(f"{self.within} has one operand here, not {len(operands)}")
        return operands[0]

    def constant(self) -> JsonValue:
        if isinstance(self.value, str | int | float):
            return self.value
        raise self.refused(_UNSUPPORTED.get(self.operator or "", f"{self} is no constant: {_FORM}"))

    def sides(self) -> tuple["Place", "Place", bool]:
        """The fact and the constant that are compared, and whether the constant is first."""
        match self.operands():
            case [Place(operator="var") as var, constant]:
                return var, constant, False
            case [constant, Place(operator="var") as var]:
                return var, constant, True
            case sides:
                for side in sides:
                    side.constant()
                raise self.refused(_FORM)

    def written(self) -> str:
        """As JSON."""
        try:
            return json.dumps(self.value)
        except ValueError:
            raise self.refused(f"an integer has at most {MOST_DIGITS} digits") from None

    def __str__(self) -> str:
        shown = self.written()
        return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."


@dataclass(frozen=True, slots=True)
class _Reader:
    """Each method reads a condition from the place of an operator's operands."""

    declared: Declared
    names: Mapping[str, str]

    def condition(self, place: Place) -> Condition:
        operator = place.operator or ""
        read = _READS.get(operator)
        if read is None:
            unknown = f"{place} is no condition, which has one operator of {', '.join(_READS)}"
            raise place.refused(_UNSUPPORTED.get(operator, unknown))
        return read(self, place.inside(operator))

    def group(self, place: Place) -> Condition:
        members = tuple(map(self.condition, place.operands()))
        return _group(place, "all" if place.within == "and" else "any", members)

    def negation(self, place: Place) -> Condition:
        """Of an `in` it is a `not_in`: the `not` of an `in` is written with `if`."""
        negated = self.condition(place.only())
        if isinstance(negated, Membership) and negated.op == "in":
            return negated.model_copy(update={"op": "not_in"})
        return Not(op="not", of=negated)

    def itself(self, place: Place) -> Condition:
        return self.condition(place.only())

    def choice(self, place: Place) -> Condition:
        match place.operands():
            case [test, Place(value=True), Place(value=False)]:
                return self.condition(test)
            case [test, Place(value=False), Place(value=True)]:
                return Not(op="not", of=self.condition(test))
            case _:
                raise place.refused(
                    "an if is a condition as [CONDITION, true, false] or [CONDITION, false, true];"
                    " of one that chooses between other values, each condition is a rule of its own"
                )

    def equality(self, place: Place) -> Condition:
        equal = place.within in ("==", "===")
        var, constant, _ = place.sides()
        if constant.value is None:
            fact, _ = self.fact(var.inside("var"))
            return Presence(op="is_not_set" if equal else "is_set", fact=fact)
        op = "equals" if equal else "not_equals"
        return self.asked(place, op, var, value=constant.constant())

    def order(self, place: Place) -> Condition:
        match place.operands():
            case [least, Place(operator="var") as var, most] if place.within == "<=":
                ends = {"least": least.constant(), "most": most.constant()}
                return self.asked(place, "between", var, **ends)
            case [_, _, _]:
                raise place.refused(
                    'three operands are {"<=": [LEAST, {"var": FACT}, MOST]}; another range is an'
                    " and of two comparisons"
                )
        var, constant, mirrored = place.sides()
        sign = _MIRRORED[place.within] if mirrored else place.within
        return self.asked(place, _COMPARISONS[sign], var, value=constant.constant())

    def membership(self, place: Place) -> Condition:
        match place.operands():
            case [Place(operator="var") as var, Place(value=list()) as values]:
                among = [value.constant() for value in values.operands()]
                return self.asked(place, "in", var, values=among)
            case [value, Place(operator="var") as var]:
                return self.asked(place, "contains", var, value=value.constant())
            case _:
                raise place.refused(
                    'in is [{"var": FACT}, [CONSTANT, ...]] or [TEXT, {"var": FACT}]'
                )

    def text(self, place: Place) -> Condition:
        match place.operands():
            case [Place(operator="var") as var, value]:
                return self.asked(place, place.within, var, value=value.constant())
            case _:
                raise place.refused(f'{place.within} is [{{"var": FACT}}, TEXT]')

    def missing(self, place: Place) -> Condition:
        return self.absent("any", place)

    def missing_some(self, place: Place) -> Condition:
        match place.operands():
            case [Place(value=1 as least), Place(value=list()) as names] if least is not True:
                return self.absent("all", names)
            case _:
                raise place.refused(
                    "missing_some is [1, [FACT, ...]]: conditions do not count otherwise"
                )

    def absent(self, op: Literal["all", "any"], names: Place) -> Condition:
        nodes: list[Condition] = []
        for name in names.operands():
            fact, kind = self.named(name)
            if kind not in _NEVER_EMPTY:
                raise name.refused(
                    f"missing takes an empty text for an absent one, and {fact} is of the type"
                    f' {kind}: write {{"===": [{{"var": "{fact}"}}, null]}}'
                )
            nodes.append(Presence(op="is_not_set", fact=fact))
        return nodes[0] if len(nodes) == 1 else _group(names, op, tuple(nodes))

    def flag(self, place: Place) -> Condition:
        """A fact that is true or false is a condition by itself."""
        fact, kind = self.fact(place)
        if kind is not FactType.BOOLEAN:
            raise place.refused(
                f"{fact} is of the type {kind}, and only what is true or false is a condition"
                f' by itself: compare it, or write {{"!==": [{{"var": "{fact}"}}, null]}}'
            )
        return Equality(op="equals", fact=fact, value=True)

    def extension(self, place: Place) -> Condition:
        return self.node(place, place.only())

    def asked(self, place: Place, op: str, var: Place, **constants: JsonValue) -> Condition:
        named = var.inside("var")
        fact, kind = self.fact(named)
        if kind not in _PLAIN_TYPES:
            raise named.refused(
                f"{fact} is of the type {kind}, which JSON does not have: write"
                f' {{"{EXTENSION}": {{"op": ..., "fact": "{fact}", ...}}}}'
            )
        return self.node(place, place.holding({"op": op, "fact": fact, **constants}))

    def fact(self, place: Place) -> tuple[str, FactType]:
        """What stands in a var: a fact's name."""
        if len(place.operands()) == 2:
            raise place.refused("a default would make an absent fact a known one: leave it out")
        return self.named(place.only())

    def named(self, place: Place) -> tuple[str, FactType]:
        if not isinstance(place.value, str):
            raise place.refused(f"a fact has a name, such as order.status, not {place}")
        fact = self.names.get(place.value, place.value)
        if fact.startswith("$flagd."):
            raise place.refused(f"{place} is known to flagd alone: ask of a fact")
        try:
            kind = parse_key(fact).type(self.declared)
        except ValueError as error:
            raise place.refused(str(error)) from None
        if kind is None:
            raise place.refused(
                f"{fact} is not declared: what a workspace adds has a type before it is asked of"
            )
        return fact, kind

    def node(self, place: Place, node: Place) -> Condition:
        written = node.written()
        try:
            return _NODE.validate_json(written, context={DECLARED: self.declared})
        except ValidationError as error:
            raise place.refused(_complaint(error)) from None


def _group(place: Place, op: Literal["all", "any"], members: tuple[Condition, ...]) -> Condition:
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise place.refused(f"there are 1 to {MOST_MEMBERS} operands here, not {len(members)}")
    return Group(op=op, of=members)


_READS: Mapping[str, Callable[[_Reader, Place], Condition]] = {
    "and": _Reader.group,
    "or": _Reader.group,
    "!": _Reader.negation,
    "!!": _Reader.itself,
    "if": _Reader.choice,
    "?:": _Reader.choice,
    **dict.fromkeys(("===", "==", "!==", "!="), _Reader.equality),
    **dict.fromkeys(_MIRRORED, _Reader.order),
    "in": _Reader.membership,
    "starts_with": _Reader.text,
    "ends_with": _Reader.text,
    "missing": _Reader.missing,
    "missing_some": _Reader.missing_some,
    "var": _Reader.flag,
    EXTENSION: _Reader.extension,
}

_FORM = "a fact is compared with a text, a number, true or false"
_COMPUTED = "nothing is computed: a fact is compared as it is"
_LISTED = (
    'a list is asked with {"in": [TEXT, {"var": FACT}]}, or with contains_any, contains_all or'
    f' contains_none in {{"{EXTENSION}": ...}}'
)
_UNSUPPORTED = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "min", "max", "cat", "substr"), _COMPUTED),
    **dict.fromkeys(("map", "filter", "reduce", "all", "some", "none", "merge"), _LISTED),
    "sem_ver": "versions are not compared: keep what counts of one as an attribute, a number",
    "fractional": (
        f'people are divided by {{"{EXTENSION}": {{"op": "share", "percent": 25, "salt": ...}}}},'
        " and not as flagd divides them"
    ),
    "$ref": "a rule of flagd's $evaluators goes here itself",
}
