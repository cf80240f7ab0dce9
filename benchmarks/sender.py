"""How many requests a second the sender can send, so that it is known when it is what is slow.

    python -m benchmarks.sender [SECONDS]

The server answers at once from memory. It is held on one core and the sender on another, where the
system can do that. Each answer is compared byte by byte.
"""

import asyncio
import gc
import itertools
import sys

import uvloop

from benchmarks import instant, report
from benchmarks.cores import SENDER, SERVER, hold
from dyncontent.load.answer import exactly
from dyncontent.load.arrivals import closed
from dyncontent.load.sender import Origin, Request, Sender
from dyncontent.load.strain import strained

SECONDS = 3.0
TOGETHER = 32
SIZES = (0, 1000, 20_000)
_AGENT = "dyncontent-bench"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    hold(0, SENDER)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for size in SIZES:
            with instant.serving(size) as (url, server):
                hold(server, SERVER)
                runner.run(_measure(url, size, seconds))


async def _measure(url: str, size: int, seconds: float) -> None:
    check = exactly(instant.MEDIA_TYPE, instant.body(size))
    requests = itertools.repeat(Request.get(url, check, _AGENT))
    async with Sender(Origin.of(url), TOGETHER) as sender:
        await closed(sender, requests, TOGETHER, 0.2)
        gc.collect()
        gc.freeze()
        before = sender.tally.count
        async with strained() as strain:
            elapsed = await closed(sender, requests, TOGETHER, seconds)
    if not sender.tally.ok:
        raise SystemExit(f"not all were answered rightly: {dict(sender.tally.failures)}")
    count = sender.tally.count - before
    report.say(
        f"{size:6} bytes: {count / elapsed:8,.0f} requests a second, "
        f"{strain.cpu / count * 1e6:5.1f} µs of CPU each, sender {strain.busy:.0%} busy, "
        f"event loop late by {(strain.lags.percentile(99) or 0) * 1000:.1f} ms (p99)"
    )


if __name__ == "__main__":
    main()
