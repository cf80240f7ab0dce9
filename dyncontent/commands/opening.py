"""Opens of pictures for `dyncontent bench`: which are sent, and what is told of them.

It is a check of an installation, not of the server's limits: one process of Python sends all of
it, and says how busy it was with that.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, cycle, repeat, takewhile
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from dyncontent.commands.progress import Moved
from dyncontent.load.agents import mixed
from dyncontent.load.answer import EXTENSIONS, picture
from dyncontent.load.arrivals import closed, open_, steady
from dyncontent.load.sender import Origin, Request, Sender
from dyncontent.load.strain import Strain, strained
from dyncontent.load.tally import Tally

MOST_OPEN = 1000
"""Opens that are under way at a time, in an open loop: what would be more waits."""
MOST_AHEAD = 100
USER_AGENT = "dyncontent-bench"
MIXED = "mixed"
"""As user agent: the mail programs of a send, in their shares."""
LEAST_MIXED = 1000
"""So many requests at least are made ahead, so that the agents of one URL are mixed too."""
PERCENTILES = (50, 90, 99, 99.9, 100)


class BenchError(Exception):
    """There is nothing to open, or nobody answers."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it, in so many seconds."""

    loop: str
    seconds: float
    tally: Tally
    strain: Strain

    @property
    def ok(self) -> bool:
        return self.tally.ok

    def told(self) -> dict[str, Any]:
        times = self.tally.times
        return {
            "loop": self.loop,
            "seconds": round(self.seconds, 3),
            "opens": self.tally.count,
            "per_second": round(self.tally.count / self.seconds, 1),
            "milliseconds": {
                "max" if one == 100 else f"p{one:g}": _milliseconds(times.percentile(one))
                for one in PERCENTILES
            },
            "failures": dict(self.tally.failures),
            "sender_busy": round(self.strain.busy, 2),
        }


def opens(urls: Sequence[str], user_agent: str = USER_AGENT) -> tuple[Origin, Sequence[Request]]:
    """The server that is asked, and what of it: each URL, several times if they are few, so that
    all agents of MIXED have their shares. Raises BenchError for what is no picture's URL, for URLs
    of several servers, for none at all, and for what cannot name a program."""
    if not urls:
        raise BenchError("there is nothing to open")
    if not (user_agent.isascii() and user_agent.isprintable()):
        raise BenchError("a user agent is told in ASCII")
    agents = mixed() if user_agent == MIXED else repeat(user_agent)
    times = ceil(LEAST_MIXED / len(urls)) if user_agent == MIXED else 1
    requests, origins = [], set()
    for url, agent in zip(chain.from_iterable(repeat(urls, times)), agents, strict=False):
        try:
            origins.add(Origin.of(url))
            extension = urlsplit(url).path.rpartition(".")[2]
            if extension not in EXTENSIONS:
                raise ValueError(extension)
            requests.append(Request.get(url, picture(extension), agent))
        except ValueError:
            raise BenchError(f"{url[:200]} is no URL of a picture") from None
    origin, *others = origins
    if others:
        hosts = ", ".join(sorted(f"{one.host}:{one.port}" for one in origins)[:5])
        raise BenchError(f"the URLs are of several servers, try them one by one: {hosts}")
    return origin, requests


def loop_name(together: int, rate: float | None) -> str:
    """How opens are sent, see `measure`."""
    return f"closed, {together} at a time" if rate is None else f"open, {rate:g} a second"


async def measure(
    urls: Sequence[str],
    seconds: float,
    *,
    together: int,
    rate: float | None,
    moved: Moved,
    user_agent: str = USER_AGENT,
) -> Measured:
    """Open `urls` in turn for so long, as the program that `user_agent` names: `together` at a
    time, each as soon as one is answered (closed loop), or `rate` a second, whether answered or not
    (open loop). In an open loop an open is timed from when it was due, so that waiting is not left
    out. Before, the first of them are opened once, which connects and draws what is not drawn yet.
    Raises BenchError if nobody answers, and for what `opens` refuses."""
    origin, requests = opens(urls, user_agent)
    connections = together if rate is None else MOST_OPEN
    async with Sender(origin, connections) as sender:
        ahead = takewhile(lambda _: not sender.tally.unanswered, requests[:MOST_AHEAD])
        await closed(sender, ahead, 1, math.inf)
        if unanswered := sender.tally.unanswered:
            raise BenchError(
                f"{origin.host}:{origin.port} does not answer: {next(iter(unanswered))}"
            )
        sender.tally = Tally()
        watching = asyncio.create_task(_watch(seconds, moved))
        try:
            async with strained() as strain:
                if rate is None:
                    elapsed = await closed(sender, cycle(requests), together, seconds)
                else:
                    elapsed = await open_(sender, cycle(requests), steady(rate, seconds))
        finally:
            watching.cancel()
    return Measured(loop_name(together, rate), elapsed, sender.tally, strain)


async def _watch(seconds: float, moved: Moved) -> None:
    started = time.perf_counter()
    while True:
        moved(min(round(time.perf_counter() - started), round(seconds)), round(seconds))
        await asyncio.sleep(0.2)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
