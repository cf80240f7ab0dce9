"""One request: who asks for what, by when, and what goes wrong in which step."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dyncontent.delivery.client import Verdict
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.urls import Purpose, make
from dyncontent.delivery.visit import Step, Visit, receive_visit, within_budget
from dyncontent.keyring import Keyring, new_secret, parse_secret
from dyncontent.store.roundtrip import StoreError

pytestmark = pytest.mark.anyio

KEYRING = Keyring((parse_secret(new_secret("k1")),))


def _visit(
    *headers: tuple[bytes, bytes],
    purpose: Purpose = Purpose.PICTURE,
    method: str = "GET",
    budget: float = 5,
) -> Visit:
    path, _, query = make(KEYRING, purpose, "trip", "aino", "spring").partition("?")
    scope = {"method": method, "path": path, "query_string": query.encode(), "headers": headers}
    return receive_visit(scope, KEYRING, budget)


async def test_a_visit_knows_who_asks_for_what() -> None:
    address = _visit(purpose=Purpose.CLICK).address
    assert (address.purpose, address.block) == (Purpose.CLICK, "trip")
    assert (address.recipient, address.message, address.fault) == ("aino", "spring", None)


async def test_a_visit_has_its_budget_from_now_on() -> None:
    before = asyncio.get_running_loop().time()
    visit = _visit(budget=0.15)
    assert before <= visit.started <= asyncio.get_running_loop().time()
    assert visit.deadline == visit.started + 0.15
    assert visit.step is Step.FACTS


async def test_what_the_client_holds_is_kept_as_it_is_sent() -> None:
    assert _visit((b"if-none-match", b'W/"a", "b"')).known_etags == b'W/"a", "b"'
    assert _visit().known_etags == b""


@pytest.mark.parametrize(
    ("headers", "asked", "verdict"),
    [
        ((), {}, Verdict.HUMAN),
        ((), {"method": "HEAD"}, Verdict.SCANNER),
        (((b"sec-purpose", b"prefetch;prerender"),), {}, Verdict.PREFETCH),
        (((b"purpose", b"prefetch"),), {}, Verdict.PREFETCH),
        (((b"purpose", b"preview"),), {}, Verdict.HUMAN),
        (((b"user-agent", b"x GoogleImageProxy \xff"),), {}, Verdict.PROXY),
        (((b"user-agent", b"x GoogleImageProxy"),), {"purpose": Purpose.CLICK}, Verdict.HUMAN),
    ],
)
async def test_a_visit_has_its_verdict(headers: Any, asked: Any, verdict: Verdict) -> None:
    visit = _visit(*headers, **asked)
    assert (visit.verdict, visit.is_head) == (verdict, asked.get("method") == "HEAD")


async def test_work_that_is_done_in_time_gives_what_it_gives() -> None:
    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    assert await within_budget(_visit(), work()) == "done"


def _raising(error: Exception) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        raise error

    return work


async def _endless() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("step", "failed", "late"),
    [
        (Step.FACTS, Fault.STORE_DOWN, Fault.STORE_TIMEOUT),
        (Step.RULES, Fault.DECISION_FAILED, Fault.DECISION_FAILED),
        (Step.RENDER, Fault.RENDER_FAILED, Fault.RENDER_TIMEOUT),
        (Step.RECORD, Fault.RECORD_FAILED, Fault.RECORD_TIMEOUT),
    ],
)
async def test_a_fault_is_that_of_the_step_it_happened_in(
    step: Step, failed: Fault, late: Fault
) -> None:
    outcomes: list[tuple[Any, Fault]] = [
        (_raising(StoreError("gone")), failed),
        (_raising(ZeroDivisionError()), Fault.INTERNAL if step is Step.FACTS else failed),
        (_raising(DeliveryError(Fault.BAD_URL)), Fault.BAD_URL),
        (_endless, late),
    ]
    for work, fault in outcomes:
        visit = _visit(budget=0.01 if work is _endless else 5)
        visit.step = step
        assert await within_budget(visit, work()) is fault


async def test_the_step_that_counts_is_the_one_that_was_reached() -> None:
    visit = _visit(budget=0.01)

    async def work() -> None:
        visit.step = Step.RENDER
        await _endless()

    assert await within_budget(visit, work()) is Fault.RENDER_TIMEOUT


async def test_a_bug_is_logged_with_its_step_and_block(caplog: pytest.LogCaptureFixture) -> None:
    await within_budget(_visit(), _raising(ZeroDivisionError("a bug"))())  # type: ignore[arg-type]
    assert "FACTS of trip failed" in caplog.text
    assert "a bug" in caplog.text


async def test_a_visitor_who_leaves_is_no_fault() -> None:
    task = asyncio.create_task(within_budget(_visit(), _endless()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
