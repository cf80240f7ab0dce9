"""What an import did, or what it would do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from dyncontent.catalog.difference import differences
from dyncontent.catalog.model import Definition
from dyncontent.catalog.product import Product
from dyncontent.feeds.offers import Refused
from dyncontent.feeds.rows import Broken
from dyncontent.feeds.source import Layout

MOST_ERRORS = 100
MOST_SHOWN = 10
MOST_DIFFERENCES = 20


class Trouble(BaseModel):
    """Why nothing was written: a code for programs and a message for people."""

    code: str
    message: str
    line: int | None = None


class ColumnUse(BaseModel):
    """A column of the file, and what of a product it is taken for: nothing where `takes` is
    empty."""

    column: str
    takes: list[str]


class Counts(BaseModel):
    """Of the products: `rows` are those of the file, each `new`, `changed`, `unchanged`,
    `refused`, or `unlisted`, which says of itself that it is not in the shop. Among the changed
    are those that `returned`. `retired` are those of the feed that the file does not have, and
    `others` those of the file that did not come from this feed, so that it never retires them."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    unlisted: int = 0
    returned: int = 0
    retired: int = 0
    others: int = 0


class Changed(BaseModel):
    """What differs in a product, in the manner of JSON Patch with the values on both sides."""

    line: int
    id: str
    changes: list[dict[str, Any]]


class LineError(BaseModel):
    """A line that is not taken; its id where one can be read."""

    line: int
    id: str | None
    error: dict[str, Any]


class Report(BaseModel):
    """`outcome` is `previewed`, `written`, `unchanged`, or `refused`, and then `problem` says why.
    `products` are the first ones as they are or would be stored, `differences` those of the first
    that change, `errors` the first lines that are not taken, `retired` the first ids of what is
    retired."""

    outcome: Literal["previewed", "written", "unchanged", "refused"] = "previewed"
    problem: Trouble | None = None
    at: datetime
    layout: Layout | None = None
    columns: list[ColumnUse] = Field(default_factory=list)
    counts: Counts = Field(default_factory=Counts)
    products: list[dict[str, Any]] = Field(default_factory=list)
    differences: list[Changed] = Field(default_factory=list)
    retired: list[str] = Field(default_factory=list)
    errors: list[LineError] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)

    def refuse(self, refused: Refused) -> None:
        self.counts.refused += 1
        if len(self.errors) < MOST_ERRORS:
            error = refused.problem.told()
            self.errors.append(LineError(line=refused.line, id=refused.id, error=error))

    def refuse_line(self, broken: Broken) -> None:
        self.counts.refused += 1
        if len(self.errors) < MOST_ERRORS:
            message = f"This line is not read; expected: {broken.expected}"
            error = {"status": 422, "code": "BROKEN_LINE", "message": message, "fields": []}
            self.errors.append(LineError(line=broken.line, id=None, error=error))

    def show(self, line: int, name: str, before: Product | None, after: Product) -> None:
        """A product that is new or changed, if there is room for it."""
        if len(self.products) < MOST_SHOWN:
            self.products.append({"id": name} | _plain(after))
        if before is not None and len(self.differences) < MOST_DIFFERENCES:
            changes = list(_changes(before, after))
            self.differences.append(Changed(line=line, id=name, changes=changes))


def _plain(definition: Definition) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(definition.encoded())
    return document


def _changes(before: Product, after: Product) -> Iterator[dict[str, Any]]:
    for change in differences(_plain(before), _plain(after)):
        yield {
            "op": change.op,
            "path": change.path,
            "before": change.before,
            "after": change.after,
        }
