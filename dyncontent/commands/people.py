"""Lists of people in files: read in the forms in which shops have them, and written with more."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, BinaryIO, TextIO

import orjson

from dyncontent.counted import counted

NAMES = ("recipient", "id")
"""What the id is called."""
_is_header = re.compile(
    r"id|(first[ _]?)?name|e-?mail([ _]?address)?"
    r"|(recipient|customer|contact|person|subscriber|user)([ _-]?(id|key))?",
    re.IGNORECASE,
).fullmatch
"""Whether a single column is called so: it is hardly anybody's id."""
URLS = ("image", "click", "html")


class Form(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"


class PeopleError(Exception):
    """A list that cannot be read: where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Person:
    """An id with what else stands in its line. `line` is its number, from 1 on, `end` how many
    bytes were read with it."""

    id: str
    fields: Mapping[str, Any]
    line: int
    end: int


def read_people(file: BinaryIO) -> Iterator[Person]:
    """Raises PeopleError. The first line tells the form: NDJSON begins with a brace, CSV names an
    id's column, anything else is an id alone."""
    lines = _Lines(file)
    first = next((text for text in lines if text.strip()), "")
    names = next(csv.reader([first.strip()]), [])
    column = next((name for name in NAMES if name in names), None)
    if first.lstrip().startswith("{"):
        for text in chain((first,), lines):
            if text.strip():
                yield _of_json(text, lines)
    elif column:
        yield from _of_table(names, column, lines)
    elif len(names) > 1 or _is_header(first.strip()):
        raise PeopleError(
            f"the first line names no column {' or '.join(NAMES)}, by which people are known here"
        )
    else:
        for text in chain((first,), lines):
            if name := text.strip():
                yield Person(name, {}, lines.number, lines.end)


class _Lines:
    """The lines of a file, the number of the one that was read last, and how much was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = self.end = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = next(self._file)
        self.number += 1
        self.end += len(raw)
        try:
            return raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise PeopleError(f"line {self.number} is not UTF-8") from error


def _of_table(names: list[str], column: str, lines: _Lines) -> Iterator[Person]:
    for values in csv.reader(lines):
        if not values:
            continue
        if len(values) != len(names):
            raise PeopleError(
                f"line {lines.number} has {counted(len(values), 'column')},"
                f" not {len(names)} as the first"
            )
        fields = dict(zip(names, values, strict=True))
        yield Person(fields.pop(column), fields, lines.number, lines.end)


def _of_json(text: str, lines: _Lines) -> Person:
    number = lines.number
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PeopleError(f"line {number} is not JSON: {error}") from error
    name = next((name for name in NAMES if isinstance(fields, dict) and name in fields), None)
    if name is None or not isinstance(fields[name], str):
        raise PeopleError(f"line {number} has no {' or '.join(NAMES)} that is a text")
    return Person(fields.pop(name), fields, number, lines.end)


def write_people(file: TextIO, form: Form) -> Callable[[Person, Mapping[str, Any]], None]:
    """What writes a person with their URLs. The columns of CSV are those of the first person."""
    if form is Form.NDJSON:

        def write(person: Person, urls: Mapping[str, Any]) -> None:
            row = {"recipient": person.id, **person.fields, **{name: urls[name] for name in URLS}}
            file.write(orjson.dumps(row).decode() + "\n")

        return write
    writer = csv.writer(file, lineterminator="\n")
    columns: list[str] = []

    def write_row(person: Person, urls: Mapping[str, Any]) -> None:
        if not columns:
            columns.extend(person.fields)
            writer.writerow(("recipient", *columns, *URLS))
        others = (_cell(person.fields.get(name, "")) for name in columns)
        writer.writerow((person.id, *others, *(urls[name] for name in URLS)))

    return write_row


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
