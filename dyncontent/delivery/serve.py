"""The open path as one callable: pictures, clicks and fragments. It knows no server."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from dyncontent.catalog.links import AllowedHosts
from dyncontent.delivery.amiss import Amiss, Watch
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.click import Clicks
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.fragment import Fragments, nothing
from dyncontent.delivery.lane import Lane
from dyncontent.delivery.opens import Opens
from dyncontent.delivery.plan import Plans
from dyncontent.delivery.reply import Receive, Reply, Scope, Send, Then
from dyncontent.delivery.urls import Purpose
from dyncontent.delivery.visit import Visit, receive_visit
from dyncontent.delivery.warm import Warmer
from dyncontent.errors import ProblemError
from dyncontent.keyring import Keyring
from dyncontent.metrics import Metrics
from dyncontent.store.store import Store
from renderers.encode import BY_EXTENSION, LAST_RESORT, MEDIA_TYPES, ImageType
from rules.decide import Reason

log = logging.getLogger(__name__)

_OF_SENDERS = frozenset((Fault.TAG_UNRENDERED, Fault.RECIPIENT_MISSING))
PREFIXES = tuple(f"/{purpose}/" for purpose in Purpose)


class Delivery:
    """Answers every path that begins with one of PREFIXES."""

    def __init__(
        self,
        store: Store,
        pictures: Pictures,
        warmer: Warmer,
        metrics: Metrics,
        keyring: Keyring,
        hosts: AllowedHosts,
        public_url: str,
        landing_url: str,
        budget: float,
        *,
        ids_are_unguessable: bool = False,
        receipt_hours: int = 0,
    ) -> None:
        """`budget` in seconds, for all the steps of one open; for the last see urls.read."""
        self._keyring = keyring
        self._budget = budget
        self._ids_are_unguessable = ids_are_unguessable
        self._metrics = metrics
        self._watch = Watch(store, metrics)
        self._landing_url = landing_url
        self._tasks: set[asyncio.Task[Reply]] = set()
        plans, lane = Plans(store), Lane(store)
        opens = Opens(store, pictures, warmer, metrics, self._watch, receipt_hours, plans, lane)
        self._ways: Mapping[Purpose, Callable[[Visit, Then], None]] = {
            Purpose.PICTURE: opens.begin,
            Purpose.CLICK: Clicks(store, metrics, hosts, landing_url, plans, lane).begin,
            Purpose.HTML: _long(Fragments(store, keyring, public_url).answer),
        }

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        reply = await self.answer(scope)
        await reply.send(send, head=scope["method"] == "HEAD")

    async def answer(self, scope: Scope) -> Reply:
        """As `begin`. Who is cancelled stops nothing of what they began."""
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.begin(scope, partial(_settle, answered))
        return await answered

    def begin(self, scope: Scope, then: Callable[[Reply], None]) -> None:
        """`then` is called once with the answer. Of the scope are read `method`, `path`,
        `query_string` and `headers` alone."""
        if scope["method"] not in ("GET", "HEAD"):
            then(_not_allowed())
            return
        path = scope["path"]
        try:
            visit = receive_visit(
                scope,
                self._keyring,
                self._budget,
                ids_are_unguessable=self._ids_are_unguessable,
            )
            begin = self._ways[visit.address.purpose]
        except Exception:
            log.exception("%s failed", path)
            then(self._last_resort(path))
            return
        begin(visit, partial(self._go_on, path, visit, then))

    def _go_on(
        self,
        path: str,
        visit: Visit,
        then: Callable[[Reply], None],
        made: Reply | Coroutine[Any, Any, Reply],
    ) -> None:
        if isinstance(made, Reply):
            then(made)
            return
        task = asyncio.get_running_loop().create_task(self._made(path, visit, made))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, path, then))

    async def _made(self, path: str, visit: Visit, work: Coroutine[Any, Any, Reply]) -> Reply:
        try:
            reply = await work
            if visit.address.fault in _OF_SENDERS:
                self._watch.note(visit, Amiss(visit.address.fault))
            return reply
        except Exception:
            log.exception("%s failed", path)
            return self._last_resort(path)

    def _finish(self, path: str, then: Callable[[Reply], None], task: asyncio.Task[Reply]) -> None:
        self._tasks.discard(task)
        then(self._last_resort(path) if task.cancelled() else task.result())

    def _last_resort(self, path: str) -> Reply:
        """What is left when the server itself is at fault."""
        labels = (Reason.ERROR, Fault.INTERNAL, Verdict.HUMAN)
        if path.startswith(f"/{Purpose.HTML}/"):
            return nothing()
        if path.startswith(f"/{Purpose.CLICK}/"):
            self._metrics.clicks.labels(*labels).inc()
            return Reply(302, "text/plain", b"", ((b"location", self._landing_url.encode()),))
        self._metrics.opens.labels(*labels).inc()
        kind = BY_EXTENSION.get(path.rpartition(".")[2], ImageType.PNG)
        return Reply(200, MEDIA_TYPES[kind], LAST_RESORT[kind])


def _long(
    answer: Callable[[Visit], Coroutine[Any, Any, Reply]],
) -> Callable[[Visit, Then], None]:
    return lambda visit, then: then(answer(visit))


def _settle(answered: asyncio.Future[Reply], reply: Reply) -> None:
    if not answered.done():
        answered.set_result(reply)


def _not_allowed() -> Reply:
    problem = ProblemError(405, "METHOD_NOT_ALLOWED", "This address answers GET and HEAD")
    return Reply(405, "application/json", problem.body(), ((b"allow", b"GET, HEAD"),))
