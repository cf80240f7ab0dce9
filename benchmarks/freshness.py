"""How soon a change that one process has accepted is seen by opens on all others.

    python -m benchmarks.freshness [--quick]

Starts a Valkey and servers on it. A stock is changed by the API, and opens are watched for what
they show, in three states: while nothing else happens; while two workers are asked for as much as
they can answer; and while the change log is cut off, when copies must expire. Prints the delays and
writes `benchmarks/results/freshness.json`; `--quick` only shows that everything works.
"""

import argparse
import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from benchmarks import cores, plots, report, scenarios, workers
from benchmarks.cut import line
from benchmarks.flash import PRODUCT, STOCK, Watched, watching
from benchmarks.peers.opens import block
from benchmarks.probe import Probe, WrongError, probes
from benchmarks.site import Site, site
from benchmarks.trial import Run, in_closed_loop_while
from benchmarks.workers import Workers
from dyncontent.load.histogram import Histogram

PEOPLE = 200
_PRODUCT = f"/api/v1/products/{PRODUCT}"
TARGET_MILLISECONDS = 10.0
CUT_TARGET_MILLISECONDS = 2000.0
_SETTLING_SECONDS = 0.6
"""The change log is followed again so long after it could be."""
_AFTER_CUT_SECONDS = 0.3
"""At most so long after the cut something changes."""
_KILLING_SECONDS = 0.005
_FELT_SECONDS = 0.5
"""Where no change was seen so late, nobody was deprived of the change log: copies expire later."""
_CUT_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Extent:
    quiet: int
    loaded: int
    cut: int


FULL = Extent(quiet=500, loaded=300, cut=20)
QUICK = Extent(quiet=20, loaded=10, cut=3)


