"""What operators and their machines look at: health and figures."""

import os
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dyncontent.api.respond import json
from dyncontent.metrics import Metrics
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from dyncontent.worker.seen import observe


class Operations:
    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def live(self, _: Request) -> Response:
        """The process answers."""
        return json({"status": "ok", "process": os.getpid()})

    async def ready(self, _: Request) -> Response:
        """The store answers this process, and changes are pushed to it; else 503, though opens are
        still answered."""
        try:
            await self._store.ping()
            store = "ok"
        except StoreError as error:
            store = str(error)
        changes = "ok" if self._store.copies.fresh else "copies are read through"
        ready = store == changes == "ok"
        status = "ok" if ready else "degraded"
        told = {"status": status, "store": store, "changes": changes, "process": os.getpid()}
        return json(told, 200 if ready else 503)

    async def metrics(self, _: Request) -> Response:
        await observe(self._store, self._metrics, datetime.now(UTC))
        return Response(self._metrics.exposition(), media_type="text/plain; version=0.0.4")
