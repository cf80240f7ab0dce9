"""The server as a process of its own, as a user starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson

START_SECONDS = 60


class Demo:
    """A running demo: its process, what it printed, and a client of it."""

    def __init__(self, process: subprocess.Popen[str], data_dir: Path, log: Path) -> None:
        self.process = process
        self.data_dir = data_dir
        self.log = log
        summary = orjson.loads((data_dir / "demo.json").read_bytes())
        self.base_url: str = summary["base_url"]
        self.scenarios: dict[str, list[dict[str, str]]] = summary["scenarios"]
        self.client = httpx.Client(trust_env=False, timeout=30)
        self.headers = {"authorization": f"Bearer {summary['token']}"}

    def entry(self, block: str, recipient: str) -> dict[str, str]:
        return next(one for one in self.scenarios[block] if one["recipient"] == recipient)

    def do(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane that must be accepted."""
        response = self.client.request(
            method, f"{self.base_url}/api/v1/{path}", headers=self.headers, json=body
        )
        assert response.is_success, response.text
        return response.json()

    def preview(self, block: str, recipient: str) -> Any:
        entry = self.entry(block, recipient)
        asked = {"block": block, "recipient": recipient, "message": entry["message"]}
        return self.do("POST", "previews", asked)

    def stop(self) -> int:
        """As Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def command(
    *arguments: str, data_dir: Path, log: Path, module: str = "dyncontent", **settings: str
) -> Iterator[subprocess.Popen[str]]:
    """`dyncontent ARGUMENTS` with settings of its own; killed at the end if it still runs. Another
    `module` may have the same command line."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DYNCONTENT_")},
        "DYNCONTENT_DATA_DIR": str(data_dir),
        "DYNCONTENT_BUDGET_MS": "5000",  # what is late on a loaded machine is no fault here
        "PORT": "0",
        **settings,
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


@contextmanager
def running_demo(folder: Path, **settings: str) -> Iterator[Demo]:
    """A demo in `folder/var`, loaded and ready."""
    data_dir, log = folder / "var", folder / "log"
    (data_dir / "demo.json").unlink(missing_ok=True)
    with command("demo", data_dir=data_dir, log=log, **settings) as process:
        deadline = time.monotonic() + START_SECONDS
        while "Ctrl-C stops everything" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        demo = Demo(process, data_dir, log)
        with demo.client:
            yield demo
