"""Errors of every kind in the one shape of dyncontent.errors."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.catalog.catalogue import MissingPicturesError, NotFoundError, StockError
from dyncontent.errors import BadField, ProblemError
from dyncontent.store.roundtrip import StoreError

log = logging.getLogger(__name__)

LONGEST_VALUE = 200


def respond(problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    return Response(problem.body(), problem.status, headers, media_type="application/json")


HANDLED = (ProblemError, HTTPException, NotFoundError, StockError, StoreError, Exception)
"""What `answer` is the handler of."""


def answer(request: Request, error: Exception) -> Response:
    """An exception handler for all of the application."""
    match error:
        case ProblemError():
            return respond(error)
        case HTTPException():
            status = HTTPStatus(error.status_code)
            message = f"{request.method} {request.url.path}: {status.phrase}"
            problem = ProblemError(status, status.name, message)
            return respond(problem, dict(error.headers or {}))
        case NotFoundError():
            return respond(ProblemError(404, "NOT_FOUND", str(error)))
        case StockError():
            return respond(ProblemError(409, "STOCK", str(error)))
        case StoreError():
            log.warning("%s %s: %s", request.method, request.url.path, error)
            problem = ProblemError(
                503, "STORE_DOWN", "The store does not answer; nothing is known to be written"
            )
            return respond(problem, {"retry-after": "1"})
        case _:
            return respond(ProblemError(500, "INTERNAL", "The server failed; its log tells why"))


def refused(error: ValidationError, body: Any) -> ProblemError:
    """What pydantic refused, field by field; `body` is what was sent."""
    found: dict[str, tuple[Any, list[str]]] = {}
    for detail in error.errors(include_url=False):
        path, value = _locate(detail, body)
        _, expectations = found.setdefault(path, (value, []))
        if (expected := _expected(detail)) not in expectations:
            expectations.append(expected)
    return invalid(
        [
            BadField(path, _short(value), ", or ".join(expectations))
            for path, (value, expectations) in found.items()
        ]
    )


def pictures_missing(error: MissingPicturesError) -> ProblemError:
    return invalid(
        [
            BadField(_dotted(place), picture, "the id of an uploaded picture (POST /api/v1/assets)")
            for place, picture in error.places
        ]
    )


def invalid(fields: Sequence[BadField]) -> ProblemError:
    count = "1 field is" if len(fields) == 1 else f"{len(fields)} fields are"
    return ProblemError(422, "INVALID", f"{count} not as they should be", fields)


def _locate(detail: ErrorDetails, body: Any) -> tuple[str, Any]:
    """The path in the body as it was sent, and the value there. Pydantic's own path also names
    the kinds of unions that it tried, which are not in the body."""
    path, value, _ = _resolve(body, detail["loc"], absent=detail["type"] == "missing")
    return _dotted(path), value


def _resolve(
    here: Any, steps: Sequence[str | int], *, absent: bool
) -> tuple[tuple[str | int, ...], Any, bool]:
    """The steps that are keys of the body, what they lead to, and whether the last one is among
    them. A step may be both a key and the name of a kind: the reading that gets to the last step
    is right. With `absent` the last step is a key that is not there."""
    if not steps:
        return (), here, True
    step, rest = steps[0], steps[1:]
    if absent and not rest and isinstance(here, dict):
        return (step,), None, True
    found: tuple[tuple[str | int, ...], Any, bool] = ((), here, False)
    if _has(here, step):
        path, value, complete = _resolve(here[step], rest, absent=absent)
        found = ((step, *path), value, complete)
    if isinstance(step, str) and not found[2]:
        skipped = _resolve(here, rest, absent=absent)
        if rest and (skipped[2] or not found[0]):
            return skipped
    return found


def _has(here: Any, step: str | int) -> bool:
    match here:
        case dict():
            return step in here
        case list():
            return isinstance(step, int) and step < len(here)
        case _:
            return False


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _expected(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    match detail["type"]:
        case "missing":
            return "a value: this field is needed"
        case "extra_forbidden":
            return "nothing: there is no such field"
        case "union_tag_not_found" | "union_tag_invalid":
            context = detail.get("ctx", {})
            kinds = context.get("expected_tags")
            return f"{context['discriminator']} to be one of {kinds}" if kinds else message
        case _:
            return message


def _short(value: Any) -> Any:
    """A long value is cut, a collection only named: whoever sent it knows the rest."""
    match value:
        case str() if len(value) > LONGEST_VALUE:
            return value[:LONGEST_VALUE] + "…"
        case dict():
            return "{…}"
        case list():
            return "[…]"
        case _:
            return value
