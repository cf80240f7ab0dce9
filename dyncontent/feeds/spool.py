"""A file on its way in: received onto the disk, and its rows kept there, so that they can be gone
through more than once without more in memory than a few."""

from collections.abc import AsyncIterator, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

import orjson

from dyncontent.feeds.rows import MOST_COLUMNS, Cell, FeedError, Row

MOST_RECEIVED = 256 * 1024 * 1024
MOST_ROWS = 1_000_000
IN_MEMORY = 1024 * 1024


def scratch() -> BinaryIO:
    """A file that is gone when it is closed."""
    return cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY))


async def receive(data: AsyncIterator[bytes], into: IO[bytes]) -> None:
    """Raises FeedError if there is too much of it, and whatever `data` raises."""
    received = 0
    async for piece in data:
        received += len(piece)
        if received > MOST_RECEIVED:
            raise FeedError("TOO_LARGE", f"A feed has at most {MOST_RECEIVED} bytes")
        into.write(piece)


class Rows:
    """Rows that are kept, and the names of their columns, in the order of their first."""

    def __init__(self) -> None:
        self._file = scratch()
        self._columns: dict[str, None] = {}
        self.count = 0

    @property
    def columns(self) -> list[str]:
        return list(self._columns)

    def add(self, row: Row) -> None:
        """Raises FeedError if there are too many."""
        self.count += 1
        if self.count > MOST_ROWS:
            raise FeedError("TOO_LARGE", f"A feed has at most {MOST_ROWS} products", row.line)
        if len(self._columns) < MOST_COLUMNS:
            self._columns.update(dict.fromkeys(row.values))
        self._file.write(orjson.dumps((row.line, row.values)) + b"\n")

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        for raw in self._file:
            line, values = orjson.loads(raw)
            yield Row(line, {name: _cell(value) for name, value in values.items()})

    def close(self) -> None:
        self._file.close()


def _cell(value: str | list[str]) -> Cell:
    return value if isinstance(value, str) else tuple(value)
