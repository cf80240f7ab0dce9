"""Whether a server's memory stays as it is while it serves very many opens."""

import asyncio
import itertools
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import uvloop

from benchmarks import report, turnover, watched
from benchmarks.cores import SERVER, hold
from benchmarks.served import Served, served
from benchmarks.site import PREFIX, Site
from benchmarks.trial import resident_bytes
from dyncontent.keyring import Keyring, parse_secret
from dyncontent.load.arrivals import closed
from dyncontent.load.sender import Origin, Sender
from dyncontent.store.keys import Keys

SAMPLES = 100
TOGETHER, TOGETHER_FORGOTTEN = 32, 1000
WARM = 1_000_000
"""Opens after which memory is held to be filled; of fewer than twice as many, half."""
TELLS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many opens: megabytes (10^6 bytes) that are resident, Python objects that the
    collector of garbage knows, and blocks of memory that Python has given out."""

    opens: int
    resident_mb: float
    objects: int
    blocks: int


def flat(site: Site, opens: int, people: int) -> Sequence[Sample]:
    """What the server has after each hundredth of the opens."""
    turnover.fill(site.api, people)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        settings = {**site.settings, watched.FILE: str(told)}
        with served(settings, "benchmarks.watched") as server:
            hold(server.pid, SERVER)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_drive(site, server, told, opens, people))


async def _drive(
    site: Site, server: Served, told: Path, opens: int, people: int
) -> Sequence[Sample]:
    keyring = Keyring((parse_secret(site.settings["DYNCONTENT_URL_KEYS"]),))
    requests = turnover.requests(server.base_url, keyring, people)
    step = max(1, opens // SAMPLES)
    samples: list[Sample] = []
    async with Sender(Origin.of(server.base_url), TOGETHER) as sender:
        for number in range(1, SAMPLES + 1):
            begun = time.perf_counter()
            await closed(sender, itertools.islice(requests, step), TOGETHER, float("inf"))
            if not sender.tally.ok:
                raise SystemExit(f"not all was answered rightly: {sender.tally.failures}")
            samples.append(_sample(server, told, number * step))
            _forget(site)
            one, rate = samples[-1], step / (time.perf_counter() - begun)
            report.say(
                f"{one.opens:10,} opens: {one.resident_mb:7.1f} MB resident, {one.objects:8,}"
                f" objects, {one.blocks:9,} blocks ({rate:,.0f} a second)"
            )
    return samples


def _forget(site: Site) -> None:
    """What a store keeps of opens for a time, and would not have room for here."""
    keys = Keys(PREFIX)
    site.store.xtrim(keys.events, maxlen=0)
    receipts = list(site.store.scan_iter(match=keys.receipts("*"), count=10_000))
    for at in range(0, len(receipts), TOGETHER_FORGOTTEN):
        site.store.unlink(*receipts[at : at + TOGETHER_FORGOTTEN])


def _sample(server: Served, told: Path, opens: int) -> Sample:
    told.unlink(missing_ok=True)
    os.kill(server.pid, signal.SIGUSR2)
    deadline = time.monotonic() + TELLS_SECONDS
    while not told.exists():
        if time.monotonic() > deadline:
            raise SystemExit("the server does not tell what it has")
        time.sleep(0.01)
    counted = orjson.loads(told.read_bytes())
    return Sample(opens, resident_bytes([server.pid]) / 1e6, counted["objects"], counted["blocks"])
