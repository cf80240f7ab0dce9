"""A cluster of several primaries, and of their replicas if wanted, all of them real servers."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.crc import key_slot

from tests.valkeys import arguments, free_port, running, until_ready
from tests.watched import until

SLOTS = 16384


class Clustered:
    def __init__(self, folder: Path, stack: ExitStack, primaries: int, replicas: int) -> None:
        self._primaries, self._replicas = primaries, replicas
        self.ports = [free_port() for _ in range(primaries + replicas)]
        """The primaries', then the replicas': the first is of the first primary."""
        self._buses = {port: free_port() for port in self.ports}
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._asked: dict[int, int] = {}
        self._moved: dict[int, int] = {}
        self.nodes: dict[int, Redis] = {}
        for port in self.ports:
            self._start(folder / str(port), port, stack)

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.ports[0]}"

    def port_of(self, key: str) -> int:
        """The primary that has a key, as long as all live."""
        slot = key_slot(key.encode())
        return self._moved.get(slot, self.ports[slot * self._primaries // SLOTS])

    def keys_of(self, port: int, prefix: str, count: int) -> list[str]:
        """Some keys, each in a slot of its own, that a primary has."""
        numbered = (f"{prefix}{number}" for number in range(1000))
        return [key for key in numbered if self.port_of(key) == port][:count]

    def name(self, port: int) -> str:
        return str(self.tell(port, "CLUSTER", "MYID"), "ascii")

    def tell(self, port: int, *command: str | int) -> Any:
        """What a node answers, wherever the key is."""
        node: Any = self.nodes[port]
        return node.execute_command(*command)

    def read(self, port: int) -> int:
        """How often a node has read from its clients, this asking left out."""
        count = self.nodes[port].info("stats")["total_reads_processed"]
        self._asked[port] = self._asked.get(port, 0) + 1
        return int(count) - self._asked[port]

    def migrate(self, slot: int, source: int, target: int) -> None:
        """Begin to."""
        self.tell(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", self.name(source))
        self.tell(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", self.name(target))

    def move(self, key: str, source: int, target: int) -> None:
        self.tell(source, "MIGRATE", "127.0.0.1", target, key, 0, 5000)

    def settle(self, slot: int, target: int) -> None:
        """End a migration."""
        for port in (target, *self.ports):
            self.tell(port, "CLUSTER", "SETSLOT", slot, "NODE", self.name(target))
        self._moved[slot] = target

    def kill(self, port: int) -> None:
        self._processes[port].kill()
        self._processes[port].wait()

    def halt(self, port: int) -> None:
        """Have a node answer nothing, its connections open."""
        self._processes[port].send_signal(signal.SIGSTOP)

    def resume(self, port: int) -> None:
        self._processes[port].send_signal(signal.SIGCONT)

    def join(self) -> None:
        first, *others = self.ports
        for number, port in enumerate(self.ports[: self._primaries]):
            begin, end = (-(-SLOTS * n // self._primaries) for n in (number, number + 1))
            self.tell(port, "CLUSTER", "ADDSLOTSRANGE", begin, end - 1)
            self.tell(port, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for port in others:
            self.tell(port, "CLUSTER", "MEET", "127.0.0.1", first, self._buses[first])
        until(lambda: all(self._knows_all(port) for port in self.ports))
        for port, primary in zip(self.ports[self._primaries :], self.ports, strict=False):
            until(lambda of=(port, primary): self._follows(*of))  # type: ignore[misc]
        until(lambda: all(self._is_well(port) for port in self.ports))

    def _start(self, folder: Path, port: int, stack: ExitStack) -> None:
        folder.mkdir()
        options = {
            "port": str(port),
            "bind": "127.0.0.1",
            "cluster_enabled": "yes",
            "cluster_port": str(self._buses[port]),
            "cluster_node_timeout": "1000",
            "cluster_require_full_coverage": "no",
            "repl_diskless_sync_delay": "0",
            "shutdown_timeout": "0",
        }
        self._processes[port] = stack.enter_context(running(folder, *arguments(**options)))
        stack.callback(self.resume, port)
        until_ready(self._processes[port], f"redis://127.0.0.1:{port}")
        self.nodes[port] = stack.enter_context(Redis(port=port))

    def _knows_all(self, port: int) -> bool:
        listed = self.tell(port, "CLUSTER", "NODES").decode()
        return len(listed.splitlines()) == len(self.ports) and "handshake" not in listed

    def _follows(self, port: int, primary: int) -> bool:
        """Make a node a replica, as soon as it knows what a primary is."""
        told = self.nodes[port].info("replication")
        if told["role"] == "master":
            self.tell(port, "CLUSTER", "REPLICATE", self.name(primary))
        return told.get("master_link_status") == "up"

    def _is_well(self, port: int) -> bool:
        told = self.tell(port, "CLUSTER", "INFO")
        slots = self.tell(port, "CLUSTER", "SLOTS")
        return b"cluster_state:ok" in told and len(slots) == self._primaries


@contextmanager
def cluster(folder: Path, primaries: int = 3, replicas: int = 0) -> Iterator[Clustered]:
    with ExitStack() as stack:
        started = Clustered(folder, stack, primaries, replicas)
        started.join()
        yield started
