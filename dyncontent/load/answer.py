"""An answer of a server, and what may be wrong with it."""

from collections.abc import Callable, Collection
from typing import NamedTuple

CONTENT_TYPE = b"content-type"
LOCATION = b"location"

_PICTURES = {
    "png": (b"image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": (b"image/jpeg", b"\xff\xd8\xff"),
    "gif": (b"image/gif", b"GIF8"),
}
EXTENSIONS = frozenset(_PICTURES)


class Answer(NamedTuple):
    """`head` is the status line and the headers, each with its line's end, `lowered` the same in
    small letters; `begun` is when the request was sent, by time.perf_counter."""

    status: int
    head: bytes
    lowered: bytes
    body: bytes
    begun: float

    def header(self, name: bytes) -> bytes | None:
        """A header's value, by its name in small letters."""
        at = self.lowered.find(b"\r\n%b:" % name)
        if at < 0:
            return None
        return self.head[at + len(name) + 3 : self.head.index(b"\r\n", at + 2)].strip()


Check = Callable[[Answer], str | None]
"""What is wrong with an answer, in a few words; None if it is right."""


def picture(extension: str) -> Check:
    """The answer is a picture of the type that an address with this extension names."""
    media_type, beginning = _PICTURES[extension]

    def check(answer: Answer) -> str | None:
        if failure := _unlike(answer, 200, media_type):
            return failure
        return None if answer.body.startswith(beginning) else "no such picture"

    return check


def one_of(media_type: str, bodies: Collection[bytes]) -> Check:
    """The answer has one of these bodies, byte by byte."""
    encoded, expected = media_type.encode(), frozenset(bodies)

    def check(answer: Answer) -> str | None:
        if failure := _unlike(answer, 200, encoded):
            return failure
        return None if answer.body in expected else "another body"

    return check


def exactly(media_type: str, body: bytes) -> Check:
    """The answer has this body, byte by byte."""
    encoded = media_type.encode()

    def check(answer: Answer) -> str | None:
        if failure := _unlike(answer, 200, encoded):
            return failure
        return None if answer.body == body else "another body"

    return check


def leads_to(location: str) -> Check:
    """The answer sends on to this address."""
    encoded = location.encode()

    def check(answer: Answer) -> str | None:
        if answer.status != 302:
            return f"status {answer.status}"
        found = answer.header(LOCATION)
        return None if found == encoded else f"leads to {_told(found)}"

    return check


def _unlike(answer: Answer, status: int, media_type: bytes) -> str | None:
    if answer.status != status:
        return f"status {answer.status}"
    found = answer.header(CONTENT_TYPE)
    return None if found == media_type else f"type {_told(found)}"


def _told(value: bytes | None) -> str | None:
    return value.decode("utf-8", "replace")[:200] if value is not None else None
