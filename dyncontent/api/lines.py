"""Bodies of newline-delimited JSON: read line by line, however many there are, with no more in
memory than a batch of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dyncontent.api.body import MOST_JSON_BYTES, parse_object
from dyncontent.api.problems import Problem, refused
from dyncontent.errors import ProblemError

MOST_LINES = 300
"""In a batch: checking them takes some milliseconds, in which no open is answered."""
NDJSON = "application/x-ndjson"

Model = TypeVar("Model", bound=BaseModel)


class RefusedLine(BaseModel):
    """What answers a line of which nothing was made, in place of what would."""

    line: int
    error: Problem


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, under its number from 1 on; None if it was too long to be kept."""

    number: int
    raw: bytes | None

    def read(self, model: type[Model], context: dict[str, Any] | None = None) -> Model:
        """Raises ProblemError with each bad field."""
        if self.raw is None:
            raise ProblemError(413, "TOO_LARGE", f"A line has at most {MOST_JSON_BYTES} bytes")
        try:
            return model.model_validate_json(self.raw, context=context)
        except ValidationError as error:
            raise refused(error, parsed(self.raw)) from error


def parsed(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in a line. Raises ProblemError 400 for anything else."""
    return parse_object(raw, "line")


async def batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """The lines that are not empty, in order, as soon as they are whole. Others get their turn
    after each batch."""
    splitter = _Splitter()
    async for chunk in chunks:
        batch: list[Line] = []
        for line in splitter.feed(chunk):
            batch.append(line)
            if len(batch) == MOST_LINES:
                yield batch
                await asyncio.sleep(0)
                batch = []
        if batch:
            yield batch
            await asyncio.sleep(0)
    if last := list(splitter.feed(b"\n")):
        yield last


class _Splitter:
    def __init__(self) -> None:
        self._begun = bytearray()
        self._number = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in a chunk."""
        *ends, begun = chunk.split(b"\n")
        if ends:
            self._keep(ends[0])
            ends[0] = bytes(self._begun)
            self._begun.clear()
        for end in ends:
            self._number += 1
            if len(end) > MOST_JSON_BYTES:
                yield Line(self._number, None)
            elif raw := end.strip():
                yield Line(self._number, raw)
        self._keep(begun)

    def _keep(self, piece: bytes) -> None:
        """Put a piece to the line that has begun: of one that is too long, one byte too many."""
        self._begun += piece[: MOST_JSON_BYTES + 1 - len(self._begun)]
