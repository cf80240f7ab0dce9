"""A condition as a function: the tree is walked once and written as Python with bound constants;
the exact set of facts that the function can read comes with it.

Every node is written twice: when it is TRUE, and when it is FALSE. Both are plain Boolean
expressions, for which Python stops as early as it can; where neither holds, it is UNKNOWN.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from rules.bucket import in_share
from rules.facts import STALE, Declared, FactKey, Facts, FactType, Value
from rules.nodes import PERSON, Known, Node, keys, leaf_keys
from rules.source import Source
from rules.timing import TimeTest, compared, is_instant, within
from rules.tree import (
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
    constant,
    parse_point,
)
from rules.truth import Truth

Test = Callable[[Facts, str | None], Truth]
Reader = Callable[[Facts, str | None], Value]
Asked = Callable[[Facts, str | None], Any]


class Written(NamedTuple):
    """When a node is TRUE and when it is FALSE, as Python.

    `quick` is when it is TRUE, without a look at types that cannot matter: it fails by a TypeError
    where they do. `ruled_out` is when it is FALSE, once it is known not to be TRUE.
    """

    true: str
    false: str
    quick: str
    ruled_out: str

    @classmethod
    def of(cls, true: str, false: str) -> "Written":
        return cls(true, false, true, false)

    def swapped(self) -> "Written":
        return Written.of(self.false, self.true)


@dataclass(frozen=True, slots=True)
class Compiled:
    """`test(facts, offer)` answers the condition; `keys` are all the facts that it can read."""

    test: Test
    keys: frozenset[FactKey]


def compile_condition(condition: Node, declared: Declared, product: str | None = None) -> Compiled:
    """`product` is the offered product where that is always the same."""
    source = Source(declared, product)
    parts = condition.of if isinstance(condition, Group) and condition.op == "all" else (condition,)
    written = [write(source, part) for part in parts]
    lines = in_turn([(one, "False") for one in written], "True")

    def careful() -> Test:
        all_of = _joint("all", written)
        return source.careful(
            f"return False if {all_of.false} else True if {all_of.true} else None"
        )

    test = source.quick(*lines, otherwise=made_at_need(careful))
    return Compiled(test, keys(condition, declared))


def in_turn(asked: Sequence[tuple[Written, str]], result: str) -> Iterator[str]:
    """Lines that return `result` where all are TRUE, else what goes with the first that is not, if
    that is FALSE."""
    for depth, (one, _) in enumerate(asked):
        yield f"{' ' * depth}if {one.quick}:"
    yield f"{' ' * len(asked)}return {result}"
    for depth, (one, refusal) in reversed([*enumerate(asked)]):
        yield f"{' ' * depth}elif {one.ruled_out}: return {refusal}"


def made_at_need(make: Callable[[], Asked]) -> Asked:
    """A function of facts and offer that is made when it is called first."""
    made: list[Asked] = []

    def ask(facts: Facts, offer: str | None) -> Any:
        if not made:
            made.append(make())
        return made[0](facts, offer)

    return ask


@lru_cache(maxsize=4096)
def reader(key: FactKey, kind: FactType | None = None) -> Reader:
    """A function of the facts and the offer's product id that gives a value, None if absent; of an
    attribute as it is stored, or as a value of a type."""
    source = Source({} if kind is None else {key.declaration: kind})
    return source.careful(f"return {source.typed(key)}")


def read_fact(key: FactKey, facts: Facts, offer: str | None, kind: FactType | None = None) -> Value:
    return reader(key, kind)(facts, offer)


class Lack:
    """Finds the facts for whose lack a leaf is UNKNOWN: their names, with STALE for one that is too
    old and None for one that is absent or of another type."""

    def __init__(self, leaf: Leaf | Known, declared: Declared) -> None:
        self._asked = [
            (key.rests_on, str(key.rests_on), reader(key), reader(key.rests_on))
            for key in leaf_keys(leaf, declared)
        ]

    def __call__(self, facts: Facts, offer: str | None) -> dict[str, Value]:
        lacking: dict[str, Value] = {}
        for key, name, read, read_base in self._asked:
            if read_base(facts, offer) is STALE:
                lacking[_named(key, name, offer)] = STALE
            elif read(facts, offer) is None:
                lacking[_named(key, name, offer)] = None
        key, name, *_ = self._asked[0]
        return lacking or {_named(key, name, offer): None}


def _named(key: FactKey, name: str, offer: str | None) -> str:
    """The name of a fact; of one of the offer, that of the product's."""
    return f"product.{offer}.{key.field}" if offer and key.source == "offer" else name


