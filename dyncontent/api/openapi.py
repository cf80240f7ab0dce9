"""The control plane in the words of OpenAPI 3.1, made of its operations and their models."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.conditional import unless_known
from dyncontent.api.operation import WRITING, Body, Content, Merge, Operation, Query
from dyncontent.api.pages import LONGEST_CURSOR, MOST, USUAL
from dyncontent.api.problems import Problem
from dyncontent.api.schemas import Schema, Schemas, schema_of
from dyncontent.catalog.model import Id
from dyncontent.catalog.precondition import DIGEST_BYTES

PREFIX = "/api/v1"
PATH = "/openapi.json"

_ALWAYS = (500, 503)
_WITH_TOKEN = (401, 403, 429)
_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"
_parameters_in = re.compile(r"{(\w+)}").findall

_DESCRIPTION = (
    "The control plane of dyncontent: blocks, the facts that they depend on, and URLs for emails."
    "\n\nErrors are of one shape everywhere: a `code` for programs, a `message` for people, and"
    " `fields` with what is wrong in the request. A write that may be sent again takes an"
    " `Idempotency-Key`. More in docs/api.md."
)
_WHEN = {
    304: "It is as the ETag in `If-None-Match` says",
    400: "The body is no JSON object, or a header is not as it should be",
    401: "No token, or one that is unknown, revoked or over",
    403: "The token lacks the scope",
    404: "There is no such thing",
    409: "It cannot be done as things stand, or the first request with this key is running",
    412: "Another editor was faster (`If-Match`), or it is there already (`If-None-Match`)",
    413: "The body is too long",
    415: "The body is of another media type than those that are read",
    422: "A field, a name in the path or the query is not as it should be: `fields` tells each",
    429: "Too many requests: wait for as long as `Retry-After` says",
    500: "A fault of the server; its log has it",
    502: "Another server did not give what was to be fetched from it",
    503: "The store does not answer, or the server has too much to do: try again",
}
_HEADERS: dict[str, Schema] = {
    "ETag": {
        "description": "Of what is answered, for `If-Match` and `If-None-Match`",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds until it is worth another try",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Challenge": {"description": "`Bearer`", "schema": {"type": "string"}},
}
_HEADERS_OF = {
    401: {"WWW-Authenticate": "Challenge"},
    429: {"Retry-After": "RetryAfter"},
    503: {"Retry-After": "RetryAfter"},
}
_LIMIT = Query(
    "limit",
    "How many a page has at most",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
)
_CURSOR = Query(
    "cursor",
    "The `next_cursor` of the page before; without it the first page",
    {"type": "string", "maxLength": LONGEST_CURSOR},
)
_EXAMPLES = {
    "blocks": "trip",
    "feeds": "shop",
    "fonts": "0123456789abcdef0123456789abcdef",
    "messages": "spring",
    "products": "rome",
    "purchases": "rome",
    "recipients": "aino",
    "tokens": "x0gk2v7c9qpa",
    "versions": 1,
}
"""Of what stands in paths, behind these words."""
_TAGS = {"type": "string", "pattern": '^(\\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'}
_IF_MATCH = Query("If-Match", "Go on only if it still has this ETag, else 412", _TAGS)
_IF_NONE_MATCH = Query("If-None-Match", "`*`: go on only if there is none yet, else 412", _TAGS)
_IF_CHANGED = Query("If-None-Match", "Answer 304 if it still has this ETag", _TAGS)


class Description:
    """The operations with the one that describes them all. The document is made when it is first
    asked for."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        own = Operation(
            "GET",
            PATH,
            self.read,
            "Read this document",
            None,
            answer=Content((_JSON,), schema={"type": "object"}),
            conditional=True,
            description="OpenAPI 3.1. It needs no token.",
        )
        self.operations = (*operations, own)

    @cached_property
    def document(self) -> dict[str, Any]:
        return document(self.operations)

    @cached_property
    def _written(self) -> tuple[bytes, str]:
        body = orjson.dumps(self.document)
        return body, f'"{hashlib.blake2b(body, digest_size=DIGEST_BYTES).hexdigest()}"'

    async def read(self, request: Request) -> Response:
        body, etag = self._written
        headers = {"etag": etag, "cache-control": "no-cache"}
        return unless_known(request, Response(body, headers=headers, media_type=_JSON))


def document(operations: Iterable[Operation], prefix: str = PREFIX) -> dict[str, Any]:
    """The OpenAPI document of operations below a prefix."""
    described = list(operations)
    schemas = Schemas(_models(described))
    paths: dict[str, dict[str, Any]] = {}
    for operation in described:
        item = paths.setdefault(prefix + operation.path, {})
        item[operation.method.lower()] = _described(operation, schemas)
    statuses = sorted({status for one in described for status in _refusals(one)})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dyncontent",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(map(_tag, described))],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "responses": {_status_name(status): _refusal(status, schemas) for status in statuses},
            "headers": _HEADERS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of this server. What it may do are its scopes.",
                }
            },
        },
    }


