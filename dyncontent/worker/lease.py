"""A task is done by one process at a time: by whoever holds its lease. A lease runs out by itself
seconds after its holder died, and its holder gives up work that it could not renew the lease for.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from dyncontent.store.lock import Lock
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store

LEASE_SECONDS = 6.0
RENEWALS = 4
"""So many times in a lease it is renewed."""


class LeaseLostError(Exception):
    """The lease could not be renewed in time: another may be at the task by now."""


async def run_alone(
    store: Store, task: str, work: Callable[[], Awaitable[None]], seconds: float = LEASE_SECONDS
) -> bool:
    """Do the work unless another does it; whether it was done. `seconds` after this process died
    another can begin.

    Raises StoreError, LeaseLostError, and what `work` raises.
    """
    lock = Lock(store, store.keys.lease(task))
    asked = time.monotonic()
    if not await lock.take(seconds):
        return False
    working = asyncio.ensure_future(work())
    keeping = asyncio.ensure_future(_keep(lock, seconds, asked))
    try:
        await asyncio.wait((working, keeping), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise LeaseLostError(f"{task}: the lease could not be renewed")
        working.result()
    finally:
        working.cancel()
        keeping.cancel()
        await asyncio.gather(working, keeping, return_exceptions=True)
        with contextlib.suppress(StoreError):
            await lock.release()
    return True


async def _keep(lock: Lock, seconds: float, renewed: float) -> None:
    """Renew a lease until it is lost, or will have been before the store answers."""
    pause = seconds / RENEWALS
    while time.monotonic() - renewed < seconds - pause:
        await asyncio.sleep(pause)
        asked = time.monotonic()
        try:
            async with asyncio.timeout(pause):
                held = await lock.extend(seconds)
        except (StoreError, TimeoutError):
            continue
        if not held:
            return
        renewed = asked
