"""Step 5, record: what was shown, so that the click can follow it, and the event.

An event names the person and the message only if the person agreed to be tracked; without that it
counts for the block alone. What was shown is kept for the click in either case: it holds no time
and no trace of the request.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from dyncontent.delivery.client import Verdict
from dyncontent.delivery.urls import Address
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import Command
from rules.decide import Decision


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person was shown last by a block of a message: a variant (None for the fallback) of
    a version, with its offer."""

    version: int
    variant: str | None
    offer: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided and why, for a person's open or click."""

    version: int
    variant: str | None
    offer: str | None
    reason: str
    detail: str
    swap: bool = False

    @classmethod
    def of(cls, decision: Decision, version: int) -> "Outcome":
        return cls(
            version,
            decision.variant,
            decision.offer,
            decision.reason,
            decision.detail,
            decision.swap,
        )


def opened(
    keys: Keys, address: Address, outcome: Outcome, at: float, verdict: Verdict, *, tracked: bool
) -> tuple[Command, ...]:
    """The commands that record an open at `at` (seconds since the epoch)."""
    shown = orjson.dumps([outcome.version, outcome.variant, outcome.offer])
    event = _event("open", address, outcome, at, verdict, tracked=tracked)
    return (
        ("HSET", keys.shown(address.recipient, address.message), address.block, shown),
        _append(keys, event | {"type": address.type}),
    )


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
    event = _event("click", address, outcome, at, verdict, tracked=tracked)
    seen = {"shown": shown and shown.variant, "shown_offer": shown and shown.offer}
    return _append(keys, event | seen | {"ended": ended})


def decode_shown(raw: bytes) -> Shown:
    version, variant, offer = orjson.loads(raw)
    return Shown(version, variant, offer)


def _append(keys: Keys, event: dict[str, Any]) -> Command:
    return ("XADD", keys.events, "*", "event", orjson.dumps(event))


def _event(
    kind: str, address: Address, outcome: Outcome, at: float, verdict: Verdict, *, tracked: bool
) -> dict[str, Any]:
    person = {"recipient": address.recipient, "message": address.message} if tracked else {}
    return {
        "kind": kind,
        "at": round(at * 1000),
        "block": address.block,
        "version": outcome.version,
        **person,
        "variant": outcome.variant,
        "offer": outcome.offer,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "swap": outcome.swap,
        "verdict": verdict,
    }
