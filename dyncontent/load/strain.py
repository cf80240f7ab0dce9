"""How hard the sender itself had to work: whether it, and not the server, was what is slow."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dyncontent.load.histogram import Histogram

BUSY = 0.8
"""The part of a processor above which the sender is suspected."""
_STEP = 0.01


@dataclass(slots=True)
class Strain:
    """`cpu` is the processor time of this process, `busy` the part of one processor that it is;
    `lags` tells by how much the event loop was late, a hundred times a second."""

    seconds: float = 0.0
    cpu: float = 0.0
    lags: Histogram = field(default_factory=Histogram)

    @property
    def busy(self) -> float:
        return self.cpu / self.seconds if self.seconds else 0.0


@asynccontextmanager
async def strained() -> AsyncIterator[Strain]:
    """Watches this process; complete at the end."""
    strain = Strain()
    cpu, started = _cpu_seconds(), time.perf_counter()
    watching = asyncio.create_task(_watch(strain.lags))
    try:
        yield strain
    finally:
        watching.cancel()
        strain.seconds = time.perf_counter() - started
        strain.cpu = _cpu_seconds() - cpu


async def _watch(lags: Histogram) -> None:
    while True:
        due = time.perf_counter() + _STEP
        await asyncio.sleep(_STEP)
        lags.add(max(0.0, time.perf_counter() - due))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
