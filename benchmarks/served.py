"""Servers that run as processes of their own while something about them is measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
def served(settings: Mapping[str, str], program: str = "dyncontent") -> Iterator[Served]:
    """A server of its own; `program` is the module that starts it."""
    port = free_port()
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", program, "serve", "--port", str(port)],
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


def settings_of(folder: Path, store_url: str, token: str, secret: str, host: str) -> dict[str, str]:
    """Of a server on a store, whose control plane takes `token` and whose links lead to `host`."""
    return {
        "DYNCONTENT_STORE_URL": store_url,
        "DYNCONTENT_DATA_DIR": str(folder),
        "DYNCONTENT_URL_KEYS": secret,
        "DYNCONTENT_API_TOKENS": token,
        "DYNCONTENT_ALLOWED_HOSTS": host,
    }


def control_plane(base_url: str, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{base_url}/api/v1/",
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=120,
    )


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
