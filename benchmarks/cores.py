"""Cores apart: what is measured has one for itself, what measures and the store another."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ALL = tuple(sorted(os.sched_getaffinity(0))) if sys.platform == "linux" else (0,)
SENDER, SERVER = ALL[0], ALL[-1]
ARE_APART = SENDER != SERVER

WORKERS_APART = len(ALL) > 2
"""Whether each of two workers can have a core for itself beside the sender's."""
OF_WORKERS = ((ALL[-2],), (ALL[-1],)) if WORKERS_APART else (ALL, ALL)
BESIDE_WORKERS = ALL[:-2] if WORKERS_APART else ALL


def hold(pid: int, *cores: int) -> None:
    """Keep a process on cores, with all its threads and what it starts from now on; 0 is this
    process. Where the system cannot, nothing is done."""
    if sys.platform == "linux":
        for thread in Path(f"/proc/{pid or 'self'}/task").iterdir():
            with suppress(ProcessLookupError):  # that thread has just ended
                os.sched_setaffinity(int(thread.name), cores)


@contextmanager
def elsewhere(pid: int, cores: tuple[int, ...]) -> Iterator[None]:
    """Keep a process on other cores meanwhile."""
    before = os.sched_getaffinity(pid) if sys.platform == "linux" else ()
    hold(pid, *cores)
    try:
        yield
    finally:
        hold(pid, *before)
