"""The embedded store: a real server that is stopped in order and loses nothing."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from dyncontent.store import embedded
from dyncontent.store.embedded import EmbeddedStoreError, embedded_store, running_store
from tests.processes import is_alive


def _pid(url: str) -> int:
    with Redis.from_url(url) as client:
        return int(client.info("server")["process_id"])


def test_it_runs_while_it_is_needed(tmp_path: Path) -> None:
    with embedded_store(tmp_path) as url:
        pid = _pid(url)
        assert is_alive(pid)
    assert not is_alive(pid)
    assert not (tmp_path / "valkey" / "valkey.sock").exists()


def test_it_keeps_what_it_was_given(tmp_path: Path) -> None:
    with embedded_store(tmp_path) as url, Redis.from_url(url) as client:
        client.set("a", "1")
    with embedded_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.get("a") == b"1"


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    with embedded_store(tmp_path) as url, Redis.from_url(url) as client:
        for number in range(200):
            client.rpush("answered", number)
        os.kill(_pid(url), signal.SIGKILL)
    with embedded_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.llen("answered") == 200


def test_a_server_that_dies_is_started_again(tmp_path: Path) -> None:
    with embedded_store(tmp_path) as url:
        killed = _pid(url)
        with Redis.from_url(url) as client:
            client.set("a", "1")
        os.kill(killed, signal.SIGKILL)
        with Redis.from_url(url, retry=Retry(ConstantBackoff(0.02), 500)) as client:
            assert client.get("a") == b"1"
        assert _pid(url) != killed


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with embedded_store(tmp_path):
        assert (tmp_path / "valkey").stat().st_mode & 0o077 == 0


def test_nothing_may_be_evicted_and_every_write_is_flushed(tmp_path: Path) -> None:
    with embedded_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("append*")["appendfsync"] == "always"
        assert client.config_get("append*")["appendonly"] == "yes"


def test_a_folder_belongs_to_one_process(tmp_path: Path) -> None:
    with embedded_store(tmp_path):
        holder = f"process {os.getpid()}"
        with pytest.raises(EmbeddedStoreError, match=holder), embedded_store(tmp_path):
            pass


@pytest.mark.parametrize("folder", ["var", "d" * 100], ids=["near", "deep"])
def test_what_a_killed_process_left_running_is_stopped_first(tmp_path: Path, folder: str) -> None:
    data = tmp_path / folder
    program = (
        "import sys; from pathlib import Path;"
        "from dyncontent.store.embedded import embedded_store\n"
        f"with embedded_store(Path({str(data)!r})) as url:\n"
        "    print(url, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        leftover = _pid(url)
        with Redis.from_url(url) as client:
            client.set("a", "1")
        owner.kill()
    with embedded_store(data) as again, Redis.from_url(again) as client:
        assert again == url
        assert client.get("a") == b"1"
        assert _pid(again) != leftover
    deadline = time.monotonic() + 10
    while is_alive(leftover):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_deep_folder_is_no_hindrance(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with embedded_store(deep) as url, Redis.from_url(url) as client:
        assert client.ping()
    assert (deep / "valkey" / "appendonlydir").is_dir()


def test_a_folder_that_is_a_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with (
        pytest.raises(EmbeddedStoreError, match="cannot be written"),
        embedded_store(tmp_path / "var"),
    ):
        pass


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(EmbeddedStoreError, match=r"disk of .* is full"), embedded_store(tmp_path):
        pass


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    appendonly = tmp_path / "valkey" / "appendonlydir"
    appendonly.parent.mkdir()
    appendonly.write_text("in the way")
    with (
        pytest.raises(EmbeddedStoreError, match=r"Valkey does not start: .*append"),
        embedded_store(tmp_path),
    ):
        pass


def test_a_socket_that_nobody_listens_on_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "valkey" / "valkey.sock"))
    with embedded_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.ping()


def test_a_running_one_can_be_found(tmp_path: Path) -> None:
    assert running_store(tmp_path / "none") is None
    with embedded_store(tmp_path) as url:
        assert running_store(tmp_path) == url
    assert running_store(tmp_path) is None
