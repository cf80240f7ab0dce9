"""Who may use the control plane: whoever bears one of its tokens."""

import hmac
from collections.abc import Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dyncontent.api.problems import respond
from dyncontent.errors import ProblemError


class BearerToken:
    """Lets a request pass that has one of the tokens in its Authorization header."""

    def __init__(self, app: ASGIApp, tokens: Sequence[str]) -> None:
        self._app = app
        self._tokens = [token.encode() for token in tokens]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scheme, _, token = Request(scope).headers.get("authorization", "").partition(" ")
        given = token.strip().encode()
        known = [hmac.compare_digest(given, right) for right in self._tokens]
        if scheme.lower() == "bearer" and any(known):
            await self._app(scope, receive, send)
            return
        problem = ProblemError(
            401, "UNAUTHORIZED", "Send a token of this server: Authorization: Bearer TOKEN"
        )
        await respond(problem, {"www-authenticate": "Bearer"})(scope, receive, send)
