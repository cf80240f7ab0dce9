"""One trial of who answers requests: what they cost, how soon they are answered, and that each is
answered rightly. A wrong answer ends the program."""

import asyncio
import gc
import math
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from dyncontent.load.arrivals import closed, open_
from dyncontent.load.sender import Origin, Request, Sender
from dyncontent.load.strain import strained

PERCENTILES = (50, 90, 99, 99.9)
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who is asked what: the processes that serve, and requests without end or a whole list of
    them. `together` are under way at a time in a closed loop, at most `most` in an open one; what
    is due while all connections are taken waits."""

    name: str
    base_url: str
    pids: Sequence[int]
    requests: Callable[[], Iterator[Request]]
    together: int = 32
    most: int = 64


@dataclass(frozen=True, slots=True)
class Run:
    """`figures` by name; `milliseconds` are those of percentiles."""

    figures: Figures
    milliseconds: Figures


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system, of processes and all that they have started and that runs."""
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in _tree(pids))


def resident_bytes(pids: Iterable[int]) -> int:
    """Of processes and all that they have started."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _tree(pids))
    return pages * 4096


def in_closed_loop(contestant: Contestant, seconds: float, store: int) -> Run:
    """Each request as soon as one is answered; `store` is the process of Valkey."""
    return _run(
        contestant,
        contestant.together,
        lambda sender: closed(sender, contestant.requests(), contestant.together, seconds),
        store,
    )


def in_closed_loop_while(
    contestant: Contestant, happens: Callable[[], Coroutine[Any, Any, None]], store: int
) -> Run:
    """The same until something else has happened."""

    async def send(sender: Sender) -> float:
        happening = asyncio.create_task(happens())

        def until_then() -> Iterator[Request]:
            for request in contestant.requests():
                if happening.done():
                    return
                yield request

        elapsed = await closed(sender, until_then(), contestant.together, math.inf)
        await happening
        return elapsed

    return _run(contestant, contestant.together, send, store)


def in_open_loop(contestant: Contestant, dues: Iterable[float], store: int) -> Run:
    """Each request when it is due, in seconds from the begin."""
    return _run(
        contestant,
        contestant.most,
        lambda sender: open_(sender, contestant.requests(), dues),
        store,
    )


def _run(
    contestant: Contestant,
    connections: int,
    send: Callable[[Sender], Coroutine[Any, Any, float]],
    store: int,
) -> Run:
    async def run() -> Run:
        async with Sender(Origin.of(contestant.base_url), connections) as sender:
            with _without_garbage():
                served, stored = cpu_seconds(contestant.pids), cpu_seconds([store])
                async with strained() as strain:
                    elapsed = await send(sender)
                served = cpu_seconds(contestant.pids) - served
                stored = cpu_seconds([store]) - stored
        tally = sender.tally
        if not tally.ok:
            told = ", ".join(f"{count} × {what}" for what, count in tally.failures.most_common(5))
            raise SystemExit(
                f"{contestant.name} did not answer all rightly: {told or 'nothing'}"
                f" of {tally.count}"
            )
        thousands = tally.count / 1000
        return Run(
            {
                "opens": tally.count,
                "a second": tally.count / elapsed,
                "CPU seconds of a thousand": served / thousands,
                "CPU seconds of the store of a thousand": stored / thousands,
                "busy": served / elapsed,
                "sender busy": strain.busy,
                "sender late, ms": (strain.lags.percentile(99) or 0) * 1000,
                "resident MB": resident_bytes(contestant.pids) / 1e6,
            },
            {
                **{f"p{one:g}": (tally.times.percentile(one) or 0) * 1000 for one in PERCENTILES},
                "max": tally.times.max * 1000,
            },
        )

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


@contextmanager
def _without_garbage() -> Iterator[None]:
    """Nothing is collected meanwhile: that pause would be taken for the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def children(pid: int) -> set[int]:
    """Those that a process has started and that run."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return {int(one) for thread in threads for one in (thread / "children").read_text().split()}


def _tree(pids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children(pid)
    return found