def write(source: Source, node: Node) -> Written:
    match node:
        case Group():
            return _joint(node.op, [write(source, child) for child in node.of])
        case Not():
            return write(source, node.of).swapped()
        case Known():
            present = [_present(source.typed(key)) for key in node.keys]
            return Written.of(f"({' and '.join(present)})", "False")
        case Presence():
            value = source.read(node.key)
            written = Written.of(_present(value), f"{value} is None")
            return written if node.op == "is_set" else written.swapped()
        case Share():
            return _share(source, node)
        case TimeComparison():
            return _timed(source, node, compared(node.op, parse_point(node.value)))
        case Within():
            return _timed(source, node, within(node.op, node.length))
        case TextMatch() | ListContains():
            return _contains(source, node)
        case Equality() | Membership():
            return _equal(source, node)
        case _:
            return _ordered(source, node)


# NaN, which is not equal to itself, compares with nothing.
_LIST = "(type({0}) is frozenset or type({0}) is tuple)"
_CHECKS = {
    FactType.TEXT: "type({0}) is str",
    FactType.NUMBER: "(type({0}) is int or type({0}) is float and {0} == {0})",
    FactType.BOOLEAN: "type({0}) is bool",
    FactType.MONEY: "type({0}) is Money and {0}[1] == {1} and {0}[0] == {0}[0]",
    FactType.DATE: "type({0}) is date",
    FactType.INSTANT: "{1}({0})",
}
_ORDER = {
    "above": (">", "<="),
    "at_least": (">=", "<"),
    "below": ("<", ">="),
    "at_most": ("<=", ">"),
}


def _joint(op: str, parts: Sequence[Written]) -> Written:
    """Of a group."""
    true, false, quick, ruled_out = zip(*parts, strict=True)
    joint, opposite = (" and ", " or ") if op == "all" else (" or ", " and ")
    # Of all, it is not known which one is not TRUE.
    ruled_out = false if op == "all" else ruled_out
    return Written(
        f"({joint.join(true)})",
        f"({opposite.join(false)})",
        f"({joint.join(quick)})",
        f"({opposite.join(ruled_out)})",
    )


def _checked(check: str, true: str, false: str) -> Written:
    """Either only of a fact that is of the right type, which is one of them then."""
    return Written.of(f"({check} and {true})", f"({check} and {false})")._replace(ruled_out=check)


def _present(value: str) -> str:
    return f"({value} is not None and {value} is not STALE)"


def _share(source: Source, node: Share) -> Written:
    person = source.read(PERSON)
    among = source.bind(lambda unit: in_share(node.salt, unit, node.percent))
    return _checked(f"{person} is not None", f"{among}({person})", f"not {among}({person})")


def _timed(source: Source, node: TimeComparison | Within, test: TimeTest) -> Written:
    call = f"{source.bind(test)}({source.typed(node.key)}, facts.moment)"
    return Written.of(f"{call} is True", f"{call} is False")


def _contains(source: Source, node: TextMatch | ListContains) -> Written:
    kind = node.key.type(source.declared)
    if kind is None:
        return _NEVER
    value = source.typed(node.key)
    if isinstance(node, ListContains):
        call = f"{source.bind(_holding(node))}({value})"
        return Written.of(f"{call} is True", f"{call} is False")
    if kind is FactType.TEXTS:
        holds = f"{source.constant(node.value)} in {value}"
        return _checked(_LIST.format(value), holds, f"not {holds}")
    text, wanted = _cased(source, node, value), source.constant(_case(node)(node.value))
    holds = {
        "starts_with": f"{text}.startswith({wanted})",
        "ends_with": f"{text}.endswith({wanted})",
        "contains": f"{wanted} in {text}",
    }[node.op]
    return _checked(_CHECKS[FactType.TEXT].format(value), holds, f"not {holds}")


