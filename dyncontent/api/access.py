"""Who may use the control plane, and how much: what stands before every operation."""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dyncontent.access.answers import Answers
from dyncontent.access.quota import Quota, Quotas, Standing
from dyncontent.access.token import digest
from dyncontent.access.tokens import Caller, Tokens
from dyncontent.api.idempotency import Once
from dyncontent.api.operation import Operation
from dyncontent.api.problems import RETRY, respond
from dyncontent.errors import ProblemError
from dyncontent.metrics import Metrics
from dyncontent.store.store import Store


class Access:
    """Asks for a token, counts the request, and lets it pass if the token has the scope."""

    def __init__(
        self, store: Store, tokens: Tokens, requests_per_minute: int, metrics: Metrics
    ) -> None:
        """Requests are not counted if there may be 0 of them a minute."""
        self._tokens = tokens
        self._quotas = Quotas(store, Quota(requests_per_minute)) if requests_per_minute else None
        self._answers = Answers(store)
        self._refused = metrics.refused

    def guard(self, operation: Operation | None, app: ASGIApp) -> ASGIApp:
        """`app` answers the operation; None is what is not there, of which only those with a token
        are told."""
        if operation is not None and operation.scope is None:
            return app
        once = None if operation is None else Once(self._answers, operation, app)

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            text = _bearer(Headers(scope=scope))
            caller, standing = await asyncio.gather(self._tokens.caller(text), self._counted(text))
            if caller is None:
                headers = {"www-authenticate": "Bearer"}
                await self._refuse(_UNAUTHORIZED, headers, scope, receive, send)
                return
            if self._quotas is not None and standing is not None:
                send = _telling(send, self._quotas.quota, standing)
                if not standing.is_within:
                    headers = {"retry-after": str(standing.seconds)}
                    problem = _too_many(self._quotas.quota, standing)
                    await self._refuse(problem, headers, scope, receive, send)
                    return
            if operation is None or once is None:
                await app(scope, receive, send)
            elif operation.scope not in caller.scopes:
                lacking = f'Bearer error="insufficient_scope", scope="{operation.scope}"'
                headers = {"www-authenticate": lacking}
                await self._refuse(_lacks_scope(operation), headers, scope, receive, send)
            else:
                scope.setdefault("state", {})["caller"] = caller
                try:
                    await once(caller, scope, receive, send)
                except ProblemError as problem:
                    headers = RETRY if problem.code == "STILL_RUNNING" else {}
                    await self._refuse(problem, headers, scope, receive, send)

        return guarded

    async def _counted(self, text: str) -> Standing | None:
        """Under the hash of what was given, so that nobody uses up another's quota with a wrong
        secret."""
        if self._quotas is None or not self._tokens.may_open(text):
            return None
        return await self._quotas.take(digest(text))

    async def _refuse(
        self,
        problem: ProblemError,
        headers: Mapping[str, str],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._refused.labels(problem.code).inc()
        await respond(problem, dict(headers))(scope, receive, send)


def caller_of(request: Request) -> Caller:
    """Who asks for an operation that has a scope."""
    caller: Caller = request.state.caller
    return caller


_UNAUTHORIZED = ProblemError(
    401, "UNAUTHORIZED", "Send a token of this server: Authorization: Bearer TOKEN"
)


def _bearer(headers: Headers) -> str:
    """The token that is sent, empty if none is."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _lacks_scope(operation: Operation) -> ProblemError:
    return ProblemError(
        403, "FORBIDDEN", f"This needs a token with the scope {operation.scope}; yours lacks it"
    )


def _too_many(quota: Quota, standing: Standing) -> ProblemError:
    return ProblemError(
        429,
        "TOO_MANY_REQUESTS",
        f"A token may make {quota.most} requests a minute: wait {standing.seconds} s",
    )


def _telling(send: Send, quota: Quota, standing: Standing) -> Send:
    """Sends an answer with how the token stands in its headers."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["ratelimit-policy"] = quota.policy
            headers["ratelimit"] = standing.limit
        await send(message)

    return told
