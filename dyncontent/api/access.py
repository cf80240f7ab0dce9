"""Who may use the control plane: whoever bears one of its tokens."""

import hmac
from collections.abc import Collection, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dyncontent.api.problems import respond
from dyncontent.errors import ProblemError


class BearerToken:
    """Lets a request pass that has one of the tokens in its Authorization header, or asks for a
    path of all."""

    def __init__(self, app: ASGIApp, tokens: Sequence[str], for_all: Collection[str] = ()) -> None:
        self._app = app
        self._for_all = for_all
        self._tokens = [token.encode() for token in tokens]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scheme, _, token = Request(scope).headers.get("authorization", "").partition(" ")
        given = token.strip().encode()
        known = [hmac.compare_digest(given, right) for right in self._tokens]
        is_known = scheme.lower() == "bearer" and any(known)
        if is_known or scope["path"] in self._for_all:
            await self._app(scope, receive, send)
            return
        problem = ProblemError(
            401, "UNAUTHORIZED", "Send a token of this server: Authorization: Bearer TOKEN"
        )
        await respond(problem, {"www-authenticate": "Bearer"})(scope, receive, send)
