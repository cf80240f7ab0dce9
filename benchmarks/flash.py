"""A stock falls to nothing, and is filled again, while opens come as fast as they are answered."""

import asyncio
import itertools
import time
from dataclasses import dataclass, field, replace

import httpx

from benchmarks.peers.opens import block
from benchmarks.site import Site
from benchmarks.trial import Contestant, Run, in_closed_loop_while
from dyncontent.load.answer import Answer, picture
from dyncontent.load.histogram import Histogram

PRODUCT = "rome"
STOCK = 30
LATEST_SECONDS = 2.0
"""An open that is begun so long after a change was acknowledged shows it, whatever happens."""
QUIET_SECONDS = 0.2
LONG_QUIET = 20
"""Each so many changes one is left for longer than `LATEST_SECONDS`."""


@dataclass(slots=True)
class Watched:
    """What opens must show now. `since` is when that was acknowledged, by time.perf_counter; None
    while a change is on its way, when both are right. `late` is by how much the last open that
    still showed the other was begun after that."""

    shown: bytes
    other: bytes
    since: float | None = None
    late: float = 0.0
    delays: Histogram = field(default_factory=Histogram)

    def check(self, answer: Answer) -> str | None:
        return _is_picture(answer) or self.note(answer.body, answer.begun)

    def note(self, body: bytes, begun: float) -> str | None:
        """What is wrong with a picture that was asked for then."""
        if body == self.shown:
            return None
        if body != self.other:
            return "another body"
        if self.since is not None:
            self.late = max(self.late, begun - self.since)
            if self.late > LATEST_SECONDS:
                return f"what it was more than {LATEST_SECONDS:g} s ago"
        return None

    def changing(self) -> None:
        """From now on both are right."""
        if self.since is not None:
            self.delays.add(self.late)
        self.since, self.late = None, 0.0

    def changed(self) -> None:
        """Acknowledged now: from now on the other is right."""
        self.shown, self.other = self.other, self.shown
        self.since = time.perf_counter()


def watching(site: Site, who: Contestant, watched: Watched) -> Contestant:
    """Everybody's open, of which it is watched what it shows."""
    everybody = itertools.islice(who.requests(), len(site.links[block.BLOCK]))
    requests = [replace(one, check=watched.check) for one in everybody]
    return replace(who, requests=lambda: itertools.cycle(requests))


def flash(site: Site, who: Contestant, writer: str, changes: int) -> tuple[Run, Histogram]:
    """So many changes under full load, and by how much each was seen too late. `who` opens the
    block that sells the product; the changes are told to another server, at the URL `writer`."""
    watched = Watched(site.wanted(0), site.wanted(1))
    contestant = watching(site, who, watched)

    async def change() -> None:
        async with httpx.AsyncClient(
            base_url=f"{writer}/api/v1/", headers=site.api.headers, trust_env=False, timeout=30
        ) as api:
            for number in range(changes):
                await asyncio.sleep(QUIET_SECONDS)
                watched.changing()
                stock = STOCK if number % 2 else 0
                answer = await api.patch(f"products/{PRODUCT}", json={"stock": stock})
                watched.changed()
                answer.raise_for_status()
                if number % LONG_QUIET == 0:
                    await asyncio.sleep(LATEST_SECONDS)
            await asyncio.sleep(QUIET_SECONDS)
            watched.changing()

    run = in_closed_loop_while(contestant, change, site.store_pid)
    block.accepted(site.api.patch(f"products/{PRODUCT}", json={"stock": STOCK}))
    return run, watched.delays


_is_picture = picture("png")
