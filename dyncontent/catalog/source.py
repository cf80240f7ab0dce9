"""Data sources: an address of a workspace that answers JSON, and which values of it become facts
(`source.weather.temperature`). What is known of one stands beside its definition: its values with
their ages, and how the last requests went."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode, urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from dyncontent.catalog.model import (
    WEB_ADDRESS,
    AttributeName,
    Definition,
    Instant,
    ShortText,
)
from dyncontent.outgoing.client import check_header
from dyncontent.outgoing.reach import LONGEST_URL, Reach, RefusedError
from rules.facts import NOTHING, STALE, Declared, FactType, Record, Value
from rules.moment import DURATION, parse_duration
from rules.tree import CURRENCY
from rules.values import CONVERSIONS

REACH = "reach"
"""Where a validation's context holds the Reach that addresses must be in."""
POINTER = r"^(/[^\x00-\x1f]{0,100}){0,20}$"
MOST_VALUES = 50
MOST_SECRETS = 20


def length(text: str) -> timedelta:
    """Of a duration as ISO 8601 writes it; a day has 24 hours. Raises ValueError for months, which
    differ."""
    duration = parse_duration(text)
    if duration.months:
        raise ValueError("a duration here has weeks, days, hours, minutes and seconds")
    return timedelta(days=duration.days, seconds=duration.seconds)


def _between(least: str, most: str, text: str) -> str:
    if not length(least) <= length(text) <= length(most):
        raise ValueError(f"a duration from {least} to {most}")
    return text


_WRITTEN = Field(max_length=40, examples=["PT15M"], json_schema_extra={"pattern": DURATION})
Interval = Annotated[str, _WRITTEN, AfterValidator(partial(_between, "PT10S", "P31D"))]
Age = Annotated[str, _WRITTEN, AfterValidator(partial(_between, "PT1M", "P366D"))]
Timeout = Annotated[str, _WRITTEN, AfterValidator(partial(_between, "PT1S", "PT1M"))]


def _check_address(url: str, info: ValidationInfo) -> str:
    """Without a context the address was checked before: it comes from the store."""
    reach: Reach | None = (info.context or {}).get(REACH)
    if "#" in url:
        raise ValueError("an address without #")
    try:
        named = urlsplit(url).hostname
    except ValueError as error:
        raise ValueError(f"a web address: {error}") from error
    if not named:
        raise ValueError("a web address with a host")
    if reach is not None:
        try:
            reach.read(url)
        except RefusedError as error:
            raise ValueError(str(error)) from error
    return url


SourceId = AttributeName
"""It stands in the names of facts."""
Address = Annotated[
    str,
    StringConstraints(pattern=WEB_ADDRESS, max_length=LONGEST_URL),
    Field(examples=["https://api.example.com/v1/forecast?city=tallinn"]),
    AfterValidator(_check_address),
]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Secrets = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")], Secret | None],
    Field(max_length=MOST_SECRETS),
]
"""Values that are never told again; None stands for one that is there already."""
Pointer = Annotated[
    str,
    StringConstraints(pattern=POINTER, max_length=500),
    Field(examples=["/current/temperature", "/list/0/name"]),
]


