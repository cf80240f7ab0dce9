"""The short way of an open or a click: one reading, what follows from it, one writing.

It is walked by callbacks, without a task or a coroutine: these take as long as the deciding.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from dyncontent.delivery.faults import Fault
from dyncontent.delivery.reply import Reply
from dyncontent.delivery.traces import Commands, Proof, Replies, leave_then
from dyncontent.delivery.visit import Step, Visit, fault_of
from dyncontent.store import command
from dyncontent.store.roundtrip import StoreError, checked
from dyncontent.store.store import Store

log = logging.getLogger(__name__)


class Decided(NamedTuple):
    """What is answered once the commands are done, if there are any; for the proof see
    traces.leave. `reason` and `detail` are for the counting."""

    reply: Reply
    reason: str
    detail: str
    proof: Proof | None = None
    commands: Commands = ()


Decide = Callable[[Replies], Decided | None]
"""What follows from the replies to what was read; None if that is not enough for it."""
Then = Callable[[Decided | Fault | None], None]


class Lane:
    """All who walk it have the same budget, so that they are late in the order of their coming."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._walking: deque[_Walk] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def walk(self, visit: Visit, reads: Commands, decide: Decide, then: Then) -> None:
        """`then` is called once: with what was decided, None if `decide` gave that, or with the
        fault by which it came to nothing."""
        walk = _Walk(self._store, visit, decide, then)
        walking = self._walking
        while walking and walking[0].is_over:
            walking.popleft()
        walking.append(walk)
        if self._timer is None:
            self._wait(visit)
        self._store.read(reads, walk.known)

    def _wait(self, first: Visit) -> None:
        self._timer = asyncio.get_running_loop().call_at(first.deadline, self._look)

    def _look(self) -> None:
        walking, now = self._walking, time.monotonic()
        while walking and (walking[0].is_over or walking[0].visit.deadline <= now):
            walking.popleft().be_late()
        self._timer = None
        if walking:
            self._wait(walking[0].visit)


class _Walk:
    __slots__ = ("_decide", "_decided", "_store", "_then", "is_over", "visit")

    def __init__(self, store: Store, visit: Visit, decide: Decide, then: Then) -> None:
        self.visit = visit
        self.is_over = False
        self._store = store
        self._decide = decide
        self._then = then
        self._decided: Decided | None = None

    def known(self, told: Sequence[command.Reply] | Exception) -> None:
        if self.is_over:
            return
        try:
            replies = checked(told)
            if isinstance(replies, StoreError):
                raise replies
            decided = self._decide(replies)
        except Exception as error:  # noqa: BLE001  whatever it is, there is an answer to it
            self._end(fault_of(self.visit, error))
            return
        if decided is None:
            self.visit.step = Step.FACTS  # where the long way begins
        if decided is None or not decided.commands:
            self._end(decided)
            return
        self._decided = decided
        self.visit.step = Step.RECORD
        leave_then(self._store, decided.proof, decided.commands, self._kept)

    def _kept(self, told: Replies | StoreError) -> None:
        if not self.is_over:
            self._end(Fault.RECORD_FAILED if isinstance(told, StoreError) else self._decided)

    def be_late(self) -> None:
        if not self.is_over:
            self._end(self.visit.step.late)

    def _end(self, outcome: Decided | Fault | None) -> None:
        self.is_over = True
        try:
            self._then(outcome)
        except Exception:
            log.exception("an answer to %s was not sent", self.visit.address.block)
