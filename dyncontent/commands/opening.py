"""Opens of pictures for `dyncontent bench`: sent, checked and timed.

It is a check of an installation, not of the server's limits: one process of Python sends all of
it, and says how busy it was with that.
"""

import asyncio
import math
import resource
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx

from dyncontent.commands.progress import Moved

SECONDS_FOR_ONE = 10.0
MOST_OPEN = 1000
"""Opens that are under way at a time, in an open loop: what would be more is not sent, and told."""
MOST_AHEAD = 100
USER_AGENT = "dyncontent-bench"
BUSY = 0.8
"""The part of a processor above which the sender itself is what is slow."""
PERCENTILES = (50, 90, 99, 99.9)

_TYPES = {
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "gif": ("image/gif", b"GIF89a"),
}

_ANSWERED = ("status", "type", "no such")
"""How failures begin of opens that were answered."""

Open = Callable[[int, float], Coroutine[Any, Any, None]]
"""Opens one, by its number, that is due at a time."""


class BenchError(Exception):
    """There is nothing to open, or nobody answers."""


@dataclass(slots=True)
class Tally:
    """Milliseconds of each open that was answered rightly, and how often what was wrong."""

    milliseconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return len(self.milliseconds) + self.failures.total()


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it; `busy` is the part of a processor that the sender took."""

    loop: str
    seconds: float
    tally: Tally
    busy: float

    @property
    def ok(self) -> bool:
        return bool(self.tally.milliseconds) and not self.tally.failures

    def told(self) -> dict[str, Any]:
        sorted_ = sorted(self.tally.milliseconds)
        return {
            "loop": self.loop,
            "seconds": round(self.seconds, 3),
            "opens": self.tally.count,
            "per_second": round(self.tally.count / self.seconds, 1),
            "milliseconds": {
                **{f"p{one:g}": percentile(sorted_, one) for one in PERCENTILES},
                "max": percentile(sorted_, 100),
            },
            "failures": dict(self.tally.failures),
            "sender_busy": round(self.busy, 2),
        }


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The least value that so many per cent do not exceed; None of none."""
    if not ordered:
        return None
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 2)


def wrong(url: str, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """What is wrong with an answer to an open; None if it is the picture of the asked type."""
    if status != 200:
        return f"status {status}"
    media_type, beginning = _TYPES[urlsplit(url).path.rpartition(".")[2]]
    if headers.get("content-type") != media_type:
        return f"type {headers.get('content-type')}"
    return None if body.startswith(beginning) else "no such picture"


def check_urls(urls: Sequence[str]) -> None:
    """Raises BenchError for what is no picture's URL, and for none at all."""
    if not urls:
        raise BenchError("there is nothing to open")
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.path.rpartition(".")[2] not in _TYPES:
            raise BenchError(f"{url[:200]} is no URL of a picture")


async def measure(
    urls: Sequence[str], seconds: float, *, together: int, rate: float | None, moved: Moved
) -> Measured:
    """Open `urls` in turn for so long: `together` at a time, each as soon as one is answered
    (closed loop), or `rate` a second, whether answered or not (open loop). In an open loop an open
    is timed from when it was due, so that waiting is not left out. Before, the first of them are
    opened once, which connects and draws what is not drawn yet. Raises BenchError if nobody
    answers."""
    tally = Tally()
    limits = httpx.Limits(max_connections=MOST_OPEN, max_keepalive_connections=MOST_OPEN)
    async with httpx.AsyncClient(
        timeout=SECONDS_FOR_ONE, limits=limits, headers={"user-agent": USER_AGENT}
    ) as client:

        async def open_one(number: int, due: float) -> None:
            url = urls[number % len(urls)]
            try:
                response = await client.get(url)
            except httpx.HTTPError as error:
                tally.failures[type(error).__name__] += 1
                return
            if failure := wrong(url, response.status_code, response.headers, response.content):
                tally.failures[failure] += 1
            else:
                tally.milliseconds.append((time.perf_counter() - due) * 1000)

        for number in range(min(len(urls), MOST_AHEAD)):
            await open_one(number, time.perf_counter())
        if unanswered := [one for one in tally.failures if not one.startswith(_ANSWERED)]:
            raise BenchError(f"{urlsplit(urls[0]).netloc} does not answer: {unanswered[0]}")
        tally = Tally()
        before, started = _processor_seconds(), time.perf_counter()
        end = started + seconds
        watching = asyncio.create_task(_watch(started, seconds, moved))
        try:
            if rate is None:
                await _closed(open_one, together, end)
            else:
                await _open(open_one, rate, started, end, tally)
        finally:
            watching.cancel()
        elapsed = time.perf_counter() - started
    loop = f"closed, {together} at a time" if rate is None else f"open, {rate:g} a second"
    return Measured(loop, elapsed, tally, (_processor_seconds() - before) / elapsed)


async def _closed(open_one: Open, together: int, end: float) -> None:
    numbers = count()

    async def one_after_another() -> None:
        while (due := time.perf_counter()) < end:
            await open_one(next(numbers), due)

    await asyncio.gather(*(one_after_another() for _ in range(together)))


async def _open(
    open_one: Open,
    rate: float,
    started: float,
    end: float,
    tally: Tally,
) -> None:
    running: set[asyncio.Task[None]] = set()
    for number in count():
        due = started + number / rate
        if due >= end:
            break
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        if len(running) >= MOST_OPEN:
            tally.failures["not sent: too many unanswered"] += 1
            await asyncio.sleep(0)
            continue
        task = asyncio.create_task(open_one(number, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)


async def _watch(started: float, seconds: float, moved: Moved) -> None:
    while True:
        moved(min(round(time.perf_counter() - started), round(seconds)), round(seconds))
        await asyncio.sleep(0.2)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
