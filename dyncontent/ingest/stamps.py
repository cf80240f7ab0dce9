"""When facts are true, and which of two is the newer."""

import hashlib

from pydantic import BaseModel, ConfigDict, Field

from dyncontent.catalog.dated import Dated

Stamp = tuple[int, int, str]
"""Milliseconds since the epoch; of facts of the same instant the weightier is the newer, then the
one whose event has the greater digest. Nothing rests on the order of arrival."""

NEVER: Stamp = (-(2**62), 0, "")
"""Older than all that was ever said."""

_CONTROL_PLANE = 2**40
DIGEST_BYTES = 6


def digest(source: str, event: str) -> str:
    """A short name of an event, by which a repeat is known."""
    return hashlib.blake2b(f"{source}\0{event}".encode(), digest_size=DIGEST_BYTES).hexdigest()


def said(document: Dated | None, field: str) -> Stamp | None:
    """The stamp of what the control plane last wrote into a field."""
    at = None if document is None else document.said_at(field)
    return None if at is None else (at, _CONTROL_PLANE, "")


def weighed(stamp: Stamp, weight: int) -> Stamp:
    return stamp[0], weight, stamp[2]


def latest(*stamps: Stamp | None) -> Stamp | None:
    return max((stamp for stamp in stamps if stamp is not None), default=None)


def is_newer(stamp: Stamp, *known: Stamp | None) -> bool:
    """Whether it is newer than all that is known; a repeat is not."""
    last = latest(*known)
    return last is None or stamp > last


class Ledger(BaseModel):
    """What stands beside a document: by whose word each of its fields is as it is. The names of
    fields are those of Dated."""

    model_config = ConfigDict(extra="forbid")

    fields: dict[str, Stamp] = Field(default_factory=dict)

    def encode(self) -> bytes:
        return self.model_dump_json(exclude_defaults=True).encode()

    def accepts(self, document: Dated | None, field: str, stamp: Stamp) -> bool:
        return is_newer(stamp, said(document, field), self.fields.get(field))
