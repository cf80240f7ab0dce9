"""What the parent tells a process that serves, on its standard input: the order, then which
sockets to take and to leave. The end of the input is the end of the work; it comes too when the
parent is killed. The process writes READY once it answers, and LEAVING when it takes no more.
"""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from dyncontent.settings import Settings

READY = b"ready\n"
LEAVING = b"leaving\n"


class Order(BaseModel):
    """The `number` of a process counts from 0. `sockets` are descriptors; it takes the one at the
    place `own` at once. In `figures`, a folder, all processes keep their counts."""

    number: int
    settings: dict[str, Any]
    store: str
    figures: Path
    sockets: list[int]
    own: int

    def line(self) -> bytes:
        return self.model_dump_json().encode() + b"\n"

    def read_settings(self) -> Settings:
        return Settings(**self.settings)


class Change(NamedTuple):
    """Take, or leave, the socket at a place."""

    what: Literal["take", "leave"]
    place: int

    def line(self) -> bytes:
        return f"{self.what} {self.place}\n".encode()
