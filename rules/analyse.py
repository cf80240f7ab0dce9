"""What is wrong with rules though it is allowed: found when a block is saved."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from rules.facts import FactKey, parse_key
from rules.formula import Combined, Formula, Search, World, lacking, needed, variables
from rules.nodes import Node, keys
from rules.tree import Condition, Group, children
from rules.variant import Rules, Variant, guards

MOST_LOOKS = 20_000
MOST_LOOKS_TOGETHER = 200_000
"""How long an answer is searched for, and all of a block's. What takes longer is not warned of."""

Place = tuple[str | int, ...]
"""A path in a block's definition."""


class Problem(StrEnum):
    ALWAYS_TRUE = "ALWAYS_TRUE"
    CONTRADICTION = "CONTRADICTION"
    NEVER_ELIGIBLE = "NEVER_ELIGIBLE"
    UNREACHABLE = "UNREACHABLE"
    FACT_NOT_PROVIDED = "FACT_NOT_PROVIDED"
    NO_VARIANT_POSSIBLE = "NO_VARIANT_POSSIBLE"


class Warned(NamedTuple):
    """A warning: what, where in the block, and in words."""

    problem: str
    place: Place
    message: str


Provided = Callable[[FactKey], bool]


def analyse(rules: Rules, provided: Provided) -> Iterator[Warned]:
    """The warnings of a block. `provided` tells whether anybody provides a fact at all."""
    world = World(rules.declared)
    asked = [_asked(rules, variant) for variant in rules.variants]
    for variant, nodes in zip(rules.variants, asked, strict=True):
        for node in nodes:
            world.note(node, variant.offer)
    formulas = [
        Combined("all", tuple(world.formula(node, variant.offer) for node in nodes))
        for variant, nodes in zip(rules.variants, asked, strict=True)
    ]
    search = Search(MOST_LOOKS, MOST_LOOKS_TOGETHER)
    hindered: list[bool] = []
    for number, variant in enumerate(rules.variants):
        constant = list(_constant(rules, number, world, search))
        yield from constant
        if not search.possible(formulas[number]):
            if not any(warned.place[-1] == "condition" for warned in constant):
                message = f"{variant.id} can never be shown: what is asked of it contradicts itself"
                yield Warned(Problem.NEVER_ELIGIBLE, ("variants", number), message)
            continue
        if rules.choice == "first":
            yield from _unreachable(rules, formulas, number, search)
        read = _keys(variant, asked[number], rules)
        absent = sorted(str(key) for key in read if not provided(key))
        given = lacking(map(parse_key, absent))
        hindered.append(bool(absent) and not search.possible(formulas[number], given=given))
        if hindered[-1]:
            message = f"{variant.id} cannot be shown yet: nobody has provided {', '.join(absent)}"
            yield Warned(Problem.FACT_NOT_PROVIDED, ("variants", number), message)
    if hindered and all(hindered):
        message = "nothing but the fallback can be shown yet: every variant lacks a fact"
        yield Warned(Problem.NO_VARIANT_POSSIBLE, ("variants",), message)


def needed_facts(rules: Rules) -> frozenset[FactKey]:
    """The facts that someone must provide for a block to show anything but its fallback."""
    needed = (_keys(variant, _asked(rules, variant), rules) for variant in rules.variants)
    return frozenset().union(*needed)


def _asked(rules: Rules, variant: Variant) -> Sequence[Node]:
    """What a variant asks on its own; class and consent are asked of all alike."""
    return [guarded.node for stage in guards(rules, variant) for guarded in stage]


def _keys(variant: Variant, nodes: Sequence[Node], rules: Rules) -> frozenset[FactKey]:
    """The facts that someone must provide for a variant."""
    product = variant.offer.product if variant.offer else None
    read = (key for node in nodes for key in keys(node, rules.declared))
    return frozenset((key.of(product) if product else key).rests_on for key in read)


def _constant(rules: Rules, number: int, world: World, search: Search) -> Iterator[Warned]:
    """The parts of a condition that come to the same whatever the facts are; of these the
    outermost."""
    variant = rules.variants[number]

    def walk(node: Condition, place: Place) -> Iterator[Warned]:
        formula = world.formula(node, variant.offer)
        if not search.possible(formula):
            yield Warned(Problem.CONTRADICTION, place, "this can never be true")
        elif not search.possible(Combined("not", (formula,))):
            yield Warned(Problem.ALWAYS_TRUE, place, "this is true whenever its facts are known")
        else:
            for position, child in enumerate(children(node)):
                step = ("of", position) if isinstance(node, Group) else ("of",)
                yield from walk(child, (*place, *step))

    if variant.condition is not None:
        yield from walk(variant.condition, ("variants", number, "condition"))


def _unreachable(
    rules: Rules, formulas: Sequence[Formula], number: int, search: Search
) -> Iterator[Warned]:
    """Whether a variant before this one is always shown in its place. One with candidates is not:
    there may be none; nor one that needs what this one does not ask of."""
    formula = formulas[number]
    asked = variables(formula)
    before = {
        variant.id: earlier
        for variant, earlier in zip(rules.variants[:number], formulas, strict=False)
        if (variant.offer is None or variant.offer.selector is None) and needed(earlier) <= asked
    }
    if not before or search.possible(formula, Combined("any", tuple(before.values()))):
        return
    alone = [name for name, one in before.items() if not search.possible(formula, one)]
    names = alone[0] if alone else "one of those before it"
    variant = rules.variants[number].id
    message = f"{variant} is never reached: wherever it holds, {names} is shown"
    yield Warned(Problem.UNREACHABLE, ("variants", number), message)
