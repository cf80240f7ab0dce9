"""A server that tells how many Python objects it has, when it is asked by a signal.

    WATCHED_FILE=FILE python -m benchmarks.watched serve ...

It is the server itself, started in the usual way, with one handler more.
"""

import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType

import orjson

from dyncontent.cli import main

FILE = "WATCHED_FILE"


def _tell(_: int, __: FrameType | None) -> None:
    """What is garbage is collected before. The file is there at once, and whole."""
    gc.collect()
    told = {"objects": len(gc.get_objects()), "blocks": sys.getallocatedblocks()}
    path = Path(os.environ[FILE])
    unfinished = path.with_suffix(".new")
    unfinished.write_bytes(orjson.dumps(told))
    unfinished.rename(path)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, _tell)
    main()
