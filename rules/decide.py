"""The decision: which variant a block shows for the facts of this moment, and why."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from rules.bucket import choose, in_share
from rules.compile import Lack, Test, compile_condition, in_turn, made_at_need, write
from rules.facts import STALE, Declared, FactKey, Facts, Selector, Value
from rules.nodes import keys, leaves
from rules.offer import Offer
from rules.source import Source
from rules.truth import Truth, conjunction
from rules.variant import ENDED, Guard, Guarded, Guards, Rules, Variant, entry_guards, guards


class Reason(StrEnum):
    """Why a variant was served, in the words of the OpenFeature specification."""

    TARGETING_MATCH = "TARGETING_MATCH"
    SPLIT = "SPLIT"
    DEFAULT = "DEFAULT"
    DISABLED = "DISABLED"
    STALE = "STALE"
    ERROR = "ERROR"


class Detail(StrEnum):
    """What a decision's reason rests on."""

    VARIANT_HOLDS = "VARIANT_HOLDS"
    BY_LOT = "BY_LOT"
    KEPT_ARM = "KEPT_ARM"
    HELD_OUT = "HELD_OUT"
    NO_VARIANT_HOLDS = "NO_VARIANT_HOLDS"
    FACT_MISSING = "FACT_MISSING"
    FACT_STALE = "FACT_STALE"
    CONSENT_MISSING = "CONSENT_MISSING"
    MESSAGE_CLASS = "MESSAGE_CLASS"
    ARCHIVED = "ARCHIVED"


class Skipped(NamedTuple):
    """Why a variant was not shown: the guard that failed for this offer, whether it was FALSE
    or UNKNOWN, and the facts that were missing, or too old, for it to be known."""

    variant: str
    guard: Guard
    truth: Truth
    offer: str | None = None
    missing: tuple[str, ...] = ()
    stale: bool = False


class Decision(NamedTuple):
    """What a block chose. `variant` is None for the fallback; `withheld` is the variant that a
    held-out person would have seen, `arm` the one that was theirs by lot or by what they saw
    before."""

    variant: str | None
    offer: str | None
    reason: Reason
    detail: Detail
    skipped: tuple[Skipped, ...]
    withheld: str | None = None
    arm: str | None = None

    @property
    def swap(self) -> bool:
        """Whether an offer that this person would have seen first had ended."""
        return any(
            skip.truth is False and skip.guard in ENDED and self.arm in (None, skip.variant)
            for skip in self.skipped
        )


OUT_OF_USE = Decision(None, None, Reason.DISABLED, Detail.ARCHIVED, ())
"""What a block that is archived shows everybody, whatever the facts: its fallback."""

_MATCH, _HOLDS = _FIRST = (Reason.TARGETING_MATCH, Detail.VARIANT_HOLDS)
_DRAWN = (Reason.SPLIT, Detail.BY_LOT)
_KEPT = (Reason.SPLIT, Detail.KEPT_ARM)
_HELD_OUT = (Reason.SPLIT, Detail.HELD_OUT)
_new = tuple.__new__

Check = Callable[[Facts, str | None], Skipped | None]
"""Why a variant cannot be shown with this offer; None if it can."""


class CompiledVariant(NamedTuple):
    """`targeting` asks what does not depend on the product, `offering` the rest: of the one
    `product`, of each that a `selector` gives, or of none."""

    id: str
    product: str | None
    selector: Selector | None
    targeting: Check
    offering: Check


@dataclass(frozen=True, eq=False, slots=True)
class CompiledRules:
    """Ready for decisions. `keys` are all the facts that these can read, besides the candidates of
    the `selectors`."""

    rules: Rules
    entry: Check
    variants: tuple[CompiledVariant, ...]
    is_split: bool
    arms: Sequence[tuple[str, int]]
    salt: str
    hold_out: float
    keys: frozenset[FactKey]
    selectors: frozenset[Selector]


def compile_rules(rules: Rules) -> CompiledRules:
    asked = [guards(rules, variant) for variant in rules.variants]
    variants = tuple(map(partial(_compile_variant, rules), rules.variants, asked))
    entry = entry_guards(rules)
    read = {key for guarded in entry for key in keys(guarded.node, rules.declared)}
    return CompiledRules(
        rules=rules,
        entry=_CheckWriter(rules.declared, "", None).check(entry),
        variants=variants,
        is_split=rules.choice == "split",
        arms=tuple((variant.id, variant.weight) for variant in rules.variants),
        salt=rules.salt,
        hold_out=rules.hold_out,
        keys=frozenset(read.union(*map(partial(_keys, rules), rules.variants, asked))),
        selectors=frozenset(one.selector for one in variants if one.selector is not None),
    )


