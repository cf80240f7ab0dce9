"""All that the server holds of one person, for them to read."""

from datetime import UTC, datetime
from typing import Any

import orjson

from dyncontent.catalog.kinds import unnoted
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import plain
from dyncontent.catalog.recipient import Recipient
from dyncontent.privacy.kept import KINDS, events_of, keys_of
from dyncontent.store.store import Store


async def export(store: Store, recipient: str) -> dict[str, Any] | None:
    """Plain JSON, with instants as such; None if nothing is held.

    Raises StoreError.
    """
    [raw] = await store.ask(("GET", store.keys.recipient(recipient)))
    profile = None if raw is None else Recipient.read(raw)
    told: dict[str, Any] = {name: {} if kind.of else [] for name, kind in KINDS.items()}
    keys = await keys_of(store, recipient)
    replies = await store.ask(*(KINDS[one.kind].read(one.key) for one in keys)) if keys else []
    for one, reply in zip(keys, replies, strict=True):
        kind = KINDS[one.kind]
        if kind.of:
            told[one.kind][one.about] = kind.told(reply)
        else:
            told[one.kind] = kind.told(reply)
    if profile is not None:
        told["consents"] += map(orjson.loads, unnoted(profile))
    events = [event async for page in events_of(store, recipient) for _, event in page]
    if profile is None and not keys and not events:
        return None
    return {
        "id": recipient,
        "exported_at": datetime.now(UTC),
        "profile": profile and orjson.loads(profile.with_noted(noted=False).readable),
        **told,
        "events": events,
        **await _messages(store, sorted(told["shown"])),
    }


async def _messages(store: Store, names: list[str]) -> dict[str, Any]:
    """The messages about an order in which the person was shown something, and the orders: one
    person's, though not kept as theirs."""
    messages: dict[str, Any] = {}
    orders: dict[str, Any] = {}
    raw = await store.ask(*(("GET", store.keys.message(name)) for name in names)) if names else []
    for name, document in zip(names, raw, strict=True):
        message = plain(Message.model_validate_json(document)) if document else {}
        if "order" in message:
            messages[name] = message
            orders[message["order"]] = None
    if orders:
        found = await store.ask(*(("GET", store.keys.order(name)) for name in orders))
        orders = {
            name: plain(Order.model_validate_json(document))
            for name, document in zip(orders, found, strict=True)
            if document
        }
    return {"messages": messages, "orders": orders}
