"""A primary and its replica that three sentinels watch, all of them real servers with passwords."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from tests.valkeys import START_SECONDS, arguments, free_port, running, until_ready

SERVICE = "dyncontent-store"
PASSWORD = "of-the-servers"
SENTINEL_PASSWORD = "of-the-sentinels"
DOWN_MILLISECONDS = 500
FAILOVER_SECONDS = 30


class Watched:
    """`primary` and `replica` are the ports that have these parts at first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.primary, self.replica = free_port(), free_port()
        self.sentinels = [free_port() for _ in range(3)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def options(self) -> str:
        return f"sentinel_username=default&sentinel_password={SENTINEL_PASSWORD}"

    @property
    def url(self) -> str:
        return self.url_of(*self.sentinels)

    def url_of(self, *sentinels: int) -> str:
        named = ",".join(f"127.0.0.1:{port}" for port in sentinels)
        return f"redis+sentinel://:{PASSWORD}@{named}/{SERVICE}/1?{self.options}"

    def kill(self, port: int) -> None:
        self._processes[port].kill()
        self._processes[port].wait()

    def fail_over(self) -> None:
        """Have the replica made the primary while the primary lives, which waits for it."""
        with Redis(port=self.sentinels[0], password=SENTINEL_PASSWORD) as client:
            client.execute_command("SENTINEL", "FAILOVER", SERVICE, "COORDINATED")

    def replicated(self) -> None:
        """Wait until the replica has all that the primary has."""
        until(lambda: self._offset(self.replica) == self._offset(self.primary))

    def start(self, stack: ExitStack) -> None:
        secrets = {"requirepass": PASSWORD, "masterauth": PASSWORD}
        self._serve(stack, self.primary, **secrets, repl_diskless_sync_delay="0")
        self._serve(stack, self.replica, **secrets, replicaof=f"127.0.0.1 {self.primary}")
        until(lambda: self._told(self.replica)["master_link_status"] == "up")
        for port in self.sentinels:
            self._watch(stack, port)
        for port in self.sentinels:
            until(lambda port=port: self._knows_all(port))  # type: ignore[misc]

    def _serve(self, stack: ExitStack, port: int, **options: str) -> None:
        address = {"port": str(port), "bind": "127.0.0.1"}
        given = arguments(**address, shutdown_timeout="0", **options)
        self._run(stack, port, PASSWORD, given)

    def _watch(self, stack: ExitStack, port: int) -> None:
        lines = (
            f"port {port}",
            "bind 127.0.0.1",
            f"requirepass {SENTINEL_PASSWORD}",
            f"sentinel sentinel-pass {SENTINEL_PASSWORD}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary} 2",
            f"sentinel auth-pass {SERVICE} {PASSWORD}",
            f"sentinel down-after-milliseconds {SERVICE} {DOWN_MILLISECONDS}",
            f"sentinel failover-timeout {SERVICE} 2000",
        )
        file = self._folder / f"sentinel-{port}.conf"
        file.write_text("".join(f"{line}\n" for line in lines))
        self._run(stack, port, SENTINEL_PASSWORD, [str(file), "--sentinel"])

    def _run(self, stack: ExitStack, port: int, password: str, given: Sequence[str]) -> None:
        folder = self._folder / str(port)
        folder.mkdir()
        self._processes[port] = stack.enter_context(running(folder, *given))
        until_ready(self._processes[port], f"redis://:{password}@127.0.0.1:{port}")

    def _told(self, port: int) -> dict[str, Any]:
        with Redis(port=port, password=PASSWORD) as client:
            told: dict[str, Any] = client.info("replication")
            return told

    def _offset(self, port: int) -> int:
        told = self._told(port)
        return int(told["master_repl_offset"])

    def _knows_all(self, port: int) -> bool:
        with Redis(port=port, password=SENTINEL_PASSWORD) as client:
            told: dict[str, Any] = client.sentinel_masters()[SERVICE]
            others = client.execute_command("SENTINEL SENTINELS", SERVICE)
            return (
                told["num-slaves"] == 1
                and len(others) == 2
                and not any("disconnected" in other["flags"] for other in others)
            )


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    deployment = Watched(folder)
    with ExitStack() as stack:
        deployment.start(stack)
        yield deployment


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
