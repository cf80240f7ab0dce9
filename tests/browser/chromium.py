"""Chromium without a window, led by its DevTools protocol."""

import base64
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import orjson
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from tests import programs

START_SECONDS = 60
ANSWER_SECONDS = 30


class Tab:
    """A page that is open."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._calls = 0
        self._events: set[str] = set()

    def call(self, method: str, **parameters: Any) -> Any:
        """What the browser answers to a method of the protocol."""
        self._calls += 1
        asked = {"id": self._calls, "method": method, "params": parameters}
        self._connection.send(orjson.dumps(asked).decode())
        while True:
            told = self._told()
            if told.get("id") == self._calls:
                assert "error" not in told, told
                return told["result"]

    def _told(self) -> Any:
        told = orjson.loads(self._connection.recv(ANSWER_SECONDS))
        if "method" in told:
            self._events.add(told["method"])
        return told

    def open(self, page: Path) -> None:
        """Returns when it is loaded."""
        self.call("Page.enable")
        self._events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while "Page.loadEventFired" not in self._events:
            self._told()

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        result = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def screenshot(self, width: int, height: int) -> Image.Image:
        """The top left of the page as it is seen now (mode RGB)."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        taken = self.call("Page.captureScreenshot", format="png", clip=clip)
        return Image.open(BytesIO(base64.b64decode(taken["data"]))).convert("RGB")


@contextmanager
def opened(folder: Path, page: Path) -> Iterator[Tab]:
    """A tab with a page, in a browser with its own profile in `folder`."""
    program = programs.find("chromium", "chromium")
    process = subprocess.Popen(
        [
            *(program, "--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu"),
            *("--hide-scrollbars", "--force-color-profile=srgb", "--force-device-scale-factor=1"),
            *("--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = _port(folder / "DevToolsActivePort", process)
        with httpx.Client(trust_env=False, timeout=ANSWER_SECONDS) as client:
            made = client.put(f"http://127.0.0.1:{port}/json/new?about:blank").json()
        with connect(made["webSocketDebuggerUrl"], max_size=None, proxy=None) as connection:
            tab = Tab(connection)
            tab.open(page)
            yield tab
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    """The port that the browser has chosen, when it listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "Chromium has ended"
        if file.exists() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.02)
    raise AssertionError(f"Chromium did not listen within {START_SECONDS} s")