def _holding(node: ListContains) -> Callable[[Value], Truth]:
    """Whether a list holds any, all or none of the values."""
    wanted, op = frozenset(node.values), node.op

    def test(value: Value) -> Truth:
        if type(value) is not tuple and type(value) is not frozenset:  # money is a tuple too
            return None
        try:
            if op == "contains_all":
                return wanted.issubset(value)
            return wanted.isdisjoint(value) is (op == "contains_none")
        except TypeError:  # it holds what is no text
            return None

    return test


def _equal(source: Source, node: Equality | Membership) -> Written:
    kind, constants = constants_of(node, source.declared)
    if kind is None:
        return _NEVER
    value = source.typed(node.key)
    check = _check(source, kind, value, constants[0])
    operand = value
    if kind is FactType.BOOLEAN:
        true, false = (f"{value} is {one}" for one in (constants[0], not constants[0]))
        written = Written.of(true, false)
        return written if node.op == "equals" else written.swapped()
    if kind is FactType.TEXT:
        operand = _cased(source, node, value)
        constants = [_case(node)(text) for text in constants]
    if isinstance(node, Membership):
        members = source.constant(frozenset(constants))
        true, false = f"{operand} in {members}", f"{operand} not in {members}"
    else:
        bound = source.constant(constants[0])
        true, false = f"{operand} == {bound}", f"{operand} != {bound}"
    written = _checked(check, true, false)
    if operand is value and kind is FactType.TEXT:
        written = written._replace(quick=true)  # nothing else is equal to a text
    return written if node.op in ("equals", "in") else written.swapped()


def _ordered(source: Source, node: Comparison | Between) -> Written:
    kind, constants = constants_of(node, source.declared)
    if kind is None:
        return _NEVER
    value = source.typed(node.key)
    check = _check(source, kind, value, constants[0])
    bounds = [source.constant(one) for one in constants]
    if isinstance(node, Between):
        least, most = bounds
        false = f"({value} < {least} or {value} > {most})"
        return _checked(check, f"{least} <= {value} <= {most}", false)
    sign, opposite = _ORDER[node.op]
    return _checked(check, f"{value} {sign} {bounds[0]}", f"{value} {opposite} {bounds[0]}")


def constants_of(
    node: Equality | Comparison | Between | Membership, declared: Declared
) -> tuple[FactType | None, list[Any]]:
    """The fact's type and what it is compared with. No type where the fact has none, or by now has
    another than the constants."""
    kind = node.key.type(declared)
    match node:
        case Between():
            given: tuple[Any, ...] = (node.least, node.most)
        case Membership():
            given = node.values
        case _:
            given = (node.value,)
    try:
        return kind, [constant(kind, one, node.fact) for one in given] if kind else []
    except ValueError:
        return None, []


_NEVER = Written.of("False", "False")
"""Nothing is known of a fact that has no type."""


def _check(source: Source, kind: FactType, value: str, of: Any) -> str:
    """When a value is of this type, and comparable with the constant."""
    match kind:
        case FactType.MONEY:
            return _CHECKS[kind].format(value, source.constant(of.currency))
        case FactType.INSTANT:
            return _CHECKS[kind].format(value, source.bind(is_instant))
        case _:
            return _CHECKS[kind].format(value)


def _case(node: CasedNode) -> Callable[[str], str]:
    return fold if node.ignore_case else str


def _cased(source: Source, node: CasedNode, value: str) -> str:
    """The text, once it is known to be one."""
    return f"{source.bind(fold)}({value})" if node.ignore_case else value


def fold(text: str) -> str:
    """A text without its case, for Unicode's canonical caseless matching; composed, so that a
    letter does not begin with a part of itself."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
