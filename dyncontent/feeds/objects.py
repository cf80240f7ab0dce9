"""Rows of JSON: a list of objects, an object with one such list in it, or an object a line."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from dyncontent.feeds.rows import (
    MOST_COLUMNS,
    MOST_ROW,
    Broken,
    Cell,
    FeedError,
    Row,
    broken,
    require_few,
)

PIECE = 64 * 1024
DEEPEST = 3
"""Of names with dots."""

_LONE, _REPLACEMENT = re.compile("[\ud800-\udfff]"), "\ufffd"
"""Halves of characters, which JSON can write and UTF-8 cannot."""
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)
_filled = re.compile(r"[^ \t\r\n]").search
_OBJECT = "a JSON object: {...}"


def is_lines(head: str) -> bool:
    """Whether JSON that begins like this is an object a line: the first line is a whole object,
    and another begins after it, or it holds no list of objects."""
    first, _, rest = head.lstrip().partition("\n")
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    return rest.lstrip().startswith("{") or not any(map(_is_list, found.values()))


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def lines(text: TextIO) -> Iterator[Row | Broken]:
    """An object a line."""
    number = blanks = 0
    while line := text.readline(MOST_ROW):
        number += 1
        if len(line) == MOST_ROW and not line.endswith("\n"):
            while line and not line.endswith("\n"):
                line = text.readline(MOST_ROW)
            yield Broken(number, f"at most {MOST_ROW} characters")
            continue
        if not line.strip():
            blanks += 1
            require_few(blanks, number)
            continue
        try:
            value, end = _DECODER.raw_decode(line, len(line) - len(line.lstrip()))
        except (ValueError, RecursionError) as error:
            yield Broken(number, f"JSON: {_why(error)}")
            continue
        if line[end:].strip():
            yield Broken(number, "one JSON object a line, and nothing after it")
        else:
            yield _row(value, number)


def rows(text: TextIO) -> Iterator[Row | Broken]:
    """A list, or an object with one list of objects in it. Raises FeedError for anything else."""
    scanner = _Scanner(text)
    if scanner.peek() == "[":
        scanner.skip("[")
        yield from _items(scanner)
    else:
        yield from _in_object(scanner)
    if scanner.peek():
        raise broken("This is no JSON: something stands after its end", scanner.line)


def _in_object(scanner: "_Scanner") -> Iterator[Row | Broken]:
    scanner.skip("{")
    found = ""
    while scanner.peek() != "}":
        if scanner.peek() != '"':
            raise broken("This is no JSON: a name in quotes is expected", scanner.line)
        name = scanner.value()
        scanner.skip(":")
        if scanner.peek() == "[":
            scanner.skip("[")
            if scanner.peek() in "{]":
                if found and scanner.peek() == "{":
                    message = f"This JSON has two lists, {found} and {name}: one is expected"
                    raise FeedError("TWO_LISTS", message, scanner.line)
                found = found or name
                yield from _items(scanner)
            else:
                while scanner.peek() != "]":
                    scanner.value()
                    _comma(scanner, "]")
                scanner.skip("]")
        else:
            scanner.value()
        _comma(scanner, "}")
    scanner.skip("}")
    if not found:
        raise FeedError("NO_LIST", "This JSON has no list of products in it: [{...}, ...]")


def _items(scanner: "_Scanner") -> Iterator[Row | Broken]:
    """Those of a list that has begun."""
    while scanner.peek() != "]":
        line = scanner.line
        yield _row(scanner.value(), line)
        _comma(scanner, "]")
    scanner.skip("]")


def _comma(scanner: "_Scanner", end: str) -> None:
    if scanner.peek() != end:
        scanner.skip(",")


class _Scanner:
    """JSON, read value by value, with no more in memory than one of them."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._held = ""
        self._at = 0
        self._counted = 0
        self._ends = 1
        self._over = False

    @property
    def line(self) -> int:
        self._ends += self._held.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._ends

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            if found := _filled(self._held, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._held)
            if self._over:
                return ""
            self._more()

    def skip(self, character: str) -> None:
        if self.peek() != character:
            found = self.peek() or "its end"
            raise broken(f"This is no JSON: {character} is expected, not {found}", self.line)
        self._at += 1

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except RecursionError as error:
                raise broken("This JSON is nested too deeply", self.line) from error
            except ValueError as error:
                if self._over or len(self._held) - self._at > MOST_ROW:
                    raise broken(f"This is no JSON: {_why(error)}", self.line) from error
            else:
                if end < len(self._held) or self._over:
                    self._at = end
                    return value
            self._more()

    def _more(self) -> None:
        piece = self._text.read(PIECE)
        self._over = not piece
        self._ends = self.line
        self._held = self._held[self._at :] + piece
        self._at = self._counted = 0


def _why(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"


def _row(value: Any, line: int) -> Row | Broken:
    if not isinstance(value, dict):
        return Broken(line, _OBJECT)
    values: dict[str, Cell] = {}
    _flatten(value, "", values, DEEPEST)
    return Row(line, values)


def _flatten(value: dict[str, Any], prefix: str, into: dict[str, Cell], depth: int) -> None:
    for key, inner in value.items():
        name = _LONE.sub(_REPLACEMENT, key)
        if len(into) >= MOST_COLUMNS:
            return
        if isinstance(inner, dict):
            if depth > 1:
                _flatten(inner, f"{prefix}{name}.", into, depth - 1)
        elif isinstance(inner, list):
            if not any(isinstance(one, dict | list) for one in inner):
                into[prefix + name] = tuple(map(_cell, inner))
        else:
            into[prefix + name] = _cell(inner)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return _LONE.sub(_REPLACEMENT, str(value))