def _models(operations: Iterable[Operation]) -> Iterator[type[BaseModel]]:
    yield Problem
    for operation in operations:
        for content in (operation.body, operation.answer):
            match content:
                case Merge(model=model) | Content(lines=type() as model):
                    yield model
                case type():
                    yield content


def operation_id(operation: Operation) -> str:
    """Of method and path: `get_block_versions` of `GET /blocks/{id}/versions`."""
    parts = operation.path.strip("/").split("/")
    words = [
        part.removesuffix("s") if following.startswith("{") else part
        for part, following in zip(parts, [*parts[1:], ""], strict=True)
        if not part.startswith("{")
    ]
    name = "_".join((operation.method.lower(), *words))
    return re.sub(r"\W+", "_", name)


def _noun(path: str, name: str) -> str:
    """What stands before a name in a path: that it is the name of."""
    return path.partition(f"/{{{name}}}")[0].rpartition("/")[2]


def _tag(operation: Operation) -> str:
    return operation.path.strip("/").split("/")[0]


def _described(operation: Operation, schemas: Schemas) -> Schema:
    described: Schema = {
        "operationId": operation_id(operation),
        "tags": [_tag(operation)],
        "summary": operation.summary,
    }
    if operation.description:
        described["description"] = operation.description
    if parameters := list(_parameters(operation)):
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {
            "required": operation.needs_body,
            "content": _request_content(operation.body, operation.example, schemas),
        }
    described["responses"] = _responses(operation, schemas)
    scopes = [] if operation.scope is None else [operation.scope.value]
    described["security"] = [{"token": scopes}] if scopes else []
    return described


def _parameters(operation: Operation) -> Iterator[Schema]:
    for name in _parameters_in(operation.path):
        schema = schema_of(operation.path_types.get(name, Id))
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schema,
            "example": _EXAMPLES.get(_noun(operation.path, name), "77"),
        }
    for query in (*operation.query, *((_LIMIT, _CURSOR) if operation.paged else ())):
        yield _parameter(query, "query")
    conditions: Sequence[Query] = ()
    if operation.conditional:
        conditions = (_IF_CHANGED,) if operation.method == "GET" else (_IF_MATCH, _IF_NONE_MATCH)
    for header in (*operation.headers, *conditions):
        yield _parameter(header, "header")


def _parameter(query: Query, place: str) -> Schema:
    return {
        "name": query.name,
        "in": place,
        "required": query.needed,
        "description": query.description,
        "schema": dict(query.schema),
    }


def _request_content(body: Body, example: Any, schemas: Schemas) -> Schema:
    match body:
        case Content():
            written = _content(body, schemas)
        case Merge(model=model):
            schema = {"schema": schemas.patch_ref(model)}
            written = {_MERGE_PATCH: schema, _JSON: dict(schema)}
        case model:
            written = {_JSON: {"schema": schemas.ref(model)}}
    if example is not None:
        next(iter(written.values()))["example"] = example
    return written


def _content(content: Content, schemas: Schemas) -> Schema:
    """Of bytes there is nothing to say but their type."""
    media: Schema = {}
    if content.lines is not None:
        media = {"schema": {"type": "string"}, "x-itemSchema": schemas.ref(content.lines)}
    elif content.schema is not None:
        media = {"schema": dict(content.schema)}
    return {type: dict(media) for type in content.types}


def _responses(operation: Operation, schemas: Schemas) -> Schema:
    good: Schema = {"description": HTTPStatus(operation.status).phrase}
    match operation.answer:
        case None:
            pass
        case Content() as content:
            good["content"] = _content(content, schemas)
        case model:
            good["content"] = {_JSON: {"schema": schemas.ref(model)}}
    if operation.conditional:
        good["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
    refusals = {
        str(status): {"$ref": f"#/components/responses/{_status_name(status)}"}
        for status in _refusals(operation)
    }
    return {str(operation.status): good, **refusals}


def _refusals(operation: Operation) -> Sequence[int]:
    """All statuses but the good one."""
    statuses = {*_ALWAYS, *operation.problems}
    if operation.scope is not None:
        statuses.update(_WITH_TOKEN)
    match operation.body:
        case None | Content(lines=type()):
            pass
        case Content():
            statuses.update((413, 422))
        case _:
            statuses.update((400, 413, 422))
    if operation.method in WRITING:
        statuses.update((400, 409, 422) if operation.keeps_answer else (400,))
    if operation.query or operation.paged or "{" in operation.path:
        statuses.add(422)
    if operation.conditional:
        statuses.add(304 if operation.method == "GET" else 412)
        statuses.add(400)
    return sorted(statuses)


def _refusal(status: int, schemas: Schemas) -> Schema:
    described: Schema = {"description": _WHEN[status]}
    if status != HTTPStatus.NOT_MODIFIED:
        described["content"] = {_JSON: {"schema": schemas.ref(Problem)}}
    headers = {"ETag": "ETag"} if status == HTTPStatus.NOT_MODIFIED else _HEADERS_OF.get(status)
    if headers:
        described["headers"] = {
            name: {"$ref": f"#/components/headers/{kept}"} for name, kept in headers.items()
        }
    return described


def _status_name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")
