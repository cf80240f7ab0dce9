"""One shape for every error that the server answers in JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class BadField:
    """A field of the body that is refused: its path, its value, and what would be right."""

    path: str
    value: Any
    expected: str


class ProblemError(Exception):
    """An error with its HTTP status, a code for programs and a message for people."""

    def __init__(
        self, status: int, code: str, message: str, fields: Sequence[BadField] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)

    def told(self) -> dict[str, Any]:
        """`{"status", "code", "message", "fields": [{"path", "value", "expected"}]}`."""
        return {
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "fields": [asdict(field) for field in self.fields],
        }

    def body(self) -> bytes:
        """What is told, as JSON."""
        return orjson.dumps(self.told(), default=str)


def short(value: Any) -> Any:
    """A long value is cut, a collection only named: whoever sent it knows the rest."""
    match value:
        case str() if len(value) > LONGEST_VALUE:
            return value[:LONGEST_VALUE] + "…"
        case dict():
            return "{…}"
        case list():
            return "[…]"
        case _:
            return value