class SourceValue(Definition):
    """Where a value stands in the answer, as a JSON pointer (RFC 6901), and its type. `currency` is
    that of an amount of money that is written as a number."""

    pointer: Pointer
    type: Literal["text", "number", "money", "boolean", "instant", "date", "texts"]
    currency: Annotated[str, StringConstraints(pattern=CURRENCY)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.currency is not None and self.type != "money":
            raise ValueError("only money has a currency")
        return self


class DataSource(Definition):
    """`url` is asked for JSON `every` interval. `headers` and `query` are sent with it and are
    secrets: they are told with null in the place of each value, and null leaves a value as it is
    while the address leads to the same origin. A value that was fetched longer than `too_old` ago
    is stale. A request takes at most `timeout`."""

    title: ShortText = ""
    url: Address
    headers: Secrets = Field(default_factory=dict)
    query: Secrets = Field(default_factory=dict)
    every: Interval = "PT15M"
    too_old: Age = "P1D"
    timeout: Timeout = "PT10S"
    values: Annotated[dict[AttributeName, SourceValue], Field(min_length=1, max_length=MOST_VALUES)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if length(self.too_old) <= length(self.every):
            raise ValueError(
                f"too_old is longer than every ({self.every}), or its values would be too old each"
                " time before they are fetched again"
            )
        names = [name.lower() for name in self.headers]
        if len(set(names)) < len(names):
            raise ValueError("two headers have the same name")
        for name, value in self.headers.items():
            check_header(name, "x" if value is None else value)
        return self

    @property
    def told(self) -> "DataSource":
        """Without its secrets."""
        return self.model_copy(
            update={"headers": dict.fromkeys(self.headers), "query": dict.fromkeys(self.query)}
        )

    @property
    def unknown_secrets(self) -> list[str]:
        """The names of those that have no value yet."""
        given = {**self.headers, **self.query}
        return sorted(name for name, value in given.items() if value is None)

    def following(self, before: "DataSource | None") -> "DataSource":
        """With the secrets of the definition before it, where it has none of its own. What was
        given for one origin is never sent to another."""
        if before is None or _origin(before.url) != _origin(self.url):
            return self
        return self.model_copy(
            update={
                kind: {
                    name: getattr(before, kind).get(name) if value is None else value
                    for name, value in getattr(self, kind).items()
                }
                for kind in ("headers", "query")
            }
        )

    @property
    def address(self) -> str:
        """With the secrets of the query."""
        if not self.query:
            return str(self.url)
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{urlencode(self.query)}"

    def mark(self, name: str) -> str:
        """Another one where a value comes from another place."""
        read = self.values[name].encoded()
        return hashlib.blake2b(self.url.encode() + read, digest_size=8).hexdigest()

    def declared(self, source: str) -> Declared:
        return {
            f"source.{source}.{name}": FactType(value.type) for name, value in self.values.items()
        }


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


class StoredSource(Definition):
    """A definition in the store; `revision` is another one at every write, and its ETag."""

    revision: str
    source: DataSource

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'


class KeptValue(Definition):
    """A value as it is stored, JSON, with its type; `at` is when it was fetched, in milliseconds
    since the epoch. `mark` is DataSource.mark."""

    value: Any
    type: FactType
    at: int
    mark: str

    @property
    def fact(self) -> Value:
        if self.type in CONVERSIONS:
            return CONVERSIONS[self.type](self.value)
        return tuple(self.value) if self.type is FactType.TEXTS else self.value


class RefusedValue(Definition):
    """What was found in the place of a value, cut short, and what would be right."""

    name: str
    pointer: str
    found: Any
    expected: str


class SourceState(Definition):
    """What is known of a source, of the definition with this `revision`.

    `etag` and `modified` are what the last good answer had, `fetched_at` when it, or the last word
    that nothing has changed since, was asked for; `next_at` is when the source is asked again.
    `error` tells why the last request came to nothing, and `failing_since` since when that is so.
    `failures` counts those in a row, `fetched` and `failed` all requests."""

    revision: str
    too_old: int
    values: dict[str, KeptValue] = Field(default_factory=dict)
    refused: tuple[RefusedValue, ...] = ()
    etag: str = ""
    modified: str = ""
    fetched_at: Instant | None = None
    next_at: Instant | None = None
    error: str = ""
    failing_since: Instant | None = None
    failures: int = 0
    fetched: int = 0
    failed: int = 0

    @classmethod
    def of(cls, stored: StoredSource, before: "SourceState | None" = None) -> "SourceState":
        """At the beginning, or after another definition: a value that comes from where it came
        from before is kept, and the source is asked at once."""
        source = stored.source
        values = {
            name: kept
            for name, kept in (before.values if before else {}).items()
            if name in source.values and kept.mark == source.mark(name)
        }
        begun = cls(
            revision=stored.revision,
            too_old=round(length(source.too_old).total_seconds()),
            values=values,
        )
        if before is None:
            return begun
        return begun.replace(fetched=before.fetched, failed=before.failed)

    def is_due(self, at: datetime) -> bool:
        return self.next_at is None or self.next_at <= at


class KeptFacts:
    """The facts of a source as a process keeps them; which are too old is a matter of the moment of
    an open."""

    __slots__ = ("_all", "_fresh_until", "_too_old", "_values")

    def __init__(self, source: str, state: SourceState) -> None:
        kept = {f"{source}.{name}": (one.fact, one.at) for name, one in state.values.items()}
        self._values = {name: one for name, one in kept.items() if one[0] is not None}
        self._all: Record = {name: value for name, (value, _) in self._values.items()}
        self._too_old = state.too_old * 1000
        oldest = min((at for _, at in self._values.values()), default=0)
        self._fresh_until = oldest + self._too_old

    @classmethod
    def decode(cls, source: str, raw: bytes) -> "KeptFacts":
        return cls(source, SourceState.model_validate_json(raw))

    def at(self, instant: datetime) -> Record:
        """By their names (`weather.temperature`), with STALE for each that is too old by then."""
        now = instant.timestamp() * 1000
        if now <= self._fresh_until:
            return self._all
        return {
            name: STALE if now > at + self._too_old else value
            for name, (value, at) in self._values.items()
        }


def merged(records: Sequence[Record]) -> Record:
    """The facts of several sources."""
    match records:
        case []:
            return NOTHING
        case [record]:
            return record
        case _:
            return {name: value for record in records for name, value in record.items()}
