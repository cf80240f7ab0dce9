"""Several real processes on one address: all of them answer, whichever of them ends."""

import asyncio
import http.client
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dyncontent.processes import parent
from dyncontent.processes.parent import ProcessError, several
from dyncontent.serving import listen
from tests import samples
from tests.adapters import SERVERS
from tests.processes import START_SECONDS, command, is_alive
from tests.site import TOKEN, site_settings

PROCESSES = 3
PATIENCE = 60


def _until(holds: Callable[[], Any], what: str) -> Any:
    """What `holds` gives, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < deadline, what
        time.sleep(0.005)
    return found


class Connection:
    """Kept open, so that it is always the same process that answers."""

    def __init__(self, address: str) -> None:
        self.http = http.client.HTTPConnection(address, timeout=PATIENCE)
        try:
            self.process: int = orjson.loads(self.get("/health/live")[1])["process"]
        except BaseException:
            self.http.close()
            raise

    def get(self, path: str) -> tuple[int, bytes]:
        self.http.request("GET", path)
        answer = self.http.getresponse()
        return answer.status, answer.read()

    def do(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {TOKEN}"}
        content = None if body is None else orjson.dumps(body)
        self.http.request(method, f"/api/v1/{path}", content, headers)
        answer = self.http.getresponse()
        told = answer.read()
        assert answer.status < 300, told
        return orjson.loads(told) if told else None

    def figures(self) -> dict[str, float]:
        """Each figure, added up over its labels."""
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(self.get("/metrics")[1].decode()):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0) + sample.value
        return found


class Together:
    """A server of several processes."""

    def __init__(self, process: subprocess.Popen[str], log: Path, address: str) -> None:
        self.process = process
        self.log = log
        self.address = address
        self.open = ExitStack()

    def connection(self) -> Connection:
        """One that stays open."""
        one = Connection(self.address)
        self.open.callback(one.http.close)
        return one

    def who(self) -> int:
        """The process that answers on a new connection."""
        one = Connection(self.address)
        one.http.close()
        return one.process

    def children(self) -> set[int]:
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {pid for pid in map(int, pids.split()) if _is_serving(pid)}

    def one_to_each(self, count: int = PROCESSES) -> list[Connection]:
        """A connection to each process."""
        found: dict[int, Connection] = {}

        def complete() -> bool:
            one = self.connection()
            found.setdefault(one.process, one)
            return len(found) == count

        _until(complete, f"{count} processes answer")
        return [*found.values()]

    def fill(self) -> str:
        """The path of a picture of the sample block."""
        one = self.connection()
        for product, document in samples.PRODUCTS.items():
            one.do("PUT", f"products/{product}", document)
        one.do("PUT", f"recipients/{samples.RECIPIENT}", {"consents": samples.CONSENTS})
        one.do("PUT", f"messages/{samples.MESSAGE}", {"class": "marketing"})
        one.do("PUT", f"blocks/{samples.BLOCK}", samples.block())
        one.do("POST", f"blocks/{samples.BLOCK}/publish")
        asked = {
            "block": samples.BLOCK,
            "recipient": samples.RECIPIENT,
            "message": samples.MESSAGE,
        }
        url = urlsplit(one.do("POST", "links", asked)["image"])
        return f"{url.path}?{url.query}"


def _is_serving(pid: int) -> bool:
    try:
        return b"dyncontent.processes.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


by_each = pytest.mark.parametrize("by", SERVERS)


@contextmanager
def _together(folder: Path, by: str = "uvicorn", **settings: str) -> Iterator[Together]:
    log = folder / "log"
    given = {
        "DYNCONTENT_API_TOKENS": TOKEN,
        "DYNCONTENT_ALLOWED_HOSTS": samples.HOST,
        "TMPDIR": str(folder),
        **settings,
    }
    asked = ("serve", "--workers", str(PROCESSES), "--server", by)
    with command(*asked, data_dir=folder / "var", log=log, **given) as process:
        deadline = time.monotonic() + START_SECONDS
        while not (told := re.search("serves on http://(.*)\n", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        server = Together(process, log, told[1])
        with server.open:
            yield server


def _shown(connection: Connection, picture: str) -> str:
    status, content = connection.get(picture)
    assert status == 200
    return samples.colour(content)


def test_all_of_them_answer_and_each_sees_at_once_what_another_was_told(tmp_path: Path) -> None:
    with _together(tmp_path) as server:
        picture = server.fill()
        connections = server.one_to_each()
        assert {one.process for one in connections} == server.children()
        for one in connections:
            assert _shown(one, picture) == samples.RED
        for writer in connections:
            for stock, colour in ((0, samples.GREEN), (9, samples.RED)):
                writer.do("POST", "products/rome/stock", {"set": stock})
                written = time.monotonic()
                for one in connections:
                    while _shown(one, picture) != colour:
                        assert time.monotonic() - written < 2


def _has_told(one: Connection, opens: int) -> bool:
    return one.figures().get("dyncontent_opens_total") == opens


@by_each
def test_figures_are_those_of_all_and_outlive_the_process_that_counted(
    tmp_path: Path, by: str
) -> None:
    with _together(tmp_path, by) as server:
        picture = server.fill()
        connections = server.one_to_each()
        for number, one in enumerate(connections, start=1):
            for _ in range(number):
                assert one.get(picture)[0] == 200
        for one in connections:
            _until(partial(_has_told, one, 6), "all are told")
            figures = one.figures()
            assert figures["dyncontent_open_seconds_count"] == 6
            assert figures["dyncontent_processes"] == PROCESSES
            assert figures["dyncontent_drawings_waiting"] == 0
            assert figures["dyncontent_worker_age_seconds"] < 60
        victim, witness, _ = connections
        os.kill(victim.process, signal.SIGKILL)
        _until(lambda: witness.figures()["dyncontent_processes"] == PROCESSES - 1, "one is gone")
        assert witness.figures()["dyncontent_opens_total"] == 6
        _until(lambda: witness.figures()["dyncontent_processes"] == PROCESSES, "it is back")
        assert witness.figures()["dyncontent_opens_total"] == 6
        for one in server.one_to_each():
            assert one.get(picture)[0] == 200
        _until(partial(_has_told, witness, 9), "these are told too")
        assert "Warning" not in server.log.read_text()


@by_each
def test_one_that_is_killed_breaks_no_new_connection_and_comes_back(
    tmp_path: Path, by: str
) -> None:
    with _together(tmp_path, by) as server:
        picture = server.fill()
        enough = threading.Event()
        began_and_failed: list[float] = []

        def open_steadily() -> int:
            opened = 0
            while not enough.is_set():
                began = time.monotonic()
                try:
                    one = Connection(server.address)
                    with closing(one.http):
                        assert _shown(one, picture) == samples.RED
                    opened += 1
                except (OSError, http.client.HTTPException):
                    began_and_failed.append(began)
            return opened

        with ThreadPoolExecutor(4) as pool:
            opening = [pool.submit(open_steadily) for _ in range(4)]
            try:
                for _ in range(2):
                    victim = min(server.children())
                    os.kill(victim, signal.SIGKILL)
                    _until_dead(victim)
                    died = time.monotonic()
                    others = server.children()
                    asked = [server.who() for _ in range(20)]
                    assert set(asked) <= others
                    _until(lambda: len(server.children()) == PROCESSES, "it is started again")
                    new = server.children() - others
                    _until_one_answers(server, new)
                    assert [began for began in began_and_failed if began > died] == []
                    assert len(began_and_failed) <= 4
                    began_and_failed.clear()
            finally:
                enough.set()
            assert all(one.result() > 10 for one in opening)
        assert "ended (SIGKILL), it is started again" in server.log.read_text()


def _until_dead(*processes: int) -> None:
    _until(lambda: not any(map(is_alive, processes)), f"{processes} have ended")


def _until_one_answers(server: Together, processes: set[int]) -> None:
    _until(lambda: server.who() in processes, f"one of {processes} answers")


def _half_a_request(connection: Connection, body: bytes) -> None:
    """Send what a server reads before it waits for more, and see that it waits."""
    connection.http.putrequest("PUT", "/api/v1/products/late")
    headers = {
        "authorization": f"Bearer {TOKEN}",
        "content-length": str(len(body)),
        "expect": "100-continue",
    }
    for name, value in headers.items():
        connection.http.putheader(name, value)
    connection.http.endheaders()
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        told += connection.http.sock.recv(1)
    assert told.startswith(b"HTTP/1.1 100 ")
    connection.http.send(body[:3])


def _is_refused(server: Together) -> bool:
    try:
        server.who()
    except (OSError, http.client.HTTPException):
        return True
    return False


@pytest.mark.parametrize(
    ("number", "by"),
    [(signal.SIGTERM, "uvicorn"), (signal.SIGINT, "uvicorn"), (signal.SIGTERM, "granian")],
)
def test_what_is_under_way_is_answered_by_each_before_the_end(
    tmp_path: Path, number: signal.Signals, by: str
) -> None:
    with _together(tmp_path, by) as server:
        connections, children = server.one_to_each(), server.children()
        body = orjson.dumps({"title": {"en": "Late"}})
        for one in connections:
            _half_a_request(one, body)
        server.process.send_signal(number)
        _until(lambda: _is_refused(server), "no more connections are taken")
        assert server.process.poll() is None
        for one in connections:
            one.http.send(body[3:])
            assert one.http.getresponse().status in (200, 201)
        assert server.process.wait(PATIENCE) == 0
        assert not any(is_alive(pid) for pid in children)
        assert [*tmp_path.glob("dyncontent-*")] == []
        assert "started again" not in server.log.read_text()


@by_each
def test_one_that_is_told_to_end_answers_first_while_others_take_its_place(
    tmp_path: Path, by: str
) -> None:
    with _together(tmp_path, by) as server:
        leaving = server.connection()
        body = orjson.dumps({"title": {"en": "Late"}})
        _half_a_request(leaving, body)
        os.kill(leaving.process, signal.SIGTERM)
        seen = 0

        def is_left() -> bool:
            nonlocal seen
            try:
                seen = 0 if server.who() == leaving.process else seen + 1
            except http.client.RemoteDisconnected:  # taken in the moment of the end
                seen = 0
            return seen == 5

        _until(is_left, "the others have taken its place")
        assert is_alive(leaving.process)  # the server would wait for 5 s
        leaving.http.send(body[3:])
        assert leaving.http.getresponse().status in (200, 201)
        _until(lambda: len(server.children() - {leaving.process}) == PROCESSES, "one is new")
        server.one_to_each()


def test_when_the_parent_is_killed_all_end_and_another_can_begin(tmp_path: Path) -> None:
    with _together(tmp_path) as server:
        children = server.children()
        assert len(children) == PROCESSES
        server.process.kill()
        server.process.wait()
        _until_dead(*children)
        assert "Traceback" not in server.log.read_text()
        assert _is_refused(server)
        assert [*tmp_path.glob("dyncontent-*")] == []
        port = server.address.rpartition(":")[2]
    with _together(tmp_path, PORT=port) as server:
        server.one_to_each()


@pytest.mark.anyio
async def test_if_one_cannot_start_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "CHILD", "dyncontent.no_such_module")
    settings = site_settings(tmp_path, "t", port=0, workers=2)
    with listen(settings) as listening, pytest.raises(ProcessError, match="exit code 1"):
        async with asyncio.timeout(PATIENCE), several(settings, listening, "unix:///none"):
            pass


def test_what_ends_again_and_again_is_started_ever_more_seldom() -> None:
    pauses = [parent._pause(ends) for ends in range(100)]
    assert pauses[:4] == [0, 0.25, 0.5, 1]
    assert pauses == sorted(pauses)
    assert pauses[-1] == parent.LONGEST_PAUSE_SECONDS
