"""If-Match and If-None-Match, by which two editors do not overwrite each other."""

import re

from starlette.requests import Request
from starlette.responses import Response

from dyncontent.catalog.precondition import ANY, Precondition, Tags
from dyncontent.errors import BadField, ProblemError

_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_is_list = re.compile(rf"[\s,]*{_TAG}(?:\s*,[\s,]*{_TAG})*[\s,]*").fullmatch
_find_tags = re.compile(_TAG).findall

MOST_CHARACTERS = 2000


def precondition(request: Request) -> Precondition:
    """What a write asks of the thing as it is. Raises ProblemError 400 for what is no ETag."""
    unequal = _tags(request, "If-None-Match")
    if unequal is not None:
        unequal = tuple(tag.removeprefix("W/") for tag in unequal)
    # A weak ETag is left as it is, and so is none of ours: what is much the same may differ in
    # the very thing that the other editor changed.
    return Precondition(_tags(request, "If-Match"), unequal)


def unless_known(request: Request, response: Response) -> Response:
    """The answer, or 304 in its place where the client has one with the same ETag. Raises
    ProblemError 400 for what is no ETag."""
    etag = response.headers["etag"]
    known = _tags(request, "If-None-Match") or ()
    if ANY in known or etag in (tag.removeprefix("W/") for tag in known):
        return Response(status_code=304, headers={"etag": etag})
    return response


def _tags(request: Request, header: str) -> Tags | None:
    lines = request.headers.getlist(header)
    if not lines:
        return None
    given = ",".join(lines).strip()
    if given == ANY:
        return (ANY,)
    if len(given) > MOST_CHARACTERS or not _is_list(given):
        expected = "an ETag with its quotes, as the answer had it, or *"
        message = f"{header} has {expected}"
        raise ProblemError(400, "BAD_HEADER", message, [BadField(header, given[:200], expected)])
    return tuple(_find_tags(given))
