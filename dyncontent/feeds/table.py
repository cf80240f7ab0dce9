"""Rows of CSV and TSV. Source: RFC 4180, with any delimiter and any end of a line."""

import csv
from collections.abc import Iterator
from typing import TextIO

from dyncontent.feeds.rows import MOST_COLUMNS, MOST_ROW, Broken, FeedError, Row, require_few

DELIMITERS = "\t;,|"


def delimiter_of(header: str) -> str:
    """The delimiter that stands most often outside of quotes; a comma where there is none."""
    bare = "".join(header.split('"')[::2])
    best = max(DELIMITERS, key=bare.count)
    return best if best in bare else ","


def rows(text: TextIO, delimiter: str) -> Iterator[Row | Broken]:
    """The first line that is not empty names the columns. Raises FeedError without one."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    names: list[str] | None = None
    blanks = 0
    while True:
        start = reader.line_num + 1
        lines.too_long = False
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Broken(start, f"a line of a table: {error}")
            continue
        if cells is None:
            return
        if lines.too_long:
            yield Broken(start, f"at most {MOST_ROW} characters")
        elif not any(cell.strip() for cell in cells):
            blanks += 1
            require_few(blanks, start)
        elif names is None:
            names = _names(cells, start)
        elif len(cells) != len(names):
            yield Broken(start, f"{len(names)} cells as in the header; here are {len(cells)}")
        else:
            yield Row(start, {name: cell for name, cell in zip(names, cells, strict=True) if name})


def _names(cells: list[str], line: int) -> list[str]:
    """Of columns with the same name the first has it."""
    if len(cells) > MOST_COLUMNS:
        raise FeedError("TOO_LARGE", f"A feed has at most {MOST_COLUMNS} columns", line)
    seen: set[str] = set()
    names = []
    for cell in cells:
        name = cell.strip()
        names.append("" if name in seen else name)
        seen.add(name)
    return names


class _Lines:
    """Lines with their ends. Of one that is too long only the beginning is kept."""

    def __init__(self, text: TextIO) -> None:
        self.too_long = False
        self._text = text

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MOST_ROW)
        if not line:
            raise StopIteration
        if len(line) == MOST_ROW:
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                self.too_long = True
                rest = self._text.readline(MOST_ROW)
        return line
