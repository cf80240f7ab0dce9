"""When requests are sent: each as soon as one is answered, or each when it is due.

In a closed loop a slow server is asked less. In an open loop it is not: a request is timed from
when it was due, also while it waits for a connection, so that no pause of the server hides.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from itertools import count, takewhile
from math import ceil

from dyncontent.load.sender import Request, Sender, nothing

TICK = 0.001
"""Seconds."""


async def closed(
    sender: Sender, requests: Iterator[Request], together: int, seconds: float
) -> float:
    """Keep so many under way for so long, or until there are no more; the seconds until the last
    was answered."""
    started = time.perf_counter()
    end = started + seconds

    def send_next() -> None:
        if (now := time.perf_counter()) < end and (request := next(requests, None)) is not None:
            sender.send(request, now)

    sender.after = send_next
    try:
        for _ in range(together):
            send_next()
        await sender.finished()
    finally:
        sender.after = nothing
    return time.perf_counter() - started


async def open_(sender: Sender, requests: Iterator[Request], dues: Iterable[float]) -> float:
    """Send each when it is due, in seconds from now, in order; the seconds until the last was
    answered. Timers count in milliseconds, and so does what is due: a shorter wait would be a loop
    that takes the processor from who is asked."""
    started = time.perf_counter()
    for due, request in zip(dues, requests, strict=False):
        at = started + ceil(due / TICK) * TICK
        while at - (now := time.perf_counter()) > TICK / 2:  # noqa: ASYNC110
            await asyncio.sleep(at - now)
        sender.send(request, min(at, now))
    await sender.finished()
    return time.perf_counter() - started


def steady(rate: float, seconds: float) -> Iterator[float]:
    """So many a second, at equal distances."""
    return takewhile(lambda due: due < seconds, (number / rate for number in count()))
