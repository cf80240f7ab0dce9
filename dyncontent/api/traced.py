"""A decision and its trace as they are told."""

from typing import Any

from pydantic import BaseModel

from dyncontent.catalog.model import Definition
from rules.decide import Detail, Reason
from rules.variant import Guard


class SkippedVariant(Definition):
    """Why a variant was not shown: the guard that failed for this offer, false or unknown (null),
    and the facts that were missing or too old."""

    variant: str
    guard: Guard
    truth: bool | None
    offer: str | None
    missing: tuple[str, ...]
    stale: bool


class DecisionTold(Definition):
    """`variant` is null for the fallback; `withheld` is what a person who is held out would have
    seen, `arm` what is theirs by lot or by what they saw before."""

    variant: str | None
    offer: str | None
    reason: Reason
    detail: Detail
    skipped: tuple[SkippedVariant, ...]
    withheld: str | None
    arm: str | None
    swap: bool


class NodeTold(BaseModel):
    """A node of a condition as it was asked, with what it came to: `truth` is null where it is not
    known, `seen` the fact's value, `lacking` the facts that were missing or too old."""

    op: str
    truth: bool | None
    fact: str = ""
    facts: tuple[str, ...] = ()
    seen: Any = None
    lacking: tuple[str, ...] = ()
    of: tuple["NodeTold", ...] = ()


class GuardTold(NodeTold):
    guard: Guard


class OfferTold(Definition):
    offer: str | None
    truth: bool | None
    guards: tuple[GuardTold, ...]


class VariantTold(Definition):
    """A variant with each offer that it may have; `candidates` is null where these are not
    known."""

    variant: str
    candidates: bool | None
    offers: tuple[OfferTold, ...]
