"""The page: every operation with its parameters, its body, a request to try and its answers."""

import hashlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dyncontent.api.conditional import unless_known
from dyncontent.api.lines import NDJSON
from dyncontent.api.openapi import Description
from dyncontent.api.reference.shapes import (
    Field,
    Schema,
    about,
    anchor,
    fields,
    in_words,
    prose,
)
from dyncontent.catalog.precondition import DIGEST_BYTES

PATH = "/api/docs"

_ASSETS = {"page.css": "text/css", "page.mjs": "text/javascript"}
_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self';"
    " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_ENVIRONMENT = Environment(
    loader=PackageLoader(__package__, "."),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_ORDER = ("GET", "PUT", "PATCH", "POST", "DELETE")
_FILES = {"image": "picture.png", "font": "font.ttf", "application": "products.xml"}


@dataclass(frozen=True, slots=True)
class Body:
    """Of a request or an answer; `item` is what each line of it is."""

    types: Sequence[str]
    type: Markup | None
    item: Markup | None
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    phrase: str
    about: Markup
    body: Body | None
    headers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    about: Sequence[Markup]
    scope: str
    parameters: Sequence[tuple[str, Field]]
    body: Body | None
    body_needed: bool
    example: str
    answers: Sequence[Answer]


class Reference:
    """The page and what it consists of, at `PATH`. It is made when it is first asked for."""

    def __init__(self, description: Description, public_url: str) -> None:
        self._description = description
        self._public_url = public_url

    @property
    def routes(self) -> list[Route]:
        return [Route(PATH, self.page), Route(f"{PATH}/{{name}}", self.asset)]

    async def page(self, request: Request) -> Response:
        return _answer(request, self._page, "text/html")

    async def asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            return Response(status_code=404)
        return _answer(request, _asset(name), _ASSETS[name])

    @cached_property
    def _page(self) -> bytes:
        document = self._description.document
        components = document["components"]["schemas"]
        groups: dict[str, list[Shown]] = {tag["name"]: [] for tag in document["tags"]}
        for path, item in document["paths"].items():
            for method, operation in item.items():
                shown = _shown(method, path, operation, document, self._public_url)
                groups[operation["tags"][0]].append(shown)
        for group in groups.values():
            group.sort(key=lambda one: (one.path, _ORDER.index(one.method)))
        written = _ENVIRONMENT.get_template("page.html").render(
            title=document["info"]["title"],
            about=list(map(prose, document["info"]["description"].split("\n\n"))),
            groups=groups,
            schemas=[
                (name, anchor(name), schema, fields(schema, components), in_words(schema))
                for name, schema in components.items()
            ],
            prose=prose,
            path=PATH,
        )
        return written.encode()


def _answer(request: Request, body: bytes, media_type: str) -> Response:
    etag = f'"{hashlib.blake2b(body, digest_size=DIGEST_BYTES).hexdigest()}"'
    return unless_known(request, Response(body, 200, _HEADERS | {"etag": etag}, media_type))


def _asset(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _shown(method: str, path: str, operation: Schema, document: Schema, public_url: str) -> Shown:
    components = document["components"]
    schemas = components["schemas"]
    parameters = operation.get("parameters", ())
    request = operation.get("requestBody", {})
    scopes = [scope for one in operation["security"] for scope in one["token"]]
    return Shown(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=list(map(prose, operation.get("description", "").split("\n\n"))),
        scope=", ".join(scopes),
        parameters=[(one["in"], _field(one)) for one in parameters],
        body=_body(request.get("content", {}), schemas),
        body_needed=request.get("required", False),
        example=curl(method.upper(), public_url + path, operation),
        answers=list(_answers(operation["responses"], components)),
    )


def _field(parameter: Schema) -> Field:
    schema = parameter["schema"]
    told = filter(None, (prose(parameter.get("description", "")), about(schema)))
    return Field(
        parameter["name"], parameter["required"], in_words(schema), Markup(". ").join(told)
    )


def _body(content: Mapping[str, Schema], schemas: Mapping[str, Schema]) -> Body | None:
    if not content:
        return None
    media = next(iter(content.values()))
    schema, item = media.get("schema"), media.get("x-itemSchema")
    return Body(
        types=list(content),
        type=in_words(schema) if schema else None,
        item=in_words(item) if item else None,
        fields=fields(item or schema or {}, schemas),
    )


def _answers(responses: Mapping[str, Schema], components: Schema) -> Iterator[Answer]:
    for status, response in responses.items():
        name = str(response.get("$ref", "")).rpartition("/")[2]
        told = components["responses"][name] if name else response
        phrase = HTTPStatus(int(status)).phrase
        body = _body(told.get("content", {}), components["schemas"])
        is_good = int(status) < HTTPStatus.MULTIPLE_CHOICES
        yield Answer(
            int(status),
            phrase,
            prose("" if is_good else told["description"]),
            body if is_good else None,
            list(told.get("headers", {})),
        )


def curl(method: str, url: str, operation: Schema) -> str:
    """A request to try, for a shell in which TOKEN is set."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            url = url.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{url}"]
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    content = operation.get("requestBody", {}).get("content", {})
    media_type, media = next(iter(content.items()), ("", dict[str, Any]()))
    end = ""
    if content:
        lines.append(f"-H 'Content-Type: {media_type}'")
        match media.get("example"):
            case None:
                lines.append(f"--data-binary @{_FILES[media_type.partition('/')[0]]}")
            case str() as text if media_type == NDJSON:
                lines.append("--data-binary @- <<'END'")
                end = f"\n{text}END"
            case str() as text:
                lines.append(f"-d {shlex.quote(text)}")
            case body:
                written = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
                lines.append(f"-d {shlex.quote(written)}")
    return " \\\n  ".join(lines) + end
