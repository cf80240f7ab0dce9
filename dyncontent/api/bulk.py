"""Documents of one kind, many at once: a line each, and a report of what was refused."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import Field, create_model
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from dyncontent.api.lines import NDJSON, Line, batches, parsed
from dyncontent.api.operation import Content, Operation, Scope
from dyncontent.api.problems import RETRY, Problem, store_down, unfitting
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.model import Definition, Id
from dyncontent.errors import ProblemError, short
from dyncontent.store.roundtrip import StoreError

log = logging.getLogger(__name__)

MOST_ERRORS = 1000
MOST_AHEAD = 8
"""Batches that are on their way to the store at a time, none of which waits for another."""


class RefusedDocument(Definition):
    """A line that was not written, and the id that stands in it, null if none can be read."""

    line: int
    id: Any
    error: Problem


class BulkAnswer(Definition):
    """How many lines were written and refused, and why, for the first 1000 of them."""

    written: int
    refused: int
    errors: tuple[RefusedDocument, ...]


@dataclass
class Report:
    """How many lines were written and refused, and why, for the first of them. All lines up to the
    number `settled` are in it."""

    written: int = 0
    refused: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    settled: int = 0

    def refuse(self, line: Line, problem: ProblemError) -> None:
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            error = problem.told()
            self.errors.append({"line": line.number, "id": _id_in(line), "error": error})

    def respond(self) -> Response:
        return self._respond(200, {}, {})

    def respond_store_down(self) -> Response:
        problem = store_down(f"send the lines after line {self.settled} again")
        return self._respond(problem.status, problem.told() | {"settled": self.settled}, RETRY)

    def _respond(
        self, status: int, problem: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response:
        counts = {"written": self.written, "refused": self.refused, "errors": self.errors}
        body = orjson.dumps({**problem, **counts}, default=str)
        return Response(body, status, headers, media_type="application/json")


def _id_in(line: Line) -> Any:
    """The id that stands in a line, None if none can be read."""
    try:
        return short(parsed(line.raw or b"").get("id"))
    except ProblemError:
        return None


class Bulk:
    """Lines `{"id", ...}`, each with a document as it is put."""

    def __init__(self, catalogue: Catalogue, kind: Kind[Any]) -> None:
        self._catalogue = catalogue
        self._kind = kind
        self._model = create_model(
            f"{kind.name.title()}Line", __base__=kind.body, id=(Id, Field(exclude=True))
        )

    @property
    def operation(self) -> Operation:
        path, summary = f"/{self._kind.name}s/bulk", f"Put many {self._kind.name}s"
        return Operation(
            "POST",
            path,
            self.write,
            summary,
            Scope.WRITE_FACTS,
            body=Content((NDJSON,), lines=self._model),
            needs_body=False,
            answer=BulkAnswer,
            example="".join(f"{line}\n" for line in _EXAMPLES[self._kind.name]),
            description="Each line is worth the same as a `PUT`. What is refused keeps nothing else"
            " from being written: look at `refused` also where the status is 200.",
        )

    async def write(self, request: Request) -> Response:
        """While batches are on their way to the store, the next is checked."""
        report = Report()
        writing: deque[tuple[_Batch, asyncio.Task[None]]] = deque()
        try:
            async for lines in batches(request.stream()):
                checks = await self._catalogue.document_checks()
                batch = _Batch([(line, self._check(line, checks)) for line in lines])
                while len(writing) == MOST_AHEAD or any(batch.meets(one) for one, _ in writing):
                    await writing.popleft()[1]
                before = writing[-1][1] if writing else None
                writing.append((batch, asyncio.create_task(self._put(batch, report, before))))
            while writing:
                await writing.popleft()[1]
        except ClientDisconnect:
            return Response()  # nobody is there to read it
        except StoreError as error:
            log.warning("%s: %s", request.url.path, error)
            return report.respond_store_down()
        finally:
            await asyncio.gather(*(task for _, task in writing), return_exceptions=True)
        return report.respond()

    def _check(self, line: Line, checks: dict[str, Any]) -> Definition | ProblemError:
        try:
            return line.read(self._model, checks)
        except ProblemError as problem:
            return problem

    async def _put(
        self, batch: "_Batch", report: Report, before: asyncio.Task[None] | None
    ) -> None:
        """Put a batch, and report on it when all before it are reported on."""
        refusals = iter(await self._catalogue.put_all(self._kind, batch.good))
        if before:
            await before
        for line, body in batch.checked:
            if isinstance(body, ProblemError):
                report.refuse(line, body)
            elif refusal := next(refusals):
                report.refuse(line, unfitting(refusal))
            else:
                report.written += 1
            report.settled = line.number


class _Batch:
    """Lines, each with its document or what is wrong with it."""

    def __init__(self, checked: Sequence[tuple[Line, Definition | ProblemError]]) -> None:
        self.checked = checked
        self.good: list[tuple[str, Definition]] = [
            (body.id, body)  # type: ignore[attr-defined]
            for _, body in checked
            if not isinstance(body, ProblemError)
        ]
        self.names = {name for name, _ in self.good}

    def meets(self, other: "_Batch") -> bool:
        """Whether a document is in both: they are to be written one after the other."""
        return not self.names.isdisjoint(other.names)


_EXAMPLES = {
    "product": ('{"id": "rome", "stock": 30}', '{"id": "oslo", "stock": 5}'),
    "message": (
        '{"id": "spring", "class": "marketing"}',
        '{"id": "parcel-77", "class": "transactional", "order": "77"}',
    ),
    "order": ('{"id": "77", "status": "packed"}', '{"id": "78", "status": "shipped"}'),
    "recipient": (
        '{"id": "aino", "first_name": "Aino"}',
        '{"id": "juhan", "first_name": "Juhan", "locale": "et"}',
    ),
}


def operations(catalogue: Catalogue) -> list[Operation]:
    return [Bulk(catalogue, kind).operation for kind in (PRODUCT, MESSAGE, ORDER, RECIPIENT)]
