"""One request for a block: who asks for what, by when it must be answered, and which step it has
reached."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from dyncontent.delivery import urls
from dyncontent.delivery.client import Verdict, verdict
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.reply import Scope
from dyncontent.delivery.urls import Address, Purpose
from dyncontent.keyring import Keyring
from dyncontent.store.roundtrip import StoreError

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Step(Enum):
    """A step with the fault that its failure is, and the one of being late in it."""

    FACTS = (Fault.STORE_DOWN, Fault.STORE_TIMEOUT)
    RULES = (Fault.DECISION_FAILED, Fault.DECISION_FAILED)
    RENDER = (Fault.RENDER_FAILED, Fault.RENDER_TIMEOUT)
    RECORD = (Fault.RECORD_FAILED, Fault.RECORD_TIMEOUT)

    @property
    def failed(self) -> Fault:
        return self.value[0]

    @property
    def late(self) -> Fault:
        return self.value[1]


@dataclass(slots=True)
class Visit:
    """`started` and `deadline` are of time.monotonic, which is the clock of the event loop too; to
    ask the loop would take a system call. `at` is in seconds since the epoch."""

    address: Address
    is_head: bool
    verdict: Verdict
    known_etags: bytes
    started: float
    deadline: float
    at: float = field(default_factory=time.time)
    step: Step = Step.FACTS
    is_late: bool = False


def receive_visit(
    scope: Scope, keyring: Keyring, budget: float, *, ids_are_unguessable: bool = False
) -> Visit:
    """Step 1, urls: parse and verify, see urls.read. `budget` in seconds."""
    started = time.monotonic()
    headers = dict(scope["headers"])
    is_head = scope["method"] == "HEAD"
    path, query = scope["path"], scope["query_string"]
    address = urls.read(keyring, path, query, ids_are_unguessable=ids_are_unguessable)
    purpose = headers.get(b"sec-purpose") or headers.get(b"purpose") or b""
    return Visit(
        address=address,
        is_head=is_head,
        verdict=verdict(
            headers.get(b"user-agent", b"").decode("latin-1"),
            is_head=is_head,
            is_click=address.purpose is Purpose.CLICK,
            announced_prefetch=purpose.startswith(b"prefetch"),
        ),
        known_etags=headers.get(b"if-none-match", b""),
        started=started,
        deadline=started + budget,
    )


async def within_budget(visit: Visit, work: Coroutine[Any, Any, Result]) -> Result | Fault:
    """What `work` gives, or, if it fails or is late, the fault that says which step it was."""
    loop = asyncio.get_running_loop()
    task: asyncio.Task[Any] = asyncio.current_task(loop)  # type: ignore[assignment]
    # A timer of one's own: asyncio.timeout_at takes as long as all else that is done here.
    timer = loop.call_at(visit.deadline, _be_late, visit, task)
    try:
        return await work
    except asyncio.CancelledError:
        if not visit.is_late:
            raise
        task.uncancel()
        return visit.step.late
    except Exception as error:  # noqa: BLE001  whatever it is, there is an answer to it
        return fault_of(visit, error)
    finally:
        timer.cancel()


def fault_of(visit: Visit, error: Exception) -> Fault:
    """The fault that an error is in the step that a visit has reached."""
    if isinstance(error, DeliveryError):
        return error.fault
    if isinstance(error, StoreError):
        return visit.step.failed
    log.error("%s of %s failed", visit.step.name, visit.address.block, exc_info=error)
    return Fault.INTERNAL if visit.step is Step.FACTS else visit.step.failed


def _be_late(visit: Visit, task: asyncio.Task[Any]) -> None:
    visit.is_late = True
    task.cancel()
