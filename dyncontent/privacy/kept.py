"""Where things of one person are kept: under keys of their own, and in the events that name them.

A kind of key that is not in KINDS is found and erased all the same, but cannot be told.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from dyncontent.catalog.instants import instant
from dyncontent.delivery.history import decode_shown
from dyncontent.store.command import Command, Reply
from dyncontent.store.store import Store

PAGE = 500
"""Events that are read in one round trip."""


@dataclass(frozen=True, slots=True)
class KeptKind:
    """How a kind of a person's keys is counted and read; `of` names what one key is about."""

    count: str
    read: Callable[[str], Command]
    told: Callable[[Reply], Any]
    of: str = ""


def _shown(reply: Reply) -> Any:
    shown = {block.decode(): decode_shown(raw) for block, raw in reply.items()}
    return {
        block: {"version": one.version, "variant": one.variant, "offer": one.offer}
        for block, one in shown.items()
    }


def _seen(reply: Reply) -> Any:
    pairs = zip(reply[::2], reply[1::2], strict=True)
    return [
        {"variant": member.decode().partition(" ")[0], "at": instant(int(float(score)))}
        for member, score in pairs
    ]


KINDS = {
    "consents": KeptKind(
        "LLEN", lambda key: ("LRANGE", key, 0, -1), lambda reply: list(map(orjson.loads, reply))
    ),
    "receipts": KeptKind(
        "XLEN",
        lambda key: ("XRANGE", key, "-", "+"),
        lambda reply: [orjson.loads(fields[b"receipt"]) for _, fields in reply],
    ),
    "ledger": KeptKind("EXISTS", lambda key: ("GET", key), lambda reply: [orjson.loads(reply)]),
    "shown": KeptKind("HLEN", lambda key: ("HGETALL", key), _shown, of="message"),
    "claimed": KeptKind(
        "HLEN",
        lambda key: ("HGETALL", key),
        lambda reply: {product.decode(): block.decode() for product, block in reply.items()},
        of="message",
    ),
    "seen": KeptKind("ZCARD", lambda key: ("ZRANGE", key, 0, -1, "WITHSCORES"), _seen, of="block"),
}


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key of a person: its kind, and what it is about."""

    key: str
    kind: str
    about: str


async def keys_of(store: Store, recipient: str) -> list[KeptKey]:
    """All keys of a person but the profile's. Walks through the whole store. Raises StoreError."""
    beginning = store.keys.of_person(recipient)
    found = []
    for key in sorted(await store.find(beginning)):
        kind, _, about = key.removeprefix(beginning).partition(":")
        found.append(KeptKey(key, kind, about))
    return found


async def events_of(
    store: Store, recipient: str
) -> AsyncIterator[list[tuple[bytes, dict[str, Any]]]]:
    """The events that name a person, with their ids, page by page. Walks through the whole stream,
    as it is until then. Raises StoreError."""
    named = f'"recipient":"{recipient}"'.encode()
    start = "-"
    while True:
        [entries] = await store.ask(("XRANGE", store.keys.events, start, "+", "COUNT", PAGE))
        found = [
            (id, event)
            for id, fields in entries
            if named in fields[b"event"]
            and (event := orjson.loads(fields[b"event"]))["recipient"] == recipient
        ]
        if found:
            yield found
        if len(entries) < PAGE:
            return
        start = f"({entries[-1][0].decode()}"
