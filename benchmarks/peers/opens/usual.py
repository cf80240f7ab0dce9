"""Starlette and redis-py, as a team that takes care writes such a server: the program is in
`usual_app`."""

import os
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from benchmarks.peers.opens import Given, Peer
from benchmarks.served import free_port, until_ready

NAME = "Starlette with redis-py"

_ROOT = Path(__file__).parents[3]


@contextmanager
def usual(given: Given) -> Iterator[Peer]:
    """One process of uvicorn."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site.json"
        site.write_bytes(orjson.dumps(given, default=_plain))
        server = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "uvicorn", "--factory"),
                *("--port", str(port), "--no-access-log", "--log-level", "error"),
                *("--app-dir", str(_ROOT)),
                "benchmarks.peers.opens.usual_app:app",
            ],
            env={**os.environ, "SITE": str(site)},
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            until_ready(server, base_url)
            yield Peer(NAME, base_url, (server.pid,))
        finally:
            server.terminate()
            server.wait()


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(value)
