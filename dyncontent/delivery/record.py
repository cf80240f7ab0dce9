"""Step 5, record: what was shown, so that the click can follow it, and the event.

An event names the person and the message only if the person agreed to be tracked; without that it
counts for the block alone, and no showing is counted. What was shown is kept for the click in
either case: it holds no time and no trace of the request.
"""

from typing import Any, NamedTuple

import orjson

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.facts import Situation
from dyncontent.delivery.history import Shown, encode_shown, seen_now
from dyncontent.delivery.urls import Address
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys
from rules.decide import Decision, Detail

RECIPIENT_UNKNOWN = "RECIPIENT_UNKNOWN"
"""The detail of a fallback that is shown because a tagged URL names nobody for certain."""


class Outcome(NamedTuple):
    """What was decided and why, for a person's open or click. `withheld` is the variant that a
    person who is held out would have seen."""

    version: int
    variant: str | None
    offer: str | None
    reason: str
    detail: str
    swap: bool = False
    withheld: str | None = None

    @classmethod
    def of(cls, decision: Decision, situation: Situation) -> "Outcome":
        block = situation.block
        detail: str = decision.detail
        if detail == Detail.FACT_MISSING and block.is_personal and not situation.known:
            detail = RECIPIENT_UNKNOWN
        return cls(
            block.version,
            decision.variant,
            decision.offer,
            decision.reason,
            detail,
            decision.swap,
            decision.withheld,
        )


def opened(
    keys: Keys,
    block: CompiledBlock,
    address: Address,
    outcome: Outcome,
    at: float,
    verdict: Verdict,
    *,
    known: bool,
    tracked: bool,
) -> tuple[Command, ...]:
    """The commands that record an open at `at` (seconds since the epoch). What was shown is kept
    for a person who is `known`: nobody else may write what the click follows."""
    milliseconds = round(at * 1000)
    event = _event("open", address, outcome, milliseconds, verdict, tracked=tracked)
    event["type"] = address.type
    commands: tuple[Command, ...] = (_append(keys, event),)
    if tracked and block.caps:
        seen = seen_now(keys, block, address, outcome.variant, milliseconds, verdict)
        commands = (*seen, *commands)
    return (remembered(keys, address, outcome), *commands) if known else commands


def remembered(keys: Keys, address: Address, outcome: Outcome) -> Command:
    """The command that keeps what was shown, for the click to follow."""
    shown = encode_shown(Shown(outcome.version, outcome.variant, outcome.offer))
    return ("HSET", keys.shown(address.recipient, address.message), address.block, shown)


def clicked(
    keys: Keys,
    address: Address,
    outcome: Outcome,
    shown: Shown | None,
    at: float,
    verdict: Verdict,
    *,
    tracked: bool,
    ended: bool,
) -> Command:
    """The command that records a click; `ended` tells that the offer that was shown is over, so
    that the click went elsewhere."""
    event = _event("click", address, outcome, round(at * 1000), verdict, tracked=tracked)
    event["shown"] = shown and shown.variant
    event["shown_offer"] = shown and shown.offer
    event["ended"] = ended
    return _append(keys, event)


def _append(keys: Keys, event: dict[str, Any]) -> Command:
    return ("XADD", keys.events, "*", "event", orjson.dumps(event))


def _event(
    kind: str, address: Address, outcome: Outcome, at: int, verdict: Verdict, *, tracked: bool
) -> dict[str, Any]:
    """`at` in milliseconds since the epoch."""
    event = {"kind": kind, "at": at, "block": address.block, "version": outcome.version}
    if tracked:
        event["recipient"] = address.recipient
        event["message"] = address.message
    event["variant"] = outcome.variant
    event["offer"] = outcome.offer
    event["reason"] = outcome.reason
    event["detail"] = outcome.detail
    event["swap"] = outcome.swap
    event["withheld"] = outcome.withheld
    event["verdict"] = verdict
    return event
