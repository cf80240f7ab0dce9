"""The server as RSGI."""

import logging
from functools import lru_cache

from starlette.types import ASGIApp

from dyncontent.delivery.reply import HeaderError
from dyncontent.delivery.serve import PREFIXES, Delivery
from dyncontent.rsgi.bridge import Bridge
from dyncontent.rsgi.headers import heard, told
from dyncontent.rsgi.protocol import Exchange, Scope

log = logging.getLogger(__name__)

_told_alike = lru_cache(4096)(told)
"""The same picture has the same headers each time."""


class Application:
    """Opens and clicks of an app that has a `delivery` go straight to it, all else through ASGI.
    Who goes away stops nobody: what was begun is done."""

    def __init__(self, app: ASGIApp, bridge: Bridge) -> None:
        self._delivery: Delivery | None = getattr(app, "delivery", None)
        self._bridge = bridge

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        path = scope.path
        try:
            if self._delivery is not None and path.startswith(PREFIXES):
                await _open(self._delivery, path, scope, exchange)
            else:
                await self._bridge.answer(scope, exchange)
        except HeaderError:
            log.error("an answer has a header that is none")
            _fail(exchange)
        except Exception:
            log.exception("%s failed", path)
            _fail(exchange)


async def _open(delivery: Delivery, path: str, scope: Scope, exchange: Exchange) -> None:
    method = scope.method
    request = {
        "method": method,
        "path": path,
        "query_string": scope.query_string.encode(),
        "headers": heard(scope),
    }
    reply = await delivery.answer(request)
    headers = _told_alike(tuple(reply.head))
    if method == "HEAD" or reply.status == 304:
        exchange.response_empty(reply.status, headers)
    else:
        exchange.response_bytes(reply.status, headers, reply.body)


def _fail(exchange: Exchange) -> None:
    """It does nothing if an answer has begun."""
    exchange.response_bytes(500, told([(b"content-type", b"text/plain")]), b"Internal Server Error")
