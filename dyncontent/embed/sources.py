"""The texts in the file of an email, and where in the file each of their characters stands."""

import base64
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser

_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})|=[ \t]*\r?\n|[^=]+|=")
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

MOST_BOUNDARIES = 1000

Position = tuple[int, int]
"""Line and column in the file, both from 1; columns count characters."""


class UnreadableError(Exception):
    """A mail that takes too much to read: what would be right."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an email. What its bytes are not in its character set stands as lone
    surrogates."""

    content: str
    is_html: bool
    position: Callable[[int], Position]
    """Of the character at an offset."""


def of_html(raw: bytes) -> list[Text]:
    """An HTML file, in UTF-8."""
    content = raw.decode("utf-8", "surrogateescape")
    return [Text(content, is_html=True, position=_Lines(content).position)]


def of_message(raw: bytes) -> list[Text]:
    """The texts of a MIME message (RFC 5322, RFC 2045), in their order; attachments are left
    out. Raises UnreadableError."""
    if raw.count(b"\n--") > MOST_BOUNDARIES:
        raise UnreadableError(f"a mail with at most {MOST_BOUNDARIES} lines that begin with --")
    whole = raw.decode("latin-1")  # each byte is one character
    lines = _Lines(whole)
    try:
        return list(_texts(Parser().parsestr(whole), raw, lines))
    except RecursionError:
        raise UnreadableError("a mail without a mail in a mail in a mail") from None


def _texts(message: Message, raw: bytes, lines: "_Lines") -> Iterator[Text]:
    cursor = 0
    for part in message.walk():
        payload = part.get_payload()
        if part.is_multipart() or not isinstance(payload, str):
            continue
        body = payload.encode("latin-1")
        start = _start(raw, body, cursor)
        cursor = start + len(body)
        kind = part.get_content_type()
        if kind in ("text/html", "text/plain") and part.get_content_disposition() != "attachment":
            decoded, origins = _decoded(body, str(part.get("content-transfer-encoding", "")))
            charset = str(part.get_param("charset", "utf-8"))
            yield _text(decoded, charset, kind == "text/html", lines, start, origins)


def _start(raw: bytes, body: bytes, cursor: int) -> int:
    """Where a part's body begins: behind the empty line that ends its header."""
    places = ((raw.find(ending + body, cursor), len(ending)) for ending in (b"\n\n", b"\r\n\r\n"))
    found = [place + length for place, length in places if place >= 0]
    return min(found, default=cursor)


def _text(
    decoded: bytes,
    charset: str,
    is_html: bool,
    lines: "_Lines",
    start: int,
    origins: Sequence[int],
) -> Text:
    try:
        content = decoded.decode(charset, "surrogateescape")
        content.encode(charset, "surrogateescape")
    except (LookupError, ValueError):
        charset, content = "latin-1", decoded.decode("latin-1")

    def position(offset: int) -> Position:
        before = len(content[:offset].encode(charset, "surrogateescape"))
        return lines.position(start + (origins[before] if before < len(origins) else 0))

    return Text(content, is_html, position)


def _decoded(body: bytes, encoding: str) -> tuple[bytes, Sequence[int]]:
    """The bytes that a transfer encoding stands for, and where in the body each begins."""
    match encoding.strip().lower():
        case "quoted-printable":
            return _from_quoted(body)
        case "base64":
            return _from_base64(body)
        case _:
            return body, range(len(body))


def _from_quoted(body: bytes) -> tuple[bytes, Sequence[int]]:
    decoded, origins = bytearray(), list[int]()
    for found in _QUOTED.finditer(body):
        if found[1]:
            decoded += bytes.fromhex(found[1].decode())
            origins.append(found.start())
        elif not found[0].endswith(b"\n") or found[0][0] != ord("="):
            decoded += found[0]
            origins.extend(range(*found.span()))
    return bytes(decoded), origins


def _from_base64(body: bytes) -> tuple[bytes, Sequence[int]]:
    kept = [place for place, one in enumerate(body) if one in _BASE64]
    if len(kept) % 4 == 1:
        kept.pop()  # half a byte
    letters = bytes(body[place] for place in kept)
    decoded = base64.b64decode(letters + b"=" * (-len(letters) % 4))
    return decoded, [kept[place * 4 // 3] for place in range(len(decoded))]


class _Lines:
    def __init__(self, content: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", content))]

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