def decide(rules: CompiledRules, facts: Facts) -> Decision:
    """The first variant for which everything is TRUE, or one of these by lot; else the fallback."""
    refusal = rules.entry(facts, None)
    if refusal is not None:
        return _fallback([refusal._replace(variant=variant.id) for variant in rules.variants])
    skipped: list[Skipped] = []
    eligible: dict[str, str | None] | None = {} if rules.is_split else None
    for variant, product, selector, targeting, offering in rules.variants:
        offer = product
        failure = targeting(facts, offer)
        if failure is None:
            if selector is None:
                failure = offering(facts, offer)
            else:
                offer, failure = _select(variant, selector, offering, facts, skipped)
        if failure is not None:
            skipped.append(failure)
        elif eligible is not None:
            eligible[variant] = offer
        elif rules.hold_out:
            return _unless_held_out(rules, facts, variant, offer, _FIRST, skipped)
        else:
            # In half of the time that Decision(...) takes.
            return _new(Decision, (variant, offer, _MATCH, _HOLDS, tuple(skipped), None, None))
    if eligible is None:
        return _fallback(skipped)
    arm = _arm(rules, facts)
    if not eligible:
        return _fallback(skipped)._replace(arm=arm)
    drawn, why = _draw(rules, facts, eligible, arm)
    decision = _unless_held_out(rules, facts, drawn, eligible[drawn], why, skipped)
    return decision._replace(arm=arm)


def compile_offer(offer: Offer) -> Test:
    """`test(facts, product)` tells whether a product can still be offered to this recipient."""
    return _all_hold(guards(Rules(()), Variant("", offer)).offering)


@lru_cache(maxsize=8)
def _all_hold(asked: tuple[Guarded, ...]) -> Test:
    tests = [compile_condition(guarded.node, {}).test for guarded in asked]
    return lambda facts, product: conjunction(test(facts, product) for test in tests)


def _unless_held_out(
    rules: CompiledRules,
    facts: Facts,
    variant: str,
    offer: str | None,
    why: tuple[Reason, Detail],
    skipped: Sequence[Skipped],
) -> Decision:
    """The variant, unless the person is among those who get the fallback for comparison."""
    if rules.hold_out and in_share(f"{rules.salt}//hold-out", facts.unit, rules.hold_out):
        return Decision(None, None, *_HELD_OUT, tuple(skipped), variant)
    return Decision(variant, offer, *why, tuple(skipped))


def _arm(rules: CompiledRules, facts: Facts) -> str | None:
    """The arm that the person saw before in the message, else their own by lot."""
    if any(facts.arm == name for name, _ in rules.arms):
        return facts.arm
    return _by_lot(rules, facts) if rules.arms else None


def _by_lot(rules: CompiledRules, facts: Facts) -> str:
    """One among all arms, whether they hold or not, so that nobody's changes with another's."""
    return choose(rules.arms, rules.salt, facts.unit)


def _draw(
    rules: CompiledRules, facts: Facts, eligible: Collection[str], arm: str | None
) -> tuple[str, tuple[Reason, Detail]]:
    """The person's arm if it holds, else the one by lot, else another draw among those that
    hold."""
    if len(eligible) == 1:
        return next(iter(eligible)), _FIRST
    if arm is not None and arm in eligible:
        return arm, _KEPT if arm == facts.arm else _DRAWN
    drawn = _by_lot(rules, facts)
    if drawn not in eligible:
        rest = [one for one in rules.arms if one[0] in eligible]
        drawn = choose(rest, f"{rules.salt}/again", facts.unit)
    return drawn, _DRAWN


def _select(
    variant: str, selector: Selector, check: Check, facts: Facts, skipped: list[Skipped]
) -> tuple[str | None, Skipped | None]:
    """The first candidate that passes. Those before it are added to what was skipped."""
    candidates = facts.candidates.get(selector)
    if not candidates:
        if candidates is None:
            return None, Skipped(variant, Guard.CANDIDATES, None, None, (selector.rests_on,))
        return None, Skipped(variant, Guard.CANDIDATES, False)
    failure: Skipped | None = None
    for product in candidates:
        if failure is not None:
            skipped.append(failure)
        failure = check(facts, product)
        if failure is None:
            return product, None
    return None, failure


