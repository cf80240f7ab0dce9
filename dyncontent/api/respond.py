"""Answers in JSON, and the ids that stand in paths."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.problems import invalid
from dyncontent.catalog.model import BLOCK_ID, block_id_matches, id_matches
from dyncontent.errors import BadField
from rules.facts import ID


def json(content: Any, status: int = 200, etag: str | None = None) -> Response:
    headers = None if etag is None else {"etag": etag}
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def path_id(request: Request, name: str = "id") -> str:
    """Raises ProblemError for an id that could not stand in a URL."""
    value: str = request.path_params[name]
    if not id_matches(value):
        raise invalid([BadField(name, value, f"an id that matches {ID}")])
    return value


def path_block(request: Request) -> str:
    """Raises ProblemError for an id that no block can have."""
    value: str = request.path_params["id"]
    if not block_id_matches(value):
        raise invalid([BadField("id", value, f"an id that matches {BLOCK_ID}")])
    return value
