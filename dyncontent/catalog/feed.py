"""Feeds: how a file of a shop becomes products, and where and when it is fetched."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from dyncontent.catalog.links import LONGEST, Link
from dyncontent.catalog.model import (
    WEB_ADDRESS,
    AttributeName,
    Definition,
    Instant,
    LocaleName,
    ShortText,
)
from dyncontent.catalog.product import MOST_STOCK
from rules.moment import DURATION, parse_duration
from rules.tree import CURRENCY

SHORTEST_INTERVAL = timedelta(minutes=5)
LONGEST_INTERVAL = timedelta(days=31)

ProductField = Literal[
    "id",
    "title",
    "link",
    "price",
    "sale_price",
    "sale_period",
    "sale_from",
    "sale_to",
    "old_price",
    "category",
    "stock",
    "availability",
    "published",
    "alternatives",
]
"""What a column can say of a product."""
Encoding = Literal[
    "utf-8",
    "utf-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1257",
    "iso-8859-15",
]
Format = Literal["xml", "csv", "json", "ndjson"]
"""TSV is CSV with tabs."""
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Columns = tuple[Column, ...] | Column | None


def interval(text: str) -> timedelta:
    """The length of an interval as ISO 8601 writes it; a day has 24 hours.

    Raises ValueError if it is none, or too short or too long.
    """
    duration = parse_duration(text)
    length = timedelta(days=duration.days, seconds=duration.seconds)
    if duration.months or not SHORTEST_INTERVAL <= length <= LONGEST_INTERVAL:
        raise ValueError("an interval is from PT5M to P31D, such as PT1H or P1D")
    return length


def _checked_interval(text: str) -> str:
    interval(text)
    return text


Interval = Annotated[
    str,
    Field(max_length=40, examples=["PT1H", "P1D"], json_schema_extra={"pattern": DURATION}),
    AfterValidator(_checked_interval),
]


class RemovalLimit(Definition):
    """How many of a feed's products one import may retire: `percent` of them, or `at_least` so
    many where that is more, but then no more than half."""

    percent: Annotated[float, Field(ge=0, le=100)] = 20
    at_least: Annotated[int, Field(ge=0, le=1000)] = 3

    def most(self, products: int) -> int:
        """Of so many products."""
        return max(int(products * self.percent / 100), min(self.at_least, products // 2))


class Feed(Definition):
    """`columns` says for a field which column it is, the first that is filled where there are
    several, and null that the feed is not to say it; what is not named is found by its name.
    `attributes` are columns to keep as attributes; if it is not there, the usual ones. `locale` is
    the language of the titles. `currency` is that of prices that name none, `decimal` their
    decimal sign where that can be read in two ways. `link_prefix` stands before links that are no
    whole address. `assumed_stock` is the stock of what is in stock without a number. `url` is
    fetched `every` interval."""

    title: ShortText = ""
    format: Format | Literal["auto"] = "auto"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    encoding: Encoding | None = None
    columns: dict[ProductField, Columns] = Field(default_factory=dict)
    attributes: Annotated[dict[AttributeName, Column], Field(max_length=100)] | None = None
    locale: LocaleName | None = None
    currency: Annotated[str, StringConstraints(pattern=CURRENCY)] | None = None
    decimal: Literal[".", ","] | None = None
    link_prefix: Link | None = None
    assumed_stock: Annotated[int, Field(ge=1, le=MOST_STOCK)] | None = None
    url: Annotated[str, StringConstraints(pattern=WEB_ADDRESS, max_length=LONGEST)] | None = None
    every: Interval | None = None
    removal_limit: RemovalLimit = RemovalLimit()

    @model_validator(mode="after")
    def _fetched(self) -> Self:
        if self.every is not None and self.url is None:
            raise ValueError("every needs a url to fetch")
        if self.url is not None and "@" in urlsplit(self.url).netloc:
            raise ValueError("a url holds no name and password, for it is told again")
        return self


class FeedState(Definition):
    """What is known of a feed's last fetch, for the next: `etag` and `last_modified` as the answer
    had them, `fetched_at` when it was asked. `seen_at` is when a file of the feed was previewed or
    imported by hand first; before that it is not fetched on a schedule. `error` tells why the last
    fetch on the schedule came to nothing, `failing_since` since when that is so, `failures` how
    many could not be fetched in a row."""

    etag: Annotated[str, Field(max_length=1000)] | None = None
    last_modified: Annotated[str, Field(max_length=200)] | None = None
    fetched_at: Instant | None = None
    seen_at: Instant | None = None
    error: ShortText | None = None
    failing_since: Instant | None = None
    failures: Annotated[int, Field(ge=0)] = 0

    def is_due(self, feed: Feed, at: datetime) -> bool:
        """Whether the feed is to be fetched on its schedule by now: what could not be fetched is
        tried again sooner, with pauses that get longer."""
        if feed.every is None or self.seen_at is None:
            return False
        pause = interval(feed.every)
        if self.failures:
            pause = min(pause, SHORTEST_INTERVAL * 2 ** min(self.failures - 1, 16))
        return self.fetched_at is None or at - self.fetched_at >= pause
