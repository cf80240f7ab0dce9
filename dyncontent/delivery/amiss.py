"""What is amiss with the URLs in a mail, as opens tell it: counted, and kept for whoever can mend
the mail. Nothing that a stranger wrote is kept, and little is written however many they send."""

from dataclasses import dataclass
from enum import StrEnum

from dyncontent.delivery.facts import last_block
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.record import RECIPIENT_UNKNOWN
from dyncontent.delivery.tags import senders_of
from dyncontent.delivery.visit import Visit
from dyncontent.metrics import Metrics
from dyncontent.store.store import Store

PAUSE = 60.0
"""Seconds after which the same is written again."""
_MOST_REMEMBERED = 10_000


class Amiss(StrEnum):
    TAG_UNRENDERED = Fault.TAG_UNRENDERED
    RECIPIENT_MISSING = Fault.RECIPIENT_MISSING
    RECIPIENT_UNKNOWN = RECIPIENT_UNKNOWN


@dataclass(frozen=True, slots=True)
class Seen:
    """What was amiss, and when last (milliseconds since the epoch); `senders` are the ids of those
    that could have filled the tag."""

    code: Amiss
    senders: tuple[str, ...]
    at: int


class Watch:
    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._written: dict[tuple[str, str], float] = {}

    def note(self, visit: Visit, code: Amiss) -> None:
        """Of a block that is not published nothing is noted."""
        block = visit.address.block
        if last_block(self._store.copies, self._store.keys, block) is None:
            return
        tag = visit.address.unrendered
        senders = "+".join(sorted(senders_of(tag))) if tag else ""
        if code is Amiss.TAG_UNRENDERED:
            self._metrics.tags_unrendered.labels(block, senders).inc()
        name = f"{code} {senders}"
        if visit.at - self._written.get((block, name), 0) < PAUSE:
            return
        if len(self._written) == _MOST_REMEMBERED:
            self._written.clear()
        self._written[block, name] = visit.at
        self._store.tell(("HSET", self._store.keys.amiss(block), name, round(visit.at * 1000)))


async def seen_amiss(store: Store, block: str) -> list[Seen]:
    """The latest first. Raises StoreError."""
    [found] = await store.ask(("HGETALL", store.keys.amiss(block)))
    return sorted((_seen(name.decode(), int(at)) for name, at in found.items()), key=_newest)


def _seen(name: str, at: int) -> Seen:
    code, _, senders = name.partition(" ")
    return Seen(Amiss(code), tuple(senders.split("+")) if senders else (), at)


def _newest(seen: Seen) -> int:
    return -seen.at
