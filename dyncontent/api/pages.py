"""Pages of a list: `limit` and `cursor` of the query."""

import base64
import binascii

from starlette.requests import Request

from dyncontent.api.problems import invalid
from dyncontent.errors import BadField

USUAL = 50
MOST = 200
LONGEST_CURSOR = 400


def page_limit(request: Request) -> int:
    """How many are asked for. Raises ProblemError for what is no such number."""
    given = request.query_params.get("limit", str(USUAL))
    if not (given.isascii() and given.isdecimal() and len(given) <= 4 and 1 <= int(given) <= MOST):
        raise invalid([BadField("limit", given[:20], f"a whole number from 1 to {MOST}")])
    return int(given)


def page_start(request: Request) -> str:
    """The name after which the page begins, empty for the first. Raises ProblemError for what no
    page ended with."""
    given = request.query_params.get("cursor", "")
    try:
        if len(given) > LONGEST_CURSOR:
            raise ValueError(given)
        name = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode()
        if cursor(name) == given or not given:
            return name
    except (ValueError, binascii.Error):
        pass
    raise bad_cursor(given)


def bad_cursor(given: str) -> Exception:
    return invalid([BadField("cursor", given[:200], "the next_cursor of the page before")])


def cursor(name: str) -> str:
    """Where a page ended, for the next to begin after it."""
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
