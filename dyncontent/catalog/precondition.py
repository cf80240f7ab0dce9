"""What an editor saw: a write goes on only if nobody else was faster. As in RFC 9110, 13.1."""

import hashlib
from dataclasses import dataclass

from dyncontent.catalog.model import Definition

DIGEST_BYTES = 16

ANY = "*"
"""Stands for every ETag."""

Tags = tuple[str, ...]
"""ETags with their quotes, or ANY alone."""


def etag(definition: Definition) -> str:
    """The strong ETag of a definition, with its quotes."""
    digest = hashlib.blake2b(definition.encoded(), digest_size=DIGEST_BYTES)
    return f'"{digest.hexdigest()}"'


class PreconditionError(Exception):
    """Something is not as its editor saw it: `header` is what said so with `asked`; `current` is
    its ETag now, None if it is not there."""

    def __init__(self, message: str, header: str, asked: str, current: str | None) -> None:
        super().__init__(message)
        self.header = header
        self.asked = asked
        self.current = current


@dataclass(frozen=True, slots=True)
class Precondition:
    """`match` are the ETags of which the thing must have one, `none_match` those of which it must
    have none."""

    match: Tags | None = None
    none_match: Tags | None = None

    def require(self, what: str, current: str | None) -> None:
        """`current` is the ETag of the thing now, None if it is not there. Raises
        PreconditionError."""
        if self.match is not None and not _is_among(self.match, current):
            asked = ", ".join(self.match)
            told = (
                f"There is no {what}, but If-Match asks for {asked}"
                if current is None
                else f"Another editor was faster: {what} is {current} now, not {asked} as If-Match"
                " says. Read it anew, and make the change on what it is now"
            )
            raise PreconditionError(told, "If-Match", asked, current)
        if self.none_match is not None and _is_among(self.none_match, current):
            asked = ", ".join(self.none_match)
            told = f"There is {what} already, as {current}, but If-None-Match is {asked}"
            raise PreconditionError(told, "If-None-Match", asked, current)


def _is_among(tags: Tags, current: str | None) -> bool:
    return current is not None and (ANY in tags or current in tags)


ANYHOW = Precondition()
"""Write whatever there is."""
