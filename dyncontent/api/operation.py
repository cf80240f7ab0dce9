"""Operations of the control plane: what answers a request, and all that tells others how to ask."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router, request_response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from dyncontent.access.scope import Scope as Scope

Handler = Callable[[Request], Awaitable[Response]]
WRITING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


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
    `paged` ones have `limit` and `cursor`. The answer of a `secret` one is never kept."""

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
    secret: bool = False

    @property
    def keeps_answer(self) -> bool:
        """Whether it heeds an Idempotency-Key. Of bodies in lines the client knows from the answer
        which to send again; a line that is written twice does no harm."""
        is_streamed = isinstance(self.body, Content) and self.body.lines is not None
        return self.method in WRITING and not self.secret and not is_streamed


Guard = Callable[[Operation | None, ASGIApp], ASGIApp]
"""What stands before the answer to an operation, and gives one in its place to whoever may not ask.
None are the paths and methods that are not there, which are not told to everyone either."""


def router(operations: Iterable[Operation], guard: Guard) -> Router:
    """Guarded answers to all operations, the paths in the order of the first operation of each."""
    paths: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = operation
    return Router(
        [_Path(path, methods, guard) for path, methods in paths.items()],
        redirect_slashes=False,
        default=guard(None, request_response(_not_found)),
    )


class _Path(Route):
    """What answers each method of a path. Another path may have the methods that this one lacks."""

    def __init__(self, path: str, operations: Mapping[str, Operation], guard: Guard) -> None:
        self.operations = tuple(operations.values())
        self._answers = {
            method: guard(operation, request_response(operation.handler))
            for method, operation in operations.items()
        }
        if "GET" in self._answers:
            self._answers["HEAD"] = self._answers["GET"]
        refusal = request_response(self._not_allowed)
        is_for_all = any(operation.scope is None for operation in self.operations)
        self._refusal = refusal if is_for_all else guard(None, refusal)
        super().__init__(path, self.handle, methods=list(self._answers))

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        await self._answers.get(scope["method"], self._refusal)(scope, receive, send)

    async def _not_allowed(self, _: Request) -> Response:
        raise HTTPException(405, headers={"Allow": ", ".join(self._answers)})


async def _not_found(_: Request) -> Response:
    raise HTTPException(404)
