"""What a condition, or a guard, is made of: its leaves, and the facts that each asks of."""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.facts import Declared, FactKey, FactType
from rules.timing import needs_zone
from rules.tree import (
    Condition,
    Group,
    Leaf,
    Not,
    Share,
    TimeComparison,
    Within,
    children,
    parse_point,
)

PERSON = FactKey("recipient", "id")
_NOW = FactKey("now", "instant")
_TODAY = FactKey("now", "date")


@dataclass(frozen=True, slots=True)
class Known:
    """TRUE where all of some facts are known, else UNKNOWN: what a guard asks of the values that
    are shown."""

    keys: tuple[FactKey, ...]


Node = Condition | Known


def leaves(node: Node) -> Iterator[Leaf | Known]:
    if not isinstance(node, Group | Not):
        yield node
        return
    for child in children(node):
        yield from leaves(child)


def keys(node: Node, declared: Declared) -> frozenset[FactKey]:
    """The facts that a node can read."""
    return frozenset(key for leaf in leaves(node) for key in leaf_keys(leaf, declared))


def leaf_keys(leaf: Leaf | Known, declared: Declared) -> tuple[FactKey, ...]:
    """The facts that a leaf asks of, first the one that it is about."""
    match leaf:
        case Known():
            return leaf.keys
        case Share():
            return (PERSON,)
        case TimeComparison():
            point = parse_point(leaf.value)
            relative = (_NOW,) if isinstance(point, str) else ()
            in_zone = needs_zone(point, leaf.key.type(declared))
            return (leaf.key, *relative, *((_TODAY,) if in_zone else ()))
        case Within():
            in_zone = not leaf.length.exact or leaf.key.type(declared) is FactType.DATE
            return (leaf.key, _NOW, *((_TODAY,) if in_zone else ()))
        case _:
            return (leaf.key,)
