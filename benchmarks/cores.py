"""Two cores apart: what is measured has one for itself, what measures and the store the other."""

import os
import sys
from pathlib import Path


def _cores() -> tuple[int, int]:
    if sys.platform != "linux":
        return 0, 0
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


SENDER, SERVER = _cores()
ARE_APART = SENDER != SERVER


def hold(pid: int, core: int) -> None:
    """Keep a process on a core, with all its threads and what it starts from now on; 0 is this
    process. Where the system cannot, nothing is done."""
    if sys.platform == "linux":
        for thread in Path(f"/proc/{pid or 'self'}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})
