"""The kinds of documents that are upserted, each with its place in the store and what else a
write of it changes there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Generic, TypeVar
from zlib import crc32

import orjson

from dyncontent.catalog.consent import withdrawing
from dyncontent.catalog.dated import Dated
from dyncontent.catalog.instants import instant
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import Definition
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import NOBODY, Profile, Recipient
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys
from dyncontent.store.store import Change
from rules.facts import Record

PARTS = 64
"""Of a list that is spread: enough to share among the servers of a cluster."""

_NOTHING_ELSE = Change(())

Stored = TypeVar("Stored", bound=Dated)


@dataclass(frozen=True)
class Kind(Generic[Stored]):
    """`body` is what a client writes, `stored` what is kept; `combine` makes the one of the
    other and of what was kept before. `patching` reads a patch of a body. `copied` tells that
    processes keep copies of the document; `index` gives what else a write of it changes, and its
    removal, where there is nothing after. `lists` are the sorted sets of which one has the name of
    each document; they are in the document's own hash slot, or `spread` over the slots."""

    name: str
    body: type[Definition]
    stored: type[Stored]
    key: Callable[[Keys, str], str]
    combine: Callable[[Stored | None, Any], Stored] = lambda _, body: body
    patching: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda patch: patch
    copied: bool = False
    index: Callable[[Keys, str, Stored | None, Stored | None], Change] = lambda *_: _NOTHING_ELSE
    lists: Callable[[Keys], Sequence[str]] = lambda _: ()
    spread: bool = False

    def facts(self, document: Stored) -> Record:
        facts: Record = document.facts  # type: ignore[attr-defined]
        return facts

    def write(self, keys: Keys, name: str, before: Stored | None, after: Stored) -> Change:
        """All that a write of the document changes."""
        key = self.key(keys, name)
        index = self.index(keys, name, before, after)
        place = self.place(keys, name)
        listed = ((place, name),) if before is None else ()
        return Change(
            (
                *index.commands,
                *(() if self.spread else (("ZADD", place, 0, name) for place, name in listed)),
                ("SET", key, after.encoded()),
            ),
            (*((key,) if self.copied else ()), *index.changed),
            listed if self.spread else (),
        )

    def remove(self, keys: Keys, name: str, before: Stored) -> Change:
        """All that the removal of the document changes, but for a list that is spread: see
        `dyncontent.catalog.lists.unlist`."""
        key = self.key(keys, name)
        index = self.index(keys, name, before, None)
        listed = () if self.spread else (("ZREM", self.place(keys, name), name),)
        return Change(
            (*index.commands, *listed, ("DEL", key)),
            (*((key,) if self.copied else ()), *index.changed),
        )

    def place(self, keys: Keys, name: str) -> str:
        """The list in which a document stands."""
        lists = self.lists(keys)
        return lists[crc32(name.encode()) % len(lists)]


def _merge_profile(before: Recipient | None, profile: Profile) -> Recipient:
    """A new profile leaves the purchases as they are."""
    return (before or NOBODY).with_profile(profile)


def _record_consents(
    keys: Keys, name: str, before: Recipient | None, after: Recipient | None
) -> Change:
    """Into the history goes what a profile said of consents, once that is more than one word of
    each, or the profile is removed."""
    was = before or NOBODY
    records = unnoted(was) if after is None or after.noted else []
    if after is not None and after.noted and after.consented != was.consented:
        records += _records(after, was.consented)
    return Change((("RPUSH", keys.consents(name), *records),)) if records else _NOTHING_ELSE


def unnoted(person: Recipient) -> list[bytes]:
    """JSON of what a person said of consents that is not in the history, in the order of their
    instants."""
    return [] if person.noted else _records(person, {})


def _records(person: Recipient, known: Mapping[str, int]) -> list[bytes]:
    """Of what was said of consents, but for what is known."""
    says = person.consents.says
    said = sorted(person.consented.items(), key=itemgetter(1))
    return [
        _consent_record(purpose, bool(says(purpose)), at)
        for purpose, at in said
        if known.get(purpose) != at
    ]


@lru_cache(64)
def _consent_record(purpose: str, given: bool, at: int) -> bytes:
    """What a profile said of a purpose: of many people the same, when they are put together."""
    when = instant(at)
    return orjson.dumps({"purpose": purpose, "given": given, "at": when, "recorded": when})


def _index_product(keys: Keys, name: str, before: Product | None, after: Product | None) -> Change:
    """The product's place in its category, by price."""
    was, now = _place(keys, before), _place(keys, after)
    if was == now:
        return _NOTHING_ELSE
    commands: list[Command] = []
    if was is not None:
        commands.append(("ZREM", was[0], name))
    if now is not None:
        commands.append(("ZADD", *now, name))
    return Change(tuple(commands), tuple(place[0] for place in (was, now) if place))


def _place(keys: Keys, product: Product | None) -> tuple[str, str] | None:
    """The index in which a product stands, and its price."""
    if product is None or product.category is None or product.price is None:
        return None
    return keys.category(product.category, product.price.currency), str(product.price.amount)


def _parts(place: Callable[[Keys, int], str]) -> Callable[[Keys], Sequence[str]]:
    return cache(lambda keys: [place(keys, part) for part in range(PARTS)])


PRODUCT = Kind(
    "product",
    Product,
    Product,
    Keys.product,
    copied=True,
    index=_index_product,
    lists=lambda keys: (keys.products,),
)
MESSAGE = Kind(
    "message",
    Message,
    Message,
    Keys.message,
    copied=True,
    lists=lambda keys: (keys.messages,),
)
ORDER = Kind("order", Order, Order, Keys.order, lists=_parts(Keys.orders), spread=True)
RECIPIENT = Kind(
    "recipient",
    Profile,
    Recipient,
    Keys.recipient,
    combine=_merge_profile,
    patching=withdrawing,
    index=_record_consents,
    lists=_parts(Keys.recipients),
    spread=True,
)
