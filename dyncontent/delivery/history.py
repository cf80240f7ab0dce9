"""What a person was shown before: in this message, and of a capped variant in its period."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.catalog.instants import milliseconds
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.traces import Proof, leave
from dyncontent.delivery.urls import Address
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from rules.moment import Moment, parse_duration

DAY_MS = 24 * 3600 * 1000

_COUNTED = frozenset((Verdict.HUMAN, Verdict.PROXY))
"""Opens behind which a person may be assumed."""


class Shown(NamedTuple):
    """What a person was shown last by a block of a message: a variant (None for the fallback) of
    a version, with its offer."""

    version: int
    variant: str | None
    offer: str | None


def encode_shown(shown: Shown) -> bytes:
    return orjson.dumps([shown.version, shown.variant, shown.offer])


def decode_shown(raw: bytes) -> Shown:
    version, variant, offer = orjson.loads(raw)
    return Shown(version, variant, offer)


def shown_in_message(
    reading: Reading, keys: Keys, recipient: str, message: str
) -> Mapping[str, Shown] | None:
    """By block; None while it is being fetched."""
    name = keys.shown(recipient, message)
    found: Mapping[str, Shown] | None = reading.ask_now(name, ("HGETALL", name), _decode_all)
    return found


def _decode_all(reply: Mapping[bytes, bytes]) -> Mapping[str, Shown]:
    return {block.decode(): decode_shown(raw) for block, raw in reply.items()}


def claims_in_message(
    reading: Reading, keys: Keys, recipient: str, message: str
) -> Mapping[str, str] | None:
    """For each product that a block sells alone, that block; None while it is being fetched."""
    name = keys.claimed(recipient, message)
    found: Mapping[str, str] | None = reading.ask_now(name, ("HGETALL", name), _decode_claims)
    return found


def _decode_claims(reply: Mapping[bytes, bytes]) -> Mapping[str, str]:
    return {product.decode(): block.decode() for product, block in reply.items()}


async def claim(store: Store, proof: Proof | None, address: Address, product: str) -> bool:
    """Whether this block alone may sell a product in the message. All pictures of an email are
    asked for at once, so this is settled before one of them is answered."""
    name = store.keys.claimed(address.recipient, address.message)
    block = address.block
    commands: tuple[Command, ...] = (("HSETNX", name, product, block), ("HGET", name, product))
    _, holder, *_ = await leave(store, proof, *commands)
    return bool(holder == block.encode())


def released(
    keys: Keys, address: Address, held: Iterable[str], sold: str | None
) -> tuple[Command, ...]:
    """The commands that give back what a block holds and does not sell now."""
    over = sorted(product for product in held if product != sold)
    return (("HDEL", keys.claimed(address.recipient, address.message), *over),) if over else ()


def times_shown(
    reading: Reading, keys: Keys, block: CompiledBlock, recipient: str, now: Moment
) -> Mapping[str, int]:
    """How often each capped variant was shown to this person within its period."""
    name = keys.seen(recipient, block.id)
    starts = {variant: _start(cap.over, now) for variant, cap in block.caps.items()}
    earliest = min(starts.values())
    command: Command = ("ZRANGE", name, f"({earliest}", "+inf", "BYSCORE", "WITHSCORES")
    seen: Sequence[tuple[str, int]] = reading.ask_now(name, command, _decode_seen) or ()
    counts = Counter(variant for variant, at in seen if at > starts.get(variant, at))
    return {variant: counts[variant] for variant in starts}


def seen_now(
    keys: Keys,
    block: CompiledBlock,
    address: Address,
    variant: str | None,
    at: int,
    verdict: Verdict,
) -> tuple[Command, ...]:
    """The commands that count a showing at `at`, in milliseconds since the epoch. The time zone may
    change meanwhile: what counts is kept for a day longer than the longest period."""
    if variant not in block.caps or verdict not in _COUNTED:
        return ()
    name = keys.seen(address.recipient, block.id)
    now = Moment(datetime.fromtimestamp(at / 1000, UTC), UTC)
    earliest = min(_start(cap.over, now) for cap in block.caps.values()) - DAY_MS
    showing = f"{variant} {at} {random.getrandbits(32):08x}"
    return (
        ("ZADD", name, at, showing),
        ("ZREMRANGEBYSCORE", name, "-inf", earliest),
        ("PEXPIRE", name, at - earliest),
    )


def _start(period: str, now: Moment) -> int:
    """When a period that ends now began, in milliseconds since the epoch."""
    start = parse_duration(period).shift(Moment(now.at, now.zone or UTC), -1)
    return 0 if start is None else milliseconds(start)


def _decode_seen(reply: Sequence[bytes]) -> Sequence[tuple[str, int]]:
    pairs = zip(reply[::2], reply[1::2], strict=True)
    return [(member.decode().partition(" ")[0], int(float(score))) for member, score in pairs]