Delays = Sequence[float]
"""Seconds, one for each change."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness")
    parser.add_argument("--quick", action="store_true", help="see that everything works")
    is_quick = parser.parse_args().quick
    extent = QUICK if is_quick else FULL
    chance = random.Random(1)  # noqa: S311
    with site(PEOPLE) as opened:
        quiet = _figures("no load, until the answer", list(_quiet(opened, extent.quiet)))
        loaded, run = _full_load(opened, extent.loaded, chance)
        full_load = _figures("full load", loaded) | {
            "opens a second": run.figures["a second"],
            "p99 of an open": run.milliseconds["p99"],
        }
        silent = _figures("change log silent", _silent(opened, extent.cut, chance))
        killed = _figures("change log killed", _killed(opened, extent.cut, chance))
    if is_quick:
        report.say("\nAll was answered rightly. Nothing is written: this was quick.")
        return
    targets = [
        report.Target("no load, p99, ms", quiet["p99"], TARGET_MILLISECONDS),
        report.Target("full load, p99, ms", full_load["p99"], TARGET_MILLISECONDS),
        report.Target("change log silent, max, ms", silent["max"], CUT_TARGET_MILLISECONDS),
        report.Target("change log killed, max, ms", killed["max"], CUT_TARGET_MILLISECONDS),
    ]
    states = {
        "no load": quiet,
        "full load": full_load,
        "change log silent": silent,
        "change log killed": killed,
    }
    report.write("freshness", targets, {"milliseconds": states})
    plots.draw()


def _figures(name: str, delays: Delays) -> dict[str, float]:
    counted = Histogram()
    for delay in delays:
        counted.add(delay)
    told = {f"p{one}": (counted.percentile(one) or 0) * 1000 for one in (50, 99)}
    told["max"] = counted.max * 1000
    report.say(f"{name:26} " + "  ".join(f"{one} {value:8.2f} ms" for one, value in told.items()))
    return {"changes": len(delays), **{one: round(value, 2) for one, value in told.items()}}


def _quiet(opened: Site, changes: int) -> Iterator[float]:
    """From the acknowledgement by one server until another has answered what is new: the time of
    that open is in it."""
    path = opened.links[block.BLOCK][0].image
    with (
        opened.another(cores.SENDER) as writer,
        httpx.Client(
            base_url=writer.base_url, headers=opened.api.headers, trust_env=False
        ) as write,
        httpx.Client(base_url=opened.server.base_url, trust_env=False) as read,
    ):
        for number in range(changes):
            stock, wanted = _turn(number)
            patched = write.patch(_PRODUCT, json={"stock": stock})
            accepted = time.perf_counter()
            block.accepted(patched)
            while read.get(path).content != opened.wanted(wanted):
                pass
            yield time.perf_counter() - accepted
        block.accepted(write.patch(_PRODUCT, json={"stock": STOCK}))


def _turn(number: int) -> tuple[int, int]:
    """What the stock becomes, and the variant that is shown thereupon."""
    return (STOCK, 0) if number % 2 else (0, 1)


def _full_load(opened: Site, changes: int, chance: random.Random) -> tuple[Delays, Run]:
    """Two workers. Now one of them is told of a change, and now another server, which has time."""
    with _two_workers(opened) as server:

        async def each(change: "Change") -> AsyncIterator[float]:
            for number in range(changes):
                await asyncio.sleep(chance.uniform(0.02, 0.08))
                yield await change(number)

        return _watched(opened, server, (server.peer.base_url, opened.server.base_url), 64, each)


def _silent(opened: Site, changes: int, chance: random.Random) -> Delays:
    """Nothing of the change log comes through to the two workers, all else does."""
    with (
        line(opened.given.store_url) as store,
        _two_workers(opened, DYNCONTENT_STORE_URL=store.url) as server,
    ):

        async def each(change: "Change") -> AsyncIterator[float]:
            for number in range(changes):
                await asyncio.sleep(_SETTLING_SECONDS)
                before = store.swallowed
                store.cut()
                await asyncio.sleep(chance.uniform(0, _AFTER_CUT_SECONDS))
                yield await change(number)
                if store.swallowed == before:
                    raise WrongError("the change log was not cut off")
                store.mend()

        delays, _ = _watched(opened, server, (opened.server.base_url,), _CUT_TOGETHER, each)
    if max(delays) < _FELT_SECONDS:
        raise SystemExit(f"nobody missed the change log: {max(delays):.3f} s at most")
    return delays


def _killed(opened: Site, changes: int, chance: random.Random) -> Delays:
    """Each connection that waits for the change log is closed by Valkey, again and again."""
    with _two_workers(opened) as server:

        async def each(change: "Change") -> AsyncIterator[float]:
            for number in range(changes):
                await asyncio.sleep(_SETTLING_SECONDS)
                async with _killing(opened.given.store_url) as killed:
                    await asyncio.sleep(chance.uniform(0, _AFTER_CUT_SECONDS))
                    yield await change(number)
                if not killed:
                    raise WrongError("the change log was not cut off")

        delays, _ = _watched(opened, server, (opened.server.base_url,), _CUT_TOGETHER, each)
    return delays


@asynccontextmanager
async def _killing(store_url: str) -> AsyncIterator[set[str]]:
    """The ids of the connections that were closed."""
    killed: set[str] = set()
    is_over = asyncio.Event()  # redis-py may lose a cancellation

    async def kill() -> None:
        while not is_over.is_set():
            waiting = {one["id"] for one in await store.client_list() if one["cmd"] == "xread"}
            for id in waiting:
                with suppress(ResponseError):  # it is gone already
                    await store.client_kill_filter(_id=id)
            killed.update(waiting)
            await asyncio.sleep(_KILLING_SECONDS)

    async with Redis.from_url(store_url, decode_responses=True) as store:
        killing = asyncio.create_task(kill())
        try:
            yield killed
        finally:
            is_over.set()
            await killing


@contextmanager
def _two_workers(opened: Site, **settings: str) -> Iterator[Workers]:
    with workers.apart(opened), workers.started(opened, workers.TWO, 2, **settings) as server:
        yield server


Change = Callable[[int], Coroutine[Any, Any, float]]
"""Changes the stock for the so manieth time; by how much the last open that did not show it was
begun after the acknowledgement, on any worker, in seconds."""


def _watched(
    opened: Site,
    server: Workers,
    writers: Sequence[str],
    together: int,
    each: Callable[[Change], AsyncIterator[float]],
) -> tuple[Delays, Run]:
    """All opens of two workers, so many at a time, and those that are begun on a connection to
    each as soon as a change was acknowledged."""
    path = opened.links[block.BLOCK][0].image
    watched = Watched(opened.wanted(0), opened.wanted(1))
    contestant = watching(opened, scenarios.cached(opened, server.peer), watched)
    contestant = replace(contestant, together=together)
    delays: list[float] = []

    async def change() -> None:
        async with (
            probes(server.peer.base_url, server.pids, path) as every,
            httpx.AsyncClient(
                headers=opened.api.headers,
                limits=httpx.Limits(max_keepalive_connections=0),
                trust_env=False,
                timeout=30,
            ) as api,
        ):

            async def once(number: int) -> float:
                stock, wanted = _turn(number)
                watched.changing()
                writer = writers[number // 2 % len(writers)]
                patched = await api.patch(writer + _PRODUCT, json={"stock": stock})
                watched.changed()
                block.accepted(patched)
                await asyncio.gather(
                    *(_until(probe, path, opened.wanted(wanted), watched) for probe in every)
                )
                return watched.late

            delays.extend([delay async for delay in each(once)])
            watched.changing()
            block.accepted(await api.patch(writers[0] + _PRODUCT, json={"stock": STOCK}))

    try:
        return delays, in_closed_loop_while(contestant, change, opened.store_pid)
    except WrongError as error:  # not sooner: it ends the loop of events in order
        raise SystemExit(str(error)) from error


async def _until(probe: Probe, path: str, wanted: bytes, watched: Watched) -> None:
    """Open until it is shown."""
    body = b""
    while body != wanted:
        begun = time.perf_counter()
        body = await probe.open(path)
        if failure := watched.note(body, begun):
            raise WrongError(f"process {probe.pid} shows {failure}")


if __name__ == "__main__":
    main()
