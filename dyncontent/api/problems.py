"""Errors of every kind in the one shape of dyncontent.errors."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.catalog.catalogue import (
    ArchivedError,
    MissingAssetsError,
    NotFoundError,
    StockError,
    WrongTypesError,
)
from dyncontent.catalog.links import HOST
from dyncontent.catalog.model import BLOCK_ID, WEB_ADDRESS
from dyncontent.catalog.precondition import PreconditionError
from dyncontent.counted import counted
from dyncontent.delivery.tags import WRITABLE
from dyncontent.errors import BadField, ProblemError, short
from dyncontent.feeds.stored import FeedBusyError
from dyncontent.store.roundtrip import StoreError
from renderers.fields import ASSET_ID, COLOUR, OPAQUE_COLOUR, PICTURE_SOURCE
from renderers.layers.text import STYLE_NAME
from renderers.localised import LOCALE, LOCALE_OR_ANY
from rules.facts import ID
from rules.schedule import CLOCK
from rules.tree import CURRENCY, SALT

log = logging.getLogger(__name__)

MOST_ERRORS = 100

_PATTERNS = {
    f"^{ID}$": "an id: 1 to 128 of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit",
    f"^{HOST}$": "a host such as shop.example or shop.example:8443",
    f"^{BLOCK_ID}$": "an id: 1 to 64 of A-Z a-z 0-9 _ -, beginning with a letter or digit",
    LOCALE: "a language such as fi or en-GB",
    LOCALE_OR_ANY: "a language such as fi or en-GB, or any",
    CURRENCY: "a currency such as EUR",
    CLOCK: "a time of day such as 08:30",
    SALT: "1 to 100 characters without line breaks",
    COLOUR: "a colour: #RRGGBB or #RRGGBBAA",
    OPAQUE_COLOUR: "an opaque colour: #RRGGBB",
    PICTURE_SOURCE: "the id of an uploaded picture, {{ offer.picture }}"
    " or {{ product['vip-trip'].picture }}",
    f"^{ASSET_ID}$": "the id of what was uploaded",
    WRITABLE: 'a merge tag as the sender writes it: at most 200 characters of ASCII without " & #',
    WEB_ADDRESS: "a web address such as https://shop.example/feed.xml",
    STYLE_NAME: "the name of a style: 1 to 20 of a-z 0-9 _, beginning with a letter",
}
"""What the patterns of texts mean, in words."""


class Problem(BaseModel):
    """An error: a code for programs and a message for people; `fields` names what is wrong in the
    request."""

    status: int
    code: str
    message: str
    fields: tuple[BadField, ...]


def respond(problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    return Response(problem.body(), problem.status, headers, media_type="application/json")


RETRY = {"retry-after": "1"}
"""The headers of an answer while the store does not answer."""
BUSY = {"retry-after": "10"}
"""The headers of an answer while a feed is being imported."""

HANDLED = (
    ProblemError,
    HTTPException,
    NotFoundError,
    MissingAssetsError,
    StockError,
    ArchivedError,
    FeedBusyError,
    PreconditionError,
    WrongTypesError,
    StoreError,
    Exception,
)
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
            return respond(not_found(error))
        case MissingAssetsError() | WrongTypesError():
            return respond(unfitting(error))
        case StockError():
            return respond(ProblemError(409, "STOCK", str(error)))
        case ArchivedError():
            return respond(ProblemError(409, "ARCHIVED", str(error)))
        case FeedBusyError():
            return respond(ProblemError(409, "FEED_BUSY", str(error)), BUSY)
        case PreconditionError():
            return _changed_meanwhile(error)
        case StoreError():
            log.warning("%s %s: %s", request.method, request.url.path, error)
            return respond(store_down(), RETRY)
        case _:
            return respond(ProblemError(500, "INTERNAL", "The server failed; its log tells why"))


def refused(error: ValidationError, body: Any) -> ProblemError:
    """What pydantic refused, field by field; `body` is what was sent."""
    found: dict[str, tuple[Any, list[str]]] = {}
    details = error.errors(include_url=False)[:MOST_ERRORS]
    for detail in details:
        if _is_echo(detail, details):
            continue
        path, value = _locate(detail, body)
        _, expectations = found.setdefault(path, (value, []))
        if (expected := _expected(detail)) not in expectations:
            expectations.append(expected)
    return invalid(
        [
            BadField(path, short(value), ", or ".join(expectations))
            for path, (value, expectations) in found.items()
        ]
    )


def _is_echo(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a collection is only too short because its members were refused."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and other["loc"] != place for other in details
    )


def _changed_meanwhile(error: PreconditionError) -> Response:
    expected = error.current or "nothing: it is not there"
    if error.header == "If-None-Match":
        expected = f"another than {expected}"
    field = BadField(error.header, error.asked, expected)
    problem = ProblemError(412, "PRECONDITION_FAILED", str(error), [field])
    return respond(problem, {"etag": error.current} if error.current else None)


def not_found(error: NotFoundError) -> ProblemError:
    return ProblemError(404, "NOT_FOUND", str(error))


def store_down(known: str = "nothing is known to be written") -> ProblemError:
    return ProblemError(503, "STORE_DOWN", f"The store does not answer; {known}")


def unfitting(error: MissingAssetsError | WrongTypesError) -> ProblemError:
    """What does not fit to what is there, field by field."""
    if isinstance(error, MissingAssetsError):
        return invalid(
            [
                BadField(_dotted(place), name, f"the id of an uploaded {_UPLOADS[kind]}")
                for place, name, kind in error.places
            ]
        )
    return invalid(
        [
            BadField(_dotted(place), short(value), f"{kind}, as it was declared")
            for place, value, kind in error.places
        ]
    )


_UPLOADS = {"picture": "picture (POST /api/v1/assets)", "font": "font (POST /api/v1/fonts)"}


def invalid(fields: Sequence[BadField]) -> ProblemError:
    message = "1 field is not as it should be"
    if len(fields) > 1:
        message = f"{len(fields)} fields are not as they should be"
    return ProblemError(422, "INVALID", message, fields)


def _locate(detail: ErrorDetails, body: Any) -> tuple[str, Any]:
    """The path in the body as it was sent, and the value there. Pydantic's own path also names
    the kinds of unions that it tried, which are not in the body."""
    path: list[str | int] = []
    here, untold = body, True
    for position, step in enumerate(detail["loc"]):
        if untold and isinstance(here, dict) and step in (here.get("kind"), here.get("op")):
            untold = False  # the kind itself, not a field of its name
            continue
        match here:
            case dict() if step in here:
                here = here[step]
            case list() if isinstance(step, int) and step < len(here):
                here = here[step]
            case dict() if detail["type"] == "missing" and position == len(detail["loc"]) - 1:
                here = None
            case _:
                continue
        path.append(step)
        untold = True
    return _dotted(path), here


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _expected(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    match detail["type"]:
        case "missing":
            return "a value: this field is needed"
        case "extra_forbidden":
            return "nothing: there is no such field"
        case "string_pattern_mismatch":
            return _PATTERNS.get(detail.get("ctx", {})["pattern"], message)
        case "too_short" | "too_long" as kind:
            least = kind == "too_short"
            length = detail.get("ctx", {})["min_length" if least else "max_length"]
            return f"at {'least' if least else 'most'} {counted(length, 'member')}"
        case "union_tag_not_found" | "union_tag_invalid":
            context = detail.get("ctx", {})
            kinds = context.get("expected_tags")
            return f"{context['discriminator']} to be one of {kinds}" if kinds else message
        case _:
            return message
