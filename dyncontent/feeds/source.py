"""A file of a feed: how it is packed and written is found out, then it is read as rows."""

import gzip
import io
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from typing import BinaryIO

from pydantic import BaseModel

from dyncontent.catalog.feed import Feed, Format
from dyncontent.feeds import items, objects, table
from dyncontent.feeds.rows import Broken, FeedError, Row, broken

MOST_EXPANDED = 1024 * 1024 * 1024
"""Bytes of a file once it is unpacked."""
PIECE = 64 * 1024
LAST_CHOICE = "windows-1252"
"""What is neither UTF-8 nor UTF-16 is taken for this, which has all of Latin-1 that can be seen."""

_GZIP = b"\x1f\x8b"


class Layout(BaseModel):
    """How a file is packed and written. XML says its encoding itself; the delimiter is that of a
    table."""

    format: Format
    compressed: bool
    encoding: str | None = None
    delimiter: str | None = None


def examine(file: BinaryIO, feed: Feed) -> Layout:
    """Raises FeedError for a file that is damaged, empty or too large."""
    file.seek(0)
    compressed = file.read(2) == _GZIP
    with _unpacked(file, compressed=compressed) as data:
        head = data.read(PIECE)
        encoding = feed.encoding or _marked(head)
        if encoding is None:
            encoding = "utf-8" if _is_utf8(head, data) else LAST_CHOICE
    text = head.decode(_codec(encoding), "replace").lstrip("\ufeff").lstrip()
    if not text:
        raise FeedError("EMPTY_FEED", "The file is empty: nothing was changed")
    found: Format
    if feed.format != "auto":
        found = feed.format
    elif text.startswith("<"):
        found = "xml"
    elif text.startswith(("{", "[")):
        found = "ndjson" if objects.is_lines(text) else "json"
    else:
        found = "csv"
    layout = Layout(format=found, compressed=compressed)
    if found != "xml":
        layout.encoding = encoding
    if found == "csv":
        layout.delimiter = feed.delimiter or table.delimiter_of(text.splitlines()[0])
    return layout


def rows(file: BinaryIO, layout: Layout) -> Iterator[Row | Broken]:
    """Raises FeedError for a file that is damaged, when it comes to the damage."""
    with _unpacked(file, compressed=layout.compressed) as data:
        if layout.format == "xml":
            yield from items.rows(data)
            return
        encoding = _codec(layout.encoding or "utf-8")
        with io.TextIOWrapper(data, encoding, "replace", newline="") as text:
            match layout.format:
                case "csv":
                    yield from table.rows(text, layout.delimiter or ",")
                case "ndjson":
                    yield from objects.lines(text)
                case _:
                    yield from objects.rows(text)


def _unpacked(file: BinaryIO, *, compressed: bool) -> io.BufferedReader:
    file.seek(0)
    return io.BufferedReader(_Unpacked(file, compressed=compressed), PIECE)


class _Unpacked(io.RawIOBase):
    """What a file holds. Closing it leaves the file open."""

    def __init__(self, file: BinaryIO, *, compressed: bool) -> None:
        self._data = gzip.GzipFile(fileobj=file, mode="rb") if compressed else file
        self._left = MOST_EXPANDED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._data.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise broken(f"The gzip file is damaged: {error}") from error
        self._left -= len(piece)
        if self._left < 0:
            message = f"A feed has at most {MOST_EXPANDED} bytes once it is unpacked"
            raise FeedError("TOO_LARGE", message)
        buffer[: len(piece)] = piece
        return len(piece)


def _marked(head: bytes) -> str | None:
    """The encoding that the first bytes tell: a mark, or zeros where UTF-16 has them."""
    if head.startswith(BOM_UTF8):
        return "utf-8"
    if head.startswith((BOM_UTF16_BE, BOM_UTF16_LE)):
        return "utf-16"
    start = head[:200]
    half = len(start) // 2
    if start[1::2].count(0) > half * 0.7:
        return "utf-16-le"
    if start[::2].count(0) > half * 0.7:
        return "utf-16-be"
    return None


def _is_utf8(head: bytes, data: BinaryIO) -> bool:
    decoder = getincrementaldecoder("utf-8")()
    piece = head
    try:
        while piece:
            decoder.decode(piece)
            piece = data.read(PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _codec(encoding: str) -> str:
    """With or without a mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding
