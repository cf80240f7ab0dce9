"""What a decision knows of a block: its variants in order, and the guards that each must pass.

A guard is a condition like any other, so that it is compiled, explained and analysed like one; but
no condition that a marketer writes can switch it off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from rules.facts import Declared, FactKey
from rules.moment import parse_duration
from rules.nodes import Known, Node, keys
from rules.offer import Offer
from rules.schedule import Schedule
from rules.tree import Comparison, Condition, Equality, Group, Part, TextMatch

Choice = Literal["first", "split"]


class Guard(StrEnum):
    """What can keep a variant from being shown."""

    CLASS = "class"
    CONSENT = "consent"
    SCHEDULE = "schedule"
    CONDITION = "condition"
    CAP = "cap"
    CANDIDATES = "candidates"
    IN_STOCK = "in_stock"
    NOT_BOUGHT = "not_bought"
    NOT_REPEATED = "not_repeated"
    VALUES = "values"


ENDED = frozenset((Guard.IN_STOCK, Guard.NOT_BOUGHT))
"""Where one of these is FALSE, there was an offer that has ended."""


def _bounded(text: str) -> str:
    length = parse_duration(text)
    days = length.months * 366 / 12 + length.days + length.seconds / 86400
    if not 0 < days <= 366:
        raise ValueError("the period of a cap is more than nothing and at most a year")
    return text


class Cap(Part):
    """A variant is shown to a person at most so many times `over` a period that ends now."""

    times: Annotated[int, Field(ge=1, le=1000)]
    over: Annotated[str, Field(examples=["P7D"]), AfterValidator(_bounded)]


@dataclass(frozen=True, slots=True)
class Variant:
    """`values` are the facts that its picture or link shows and that must therefore be known;
    `weight` is its part where the block chooses by lot."""

    id: str
    offer: Offer | None = None
    condition: Condition | None = None
    schedule: Schedule | None = None
    cap: Cap | None = None
    weight: int = 1
    values: frozenset[FactKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """A block, as far as it decides. `marketing` is its class; `choice` takes the first variant
    that holds, or one of them by lot; `hold_out` percent of people get the fallback for comparison;
    `no_repeats` keeps out products that the message sells in another block. `salt` makes lot and
    hold-out its own. `declared` are the attributes' types."""

    variants: tuple[Variant, ...]
    marketing: bool = False
    choice: Choice = "first"
    hold_out: float = 0
    no_repeats: bool = False
    salt: str = ""
    declared: Declared = field(default_factory=dict)


class Guarded(NamedTuple):
    """A guard with what it asks."""

    guard: Guard
    node: Node


class Guards(NamedTuple):
    """A variant's guards in order: those of the person and the moment, and those of the product
    that is offered."""

    targeting: tuple[Guarded, ...]
    offering: tuple[Guarded, ...]


def entry_guards(rules: Rules) -> tuple[Guarded, ...]:
    """What all variants of a block ask alike."""
    return (_IS_MARKETING, _CONSENTS) if rules.marketing else ()


def guards(rules: Rules, variant: Variant) -> Guards:
    targeting, offering = list(_targeting(variant)), list(_offering(rules, variant))
    is_chosen = variant.offer is not None and variant.offer.selector is not None
    of_offer: list[Guarded] = []
    for part in _parts(variant.condition):
        stage = of_offer if is_chosen and _asks_offer(part, rules) else targeting
        stage.append(Guarded(Guard.CONDITION, part))
    return Guards(tuple(targeting), (*of_offer, *offering))


def _asks_offer(part: Condition, rules: Rules) -> bool:
    return any(key.source == "offer" for key in keys(part, rules.declared))


def _parts(condition: Condition | None) -> tuple[Condition, ...]:
    """The conditions that must all hold: some may be of the person, others of the offer."""
    if condition is None:
        return ()
    return condition.of if isinstance(condition, Group) and condition.op == "all" else (condition,)


def _targeting(variant: Variant) -> Iterator[Guarded]:
    if variant.schedule is not None and (scheduled := variant.schedule.condition) is not None:
        yield Guarded(Guard.SCHEDULE, scheduled)
    if variant.cap is not None:
        seldom = Comparison(op="below", fact=f"shown.{variant.id}", value=variant.cap.times)
        yield Guarded(Guard.CAP, seldom)


def _offering(rules: Rules, variant: Variant) -> Iterator[Guarded]:
    if variant.offer is not None:
        if variant.offer.in_stock:
            yield _IN_STOCK
        if variant.offer.not_bought:
            yield _NOT_BOUGHT
        if rules.no_repeats:
            yield _NOT_REPEATED
    if variant.values:
        yield Guarded(Guard.VALUES, Known(tuple(sorted(variant.values, key=str))))


_IS_MARKETING = Guarded(Guard.CLASS, Equality(op="equals", fact="message.class", value="marketing"))
_CONSENTS = Guarded(
    Guard.CONSENT, TextMatch(op="contains", fact="recipient.consents", value="marketing")
)
_IN_STOCK = Guarded(Guard.IN_STOCK, Comparison(op="above", fact="offer.stock", value=0))
_NOT_BOUGHT = Guarded(Guard.NOT_BOUGHT, Equality(op="equals", fact="offer.bought", value=False))
_NOT_REPEATED = Guarded(
    Guard.NOT_REPEATED, Equality(op="equals", fact="offer.repeated", value=False)
)
