"""Servers that run as processes of their own while something about them is measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    base_url: str
    pid: int

    def cpu_seconds(self) -> float:
        """User and system, of all its threads. The clock's number is the one that glibc's
        clock_getcpuclockid makes of a process."""
        return time.clock_gettime((~self.pid << 3) | 2)


@contextmanager
def served(settings: Mapping[str, str]) -> Iterator[Served]:
    """A server of its own."""
    port = free_port()
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "dyncontent", "serve", "--port", str(port)],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )
    base_url = f"http://127.0.0.1:{port}"
    try:
        until_ready(server, base_url)
        yield Served(base_url, server.pid)
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until_ready(server: subprocess.Popen[bytes], base_url: str) -> None:
    """Wait for /health/ready."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{base_url}/health/ready", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise SystemExit(f"the server at {base_url} does not get ready")
