"""The decision: which variant a block shows for the facts of this moment, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rules.compile import Compiled
from rules.facts import NOTHING, FactKey, Facts, reader
from rules.truth import Truth


class Reason(StrEnum):
    """Why a variant was served, in the words of the OpenFeature specification."""

    TARGETING_MATCH = "TARGETING_MATCH"
    DEFAULT = "DEFAULT"
    ERROR = "ERROR"


class Guard(StrEnum):
    """What kept a variant from being shown."""

    CLASS = "class"
    CONSENT = "consent"
    CANDIDATES = "candidates"
    IN_STOCK = "in_stock"
    NOT_BOUGHT = "not_bought"
    CONDITION = "condition"
    VALUES = "values"


_OFFER_GUARDS = frozenset((Guard.CANDIDATES, Guard.IN_STOCK, Guard.NOT_BOUGHT))


class Detail(StrEnum):
    """What a decision's reason rests on."""

    VARIANT_HOLDS = "VARIANT_HOLDS"
    NO_VARIANT_HOLDS = "NO_VARIANT_HOLDS"
    FACT_MISSING = "FACT_MISSING"
    CONSENT_MISSING = "CONSENT_MISSING"
    MESSAGE_CLASS = "MESSAGE_CLASS"


@dataclass(frozen=True, slots=True)
class Offer:
    """The product that a variant sells: `product` itself, or the first that passes among those
    similar to it. The two guards are on unless switched off."""

    product: str
    similar: bool = False
    in_stock: bool = True
    not_bought: bool = True


@dataclass(frozen=True, slots=True)
class Variant:
    """What the decision knows of a variant. `values` are the facts that its picture or link
    shows and that must therefore be known."""

    id: str
    marketing: bool
    offer: Offer | None = None
    condition: Compiled | None = None
    values: frozenset[FactKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a variant was not shown: the guard that failed for this offer, whether it was FALSE
    or UNKNOWN, and the facts that were missing."""

    variant: str
    guard: Guard
    truth: Truth
    offer: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a block chose. `variant` is None for the fallback; `swap` tells that an offer before it
    had ended."""

    variant: str | None
    offer: str | None
    reason: Reason
    detail: Detail
    swap: bool
    trace: tuple[Skipped, ...]


def decide(variants: Sequence[Variant], facts: Facts) -> Decision:
    """The first variant for which everything is TRUE, else the fallback."""
    trace: list[Skipped] = []
    for variant in variants:
        for offer, failure in _attempts(variant, facts):
            if failure is None:
                return Decision(
                    variant.id,
                    offer,
                    Reason.TARGETING_MATCH,
                    Detail.VARIANT_HOLDS,
                    _offer_ended(trace),
                    tuple(trace),
                )
            trace.append(failure)
    return Decision(
        None, None, Reason.DEFAULT, _default_detail(trace), _offer_ended(trace), tuple(trace)
    )


def offer_holds(offer: Offer, product: str, facts: Facts) -> Truth:
    """Whether `product` can still be offered to this recipient, by the offer's two guards."""
    failure = _offer_failure(offer, product, facts)
    return True if failure is None else failure[1]


def _attempts(variant: Variant, facts: Facts) -> Iterator[tuple[str | None, Skipped | None]]:
    """The variant with each offer that it may have, and what speaks against showing it."""
    if variant.marketing and (refusal := _marketing_refused(variant, facts)) is not None:
        yield None, refusal
        return
    candidates = _candidates(variant.offer, facts)
    if not candidates:
        yield None, Skipped(variant.id, Guard.CANDIDATES, None if candidates is None else False)
    for product in candidates or ():
        yield product, _failure(variant, product, facts)


def _marketing_refused(variant: Variant, facts: Facts) -> Skipped | None:
    message_class = facts.message.get("class")
    if message_class != "marketing":
        truth = None if message_class is None else False
        return _skipped(variant, Guard.CLASS, truth, None)
    consents = facts.recipient.get("consents")
    if not isinstance(consents, tuple | frozenset):
        return _skipped(variant, Guard.CONSENT, None, None)
    return None if "marketing" in consents else _skipped(variant, Guard.CONSENT, False, None)


def _skipped(variant: Variant, guard: Guard, truth: Truth, product: str | None) -> Skipped:
    """A variant that a guard refused, with the fact that the guard rests on if it is missing."""
    names = {
        Guard.CLASS: "message.class",
        Guard.CONSENT: "recipient.consents",
        Guard.IN_STOCK: f"product.{product}.stock",
        Guard.NOT_BOUGHT: "recipient.purchases",
    }
    return Skipped(variant.id, guard, truth, product, (names[guard],) if truth is None else ())


def _candidates(offer: Offer | None, facts: Facts) -> Sequence[str | None] | None:
    """The products to try, best first; None if what is similar is not known."""
    if offer is None:
        return (None,)
    return facts.similar.get(offer.product) if offer.similar else (offer.product,)


def _failure(variant: Variant, product: str | None, facts: Facts) -> Skipped | None:
    if variant.offer is not None and product is not None:
        failed = _offer_failure(variant.offer, product, facts)
        if failed is not None:
            return _skipped(variant, *failed, product)
    if variant.condition is not None:
        truth = variant.condition.test(facts, product)
        if truth is not True:
            missing = _missing(variant.condition.keys, product, facts) if truth is None else ()
            return Skipped(variant.id, Guard.CONDITION, truth, product, missing)
    missing = _missing(variant.values, product, facts)
    if missing:
        return Skipped(variant.id, Guard.VALUES, None, product, missing)
    return None


def _offer_failure(offer: Offer, product: str, facts: Facts) -> tuple[Guard, Truth] | None:
    """The guard that fails: one that is FALSE before one that is UNKNOWN."""
    stock = facts.products.get(product, NOTHING).get("stock")
    purchases = facts.recipient.get("purchases")
    guards: dict[Guard, Truth] = {}
    if offer.in_stock:
        guards[Guard.IN_STOCK] = stock > 0 if type(stock) is int else None
    if offer.not_bought:
        known = purchases if isinstance(purchases, tuple | frozenset) else None
        guards[Guard.NOT_BOUGHT] = None if known is None else product not in known
    for wanted in (False, None):
        for guard, truth in guards.items():
            if truth is wanted:
                return guard, truth
    return None


def _missing(keys: frozenset[FactKey], product: str | None, facts: Facts) -> tuple[str, ...]:
    return tuple(sorted(str(key) for key in keys if reader(key)(facts, product) is None))


def _offer_ended(trace: Sequence[Skipped]) -> bool:
    return any(skip.guard in _OFFER_GUARDS and skip.truth is False for skip in trace)


def _default_detail(trace: Sequence[Skipped]) -> Detail:
    if any(skip.truth is None for skip in trace):
        return Detail.FACT_MISSING
    guards = {skip.guard for skip in trace}
    if Guard.CLASS in guards:
        return Detail.MESSAGE_CLASS
    if Guard.CONSENT in guards:
        return Detail.CONSENT_MISSING
    return Detail.NO_VARIANT_HOLDS