def _fallback(skipped: Sequence[Skipped]) -> Decision:
    """Nothing else is left."""
    return Decision(None, None, *_why_nothing(skipped), tuple(skipped))


def _why_nothing(skipped: Sequence[Skipped]) -> tuple[Reason, Detail]:
    is_known = True
    for skip in skipped:
        if skip.truth is None:
            if skip.stale:
                return Reason.STALE, Detail.FACT_STALE
            is_known = False
    if not is_known:
        return Reason.DEFAULT, Detail.FACT_MISSING
    if skipped and skipped[0].guard in _REFUSALS:  # which all variants were refused by alike
        return Reason.DEFAULT, _REFUSALS[skipped[0].guard]
    return Reason.DEFAULT, Detail.NO_VARIANT_HOLDS


_REFUSALS = {Guard.CLASS: Detail.MESSAGE_CLASS, Guard.CONSENT: Detail.CONSENT_MISSING}


def _compile_variant(rules: Rules, variant: Variant, asked: Guards) -> CompiledVariant:
    selector = variant.offer.selector if variant.offer else None
    product = variant.offer.product if variant.offer else None
    writer = _CheckWriter(rules.declared, variant.id, product)
    targeting, offering = map(writer.check, asked)
    return CompiledVariant(variant.id, product, selector, targeting, offering)


def _keys(rules: Rules, variant: Variant, asked: Guards) -> Iterator[FactKey]:
    """The facts of a variant; those of an offer that is always the same under that one's name."""
    product = variant.offer.product if variant.offer else None
    for guarded in (*asked.targeting, *asked.offering):
        for key in keys(guarded.node, rules.declared):
            yield key.of(product) if product else key


@dataclass(frozen=True, slots=True)
class _CheckWriter:
    """Writes the checks of one variant as Python: one expression for the way on which all holds,
    and only off it the question which guard it was."""

    declared: Declared
    variant: str
    product: str | None

    def check(self, asked: Sequence[Guarded]) -> Check:
        """All must hold. Of what does not, what is FALSE comes before what is UNKNOWN."""
        source = Source(self.declared, self.product)
        written = [write(source, guarded.node) for guarded in asked]
        refusals = [self._refusal(source, guarded) for guarded in asked]

        def careful() -> Check:
            is_false = (
                f"if {one.false}: return {refusal}"
                for one, refusal in zip(written, refusals, strict=True)
            )
            is_unknown = (
                f"if not {one.true}: return {source.bind(self._unknown(guarded))}(facts, offer)"
                for guarded, one in zip(asked, written, strict=True)
            )
            return source.careful(*is_false, *is_unknown, "return None")

        lines = in_turn([*zip(written, refusals, strict=True)], "None")
        return source.quick(*lines, otherwise=made_at_need(careful))

    def _unknown(self, guarded: Guarded) -> "_Unknown":
        return _Unknown(self.declared, self.variant, guarded, self.product)

    def _refusal(self, source: Source, guarded: Guarded) -> str:
        refusal = Skipped(self.variant, guarded.guard, False, self.product)
        if self.product is not None:
            return source.bind(refusal)
        return f"{source.bind(lambda offer: refusal._replace(offer=offer))}(offer)"


class _Unknown:
    """What to say of a guard that is UNKNOWN: which facts it lacks."""

    def __init__(
        self, declared: Declared, variant: str, guarded: Guarded, product: str | None
    ) -> None:
        self._declared = declared
        self._variant = variant
        self._guarded = guarded
        self._product = product

    def __call__(self, facts: Facts, offer: str | None) -> Skipped:
        lacking: dict[str, Value] = {}
        for test, lack in self._leaves:
            if test(facts, offer) is None:
                lacking |= lack(facts, offer)
        return Skipped(
            self._variant,
            self._guarded.guard,
            None,
            offer,
            tuple(sorted(lacking)),
            stale=STALE in lacking.values(),
        )

    @cached_property
    def _leaves(self) -> Sequence[tuple[Test, Lack]]:
        """Compiled when they are asked for first: most never are."""
        return [
            (
                compile_condition(leaf, self._declared, self._product).test,
                Lack(leaf, self._declared),
            )
            for leaf in leaves(self._guarded.node)
        ]
