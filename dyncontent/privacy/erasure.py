"""Erasing one person everywhere, and the receipt of it.

First it is noted, under a name that only those can tell who know the id, that the person was
erased; then the profile goes. From then on no open keeps anything of them, and one that is under
way takes its traces away itself (dyncontent.delivery.traces). So what is found afterwards is all.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from dyncontent.access.answers import Answers
from dyncontent.catalog.kinds import MESSAGE, ORDER, RECIPIENT, Kind
from dyncontent.catalog.lists import unlist
from dyncontent.catalog.model import Definition, Instant, encode_whole
from dyncontent.keyring import Keyring
from dyncontent.privacy.kept import KINDS, events_of, keys_of
from dyncontent.store.command import Command
from dyncontent.store.store import Change, Store

SCHEME = "dyncontent-erasure-1"
SALT_BYTES = 16
PEPPER_BYTES = 32


class Pseudonym(Definition):
    """Whom a receipt is about, for those who know the id: HMAC-SHA256 of the id with the salt as
    its key, both in hexadecimal."""

    salt: str
    hash: str

    @classmethod
    def of(cls, recipient: str) -> "Pseudonym":
        salt = secrets.token_hex(SALT_BYTES)
        return cls(salt=salt, hash=_hashed(salt, recipient))

    def is_of(self, recipient: str) -> bool:
        return hmac.compare_digest(self.hash, _hashed(self.salt, recipient))


class Receipt(Definition):
    """What was erased, of each kind how many. `key` is the id of the secret that signed it."""

    id: str
    at: Instant
    person: Pseudonym
    removed: dict[str, int]
    key: str
    signature: str = ""

    def is_genuine(self, keyring: Keyring) -> bool | None:
        """Whether this server signed it; None if the secret is no longer known."""
        key = keyring.verifying_key(self.key, SCHEME)
        if key is None:
            return None
        return hmac.compare_digest(self.signature, _signature(key, self))


async def erase(
    store: Store,
    keyring: Keyring,
    recipient: str,
    orders: Sequence[str] = (),
    messages: Sequence[str] = (),
) -> Receipt:
    """Erase a person, whether anything of them is held or not, and the orders and messages that
    are said to be theirs. Walks through the whole store and all events. If it fails it can be
    repeated.

    Raises StoreError.
    """
    keys = store.keys
    id = f"erasure-{secrets.token_hex(12)}"
    await store.ask(("SET", keys.pepper, secrets.token_bytes(PEPPER_BYTES), "NX"))
    [pepper] = await store.ask(("GET", keys.pepper))
    await store.ask(("SET", keys.erased(pepper, recipient), id))
    removed = Counter(
        dict.fromkeys(("profile", *KINDS, "events", "answers", "orders", "messages"), 0)
    )
    removed["profile"] = await _remove(store, RECIPIENT, recipient)
    history = keys.consents(recipient)
    [removed["consents"], _] = await store.ask(("LLEN", history), ("UNLINK", history))
    for one in await keys_of(store, recipient):
        size: Command = (
            (KINDS[one.kind].count, one.key) if one.kind in KINDS else ("EXISTS", one.key)
        )
        [count, _] = await store.ask(size, ("UNLINK", one.key))
        removed[one.kind] += count
    async for page in events_of(store, recipient):
        [count] = await store.ask(("XDEL", keys.events, *(event for event, _ in page)))
        removed["events"] += count
    removed["answers"] = await Answers(store).erase(recipient)
    for order in orders:
        removed["orders"] += await _remove(store, ORDER, order)
        await store.ask(("UNLINK", keys.order_ledger(order)))
    for message in messages:
        removed["messages"] += await _remove(store, MESSAGE, message)
        await store.ask(("UNLINK", keys.message_ledger(message)))
    key_id, key = keyring.signing_key(SCHEME)
    receipt = Receipt(
        id=id,
        at=datetime.now(UTC),
        person=Pseudonym.of(recipient),
        removed=dict(removed),
        key=key_id,
    )
    receipt = receipt.replace(signature=_signature(key, receipt))
    await store.ask(("SET", keys.erasure(id), encode_whole(receipt)))
    return receipt


async def _remove(store: Store, kind: Kind[Any], name: str) -> int:
    """How many documents that were, one or none. Its indexes and lists, and the copies of every
    process, go with it."""
    key = kind.key(store.keys, name)
    was: list[bool] = []

    def gone(raw: bytes | None) -> Change:
        was[:] = [raw is not None]
        if raw is None:
            return Change((("DEL", key),))
        return kind.remove(store.keys, name, kind.stored.read(raw))

    await store.update(key, gone)
    if kind.spread:
        await unlist(store, kind, name)
    return int(was[0])


def _hashed(salt: str, recipient: str) -> str:
    return hmac.digest(bytes.fromhex(salt), recipient.encode(), hashlib.sha256).hex()


def _signature(key: bytes, receipt: Receipt) -> str:
    """HMAC-SHA256 in hexadecimal over lines: the scheme, id, instant, salt, hash, what was removed
    as JSON in the order of the names, and the id of the secret."""
    removed = orjson.dumps(receipt.removed, option=orjson.OPT_SORT_KEYS).decode()
    at = receipt.at.isoformat()
    person = receipt.person
    lines = (SCHEME, receipt.id, at, person.salt, person.hash, removed, receipt.key)
    return hmac.digest(key, "\n".join(lines).encode(), hashlib.sha256).hex()
