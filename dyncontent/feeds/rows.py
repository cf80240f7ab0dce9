"""What is read of a feed: rows, and what is broken."""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_ROW = 1024 * 1024
"""Characters of one row; a longer one is broken."""
MOST_WITHOUT = 1_000_000
"""Lines of a file without a product: those that are empty, and those that are broken."""
MOST_COLUMNS = 500

Cell = str | tuple[str, ...]
"""A value as it stands in the feed, several where the feed repeats it; never None: what is empty is
an empty text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One product: the line that it begins in, from 1 on, and its values by the names of their
    columns."""

    line: int
    values: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no product, and what would be right."""

    line: int
    expected: str


class FeedError(Exception):
    """A file that cannot be taken: a code for programs, a message for people, the line if one is
    known."""

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


def broken(message: str, line: int | None = None) -> FeedError:
    """The file is damaged."""
    return FeedError("BROKEN_FEED", message, line)


def require_few(without: int, line: int | None = None) -> None:
    """Raises FeedError for a file that has so many lines without a product."""
    if without > MOST_WITHOUT:
        message = f"A feed has at most {MOST_WITHOUT} lines without a product"
        raise FeedError("TOO_LARGE", message, line)
