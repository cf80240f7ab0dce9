"""The short way of an open: it ends once, whatever the store does, and in time."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from dyncontent.delivery.client import Verdict
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.delivery.lane import Decided, Lane
from dyncontent.delivery.reply import Reply
from dyncontent.delivery.traces import Proof
from dyncontent.delivery.urls import Address, Purpose
from dyncontent.delivery.visit import Step, Visit
from dyncontent.store.command import Command
from dyncontent.store.store import Store
from renderers.encode import ImageType

pytestmark = pytest.mark.anyio

Told = Sequence[Any] | Exception
READS: tuple[Command, ...] = (("GET", "aino"),)
REPLY = Reply(200, "image/png", b"picture")
WITHOUT = Decided(REPLY, "TARGETING_MATCH", "VARIANT_HOLDS")
WITH = WITHOUT._replace(proof=Proof("aino", there=True), commands=(("XADD", "events", "*"),))


class _Held:
    """A store that answers when it is told to."""

    in_order = True

    def __init__(self) -> None:
        self.reads: list[tuple[tuple[Command, ...], Callable[[Told], None]]] = []
        self.writes: list[tuple[tuple[Command, ...], Callable[[Told], None]]] = []

    def read(self, commands: tuple[Command, ...], done: Callable[[Told], None]) -> None:
        self.reads.append((commands, done))

    def write(self, commands: tuple[Command, ...], done: Callable[[Told], None]) -> None:
        self.writes.append((commands, done))


class _Walks:
    """What came of those who walk a lane on a held store."""

    def __init__(self) -> None:
        self.store = _Held()
        self.lane = Lane(cast("Store", self.store))
        self.ends: list[Decided | Fault | None] = []

    def begin(self, decide: Callable[[Any], Decided | None], budget: float = 5) -> Visit:
        now = asyncio.get_running_loop().time()
        address = Address(Purpose.PICTURE, "b", ImageType.PNG, "aino", "m")
        visit = Visit(address, False, Verdict.HUMAN, b"", now, now + budget)
        self.lane.walk(visit, READS, decide, self.ends.append)
        return visit

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.ends) < count:
                await asyncio.sleep(0.001)


@pytest.fixture
def walks() -> _Walks:
    return _Walks()


async def test_what_leaves_nothing_ends_when_it_is_decided(walks: _Walks) -> None:
    walks.begin(lambda replies: WITHOUT if replies == [b"{}"] else None)
    [(asked, done)] = walks.store.reads
    assert asked == READS
    done([b"{}"])
    assert walks.ends == [WITHOUT]
    assert walks.store.writes == []


async def test_what_leaves_something_ends_when_that_is_kept(walks: _Walks) -> None:
    visit = walks.begin(lambda _: WITH)
    walks.store.reads[0][1]([b"{}"])
    assert walks.ends == []
    assert visit.step is Step.RECORD
    [(commands, done)] = walks.store.writes
    assert commands == (*WITH.commands, ("EXISTS", "aino"))
    done([b"1-0", 1])
    assert walks.ends == [WITH]


async def test_what_was_read_may_not_be_enough(walks: _Walks) -> None:
    walks.begin(lambda _: None)
    walks.store.reads[0][1]([b"{}"])
    assert walks.ends == [None]


@pytest.mark.parametrize(
    ("step", "told", "fault"),
    [
        (Step.FACTS, ConnectionError("gone"), Fault.STORE_DOWN),
        (Step.FACTS, [ValueError("refused")], Fault.STORE_DOWN),
        (Step.FACTS, [b"bug"], Fault.INTERNAL),
        (Step.RULES, [b"bug"], Fault.DECISION_FAILED),
        (Step.RENDER, [b"bug"], Fault.RENDER_FAILED),
        (Step.RENDER, [b"known"], Fault.RENDER_TIMEOUT),
    ],
)
async def test_what_fails_is_the_fault_of_its_step(
    walks: _Walks, step: Step, told: Told, fault: Fault
) -> None:
    def decide(replies: Any) -> Decided | None:
        visit.step = step
        if replies == [b"bug"]:
            raise RuntimeError("a bug")
        raise DeliveryError(Fault.RENDER_TIMEOUT)

    visit = walks.begin(decide)
    walks.store.reads[0][1](told)
    assert walks.ends == [fault]


@pytest.mark.parametrize("told", [ConnectionError("gone"), [ValueError("full"), 1]])
async def test_what_cannot_be_kept_is_a_fault(walks: _Walks, told: Told) -> None:
    walks.begin(lambda _: WITH)
    walks.store.reads[0][1]([b"{}"])
    walks.store.writes[0][1](told)
    assert walks.ends == [Fault.RECORD_FAILED]


async def test_who_is_late_ends_once_at_the_step_that_they_had_reached(walks: _Walks) -> None:
    walks.begin(lambda _: WITH, 0.02)
    walks.begin(lambda _: WITH, 0.02)
    walks.store.reads[1][1]([b"{}"])
    await walks.until(2)
    assert walks.ends == [Fault.STORE_TIMEOUT, Fault.RECORD_TIMEOUT]
    walks.store.reads[0][1]([b"{}"])
    walks.store.writes[0][1]([b"1-0", 1])
    assert len(walks.ends) == 2
    assert len(walks.store.writes) == 1


async def test_each_has_their_own_time(walks: _Walks) -> None:
    """One timer is for all: it is set anew for the next of those who are not over."""
    walks.begin(lambda _: WITHOUT, 0.01)
    walks.begin(lambda _: WITHOUT, 0.03)
    last = walks.begin(lambda _: WITHOUT, 0.05)
    walks.store.reads[1][1]([b"{}"])
    await walks.until(3)
    assert walks.ends == [WITHOUT, Fault.STORE_TIMEOUT, Fault.STORE_TIMEOUT]
    assert asyncio.get_running_loop().time() >= last.deadline
    walks.begin(lambda _: WITHOUT, 0.01)
    await walks.until(4)
    assert walks.ends[3] is Fault.STORE_TIMEOUT


async def test_an_answer_that_fails_stops_nobody_else(
    walks: _Walks, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("a closed line")

    now = asyncio.get_running_loop().time()
    address = Address(Purpose.PICTURE, "b", ImageType.PNG, "aino", "m")
    visit = Visit(address, False, Verdict.HUMAN, b"", now, now + 5)
    walks.lane.walk(visit, READS, lambda _: WITHOUT, fail)
    walks.begin(lambda _: WITHOUT)
    for _, done in walks.store.reads:
        done([b"{}"])
    assert walks.ends == [WITHOUT]
    assert "an answer to b was not sent" in caplog.text
