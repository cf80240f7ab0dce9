"""One connection to a server, of which it is known which of its processes answers."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

_TRIES = 200
"""After so many connections that all led to others, a process takes none."""


class WrongError(Exception):
    """What is answered is wrong, or what was to be measured did not happen."""


class Probe:
    """`pid` is the process that answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = 0
        self._reader = reader
        self._writer = writer

    async def open(self, path: str) -> bytes:
        """The body of the answer, which must have the status 200."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: probe\r\n\r\n".encode("ascii"))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        body = await self._reader.readexactly(int(length))
        if not head.startswith(b"http/1.1 200 "):
            raise WrongError(f"{path} is answered with {head[:40]!r}")
        return body

    def find(self, pids: Collection[int]) -> None:
        """Which of these processes answers; it must have done so once."""
        ours, theirs = (self._writer.get_extra_info(one)[1] for one in ("sockname", "peername"))
        socket = f"socket:[{_inode(theirs, ours)}]"
        self.pid = next(pid for pid in pids if socket in _open_files(pid))

    async def aclose(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def probes(base_url: str, pids: Collection[int], path: str) -> AsyncIterator[list[Probe]]:
    """One to each process of a server, found by opening a path."""
    parts, found = urlsplit(base_url), dict[int, Probe]()
    try:
        for _ in range(_TRIES):
            if len(found) == len(pids):
                break
            probe = Probe(*await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20))
            await probe.open(path)
            probe.find(pids)
            if found.setdefault(probe.pid, probe) is not probe:
                await probe.aclose()
        else:
            raise WrongError("one of the processes takes no connections")
        yield list(found.values())
    finally:
        for probe in found.values():
            await probe.aclose()


def _inode(local: int, remote: int) -> str:
    """Of a socket of this machine, by its ports."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if [int(one.rpartition(":")[2], 16) for one in fields[1:3]] == [local, remote]:
            return fields[9]
    raise WrongError("a connection is not among those of this machine")


def _open_files(pid: int) -> set[str]:
    found = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(one.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found
