"""Operations of the control plane: what answers a request, and all that tells others how to ask."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Handler = Callable[[Request], Awaitable[Response]]


class Scope(StrEnum):
    """What a token may do."""

    READ_DEFINITIONS = "definitions:read"
    WRITE_DEFINITIONS = "definitions:write"
    READ_FACTS = "facts:read"
    WRITE_FACTS = "facts:write"
    LINKS = "links"
    PRIVACY = "privacy"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Query:
    """A name in the query, or a header, and the JSON Schema of its value; it is text where none is
    given."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A body or an answer that is no single JSON object of a model: its media types, and, where
    each line of it is one, their model. `schema` is the JSON Schema of what is text, or JSON all
    the same; without it and lines it is bytes."""

    types: tuple[str, ...]
    lines: type[BaseModel] | None = None
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """A body that is a JSON merge patch (RFC 7396) of what is validated by a model."""

    model: type[BaseModel]


Body = type[BaseModel] | Content | Merge
Answer = type[BaseModel] | Content


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path below `/api/v1`.

    `summary` is a line in the imperative, `description` what else one must know, in Markdown of
    paragraphs and `code` alone. `scope` is None where no token is needed. `body` is what is
    validated, `answer` the model of what comes back with `status`; None for either where there is
    nothing. `needs_body` is False where no body is as good as an empty one. `example` is a body
    that is accepted, for the docs: as JSON, or as text; it may stand in the `examples` of the
    model instead. `path_types` are the types of what stands in the path, `Id` where none is given.
    `problems` are the statuses of refusals beyond those that every operation knows (401, 403, 429,
    500, 503, and 400, 413, 422 where there is a body, 422 where there is a path or a query).
    `conditional` operations answer an ETag and heed If-None-Match, those that write If-Match too;
    `paged` ones have `limit` and `cursor`."""

    method: str
    path: str
    handler: Handler
    summary: str
    scope: Scope | None
    body: Body | None = None
    answer: Answer | None = None
    status: int = 200
    needs_body: bool = True
    query: tuple[Query, ...] = ()
    headers: tuple[Query, ...] = ()
    problems: tuple[int, ...] = ()
    conditional: bool = False
    paged: bool = False
    path_types: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    example: Any = None


def routes(operations: Iterable[Operation]) -> list[Route]:
    """A route for each path, in the order of the first operation of each."""
    paths: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = operation
    return [_route(path, methods) for path, methods in paths.items()]


def _route(path: str, operations: Mapping[str, Operation]) -> Route:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await operations[method].handler(request)

    return Route(path, answer, methods=list(operations))
