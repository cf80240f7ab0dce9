"""`dyncontent demo` as its user meets it: what it prints, what is in the way, how it ends."""

import signal
import socket
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from redis import Redis

from dyncontent.keyring import new_secret
from tests.processes import command, is_alive, running_demo


def _run(*arguments: str, folder: Path, **settings: str) -> tuple[int, list[str]]:
    """The exit code and the lines that a command printed."""
    log = folder / "log"
    with command(*arguments, data_dir=folder / "var", log=log, **settings) as process:
        code = process.wait(60)
    return code, log.read_text().splitlines()


def test_ctrl_c_stops_everything_and_a_second_demo_works(tmp_path: Path) -> None:
    for _ in range(2):
        with running_demo(tmp_path) as demo:
            with Redis(unix_socket_path=str(demo.data_dir / "valkey" / "valkey.sock")) as store:
                valkey = int(store.info("server")["process_id"])
            assert demo.client.get(f"{demo.base_url}/health/live").status_code == 200
            assert demo.stop() == 0
            assert not is_alive(valkey)
            assert not (demo.data_dir / "valkey" / "valkey.sock").exists()


def test_it_says_what_to_try(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        printed = demo.log.read_text()
        for hint in (f"{demo.base_url}/demo/", "make last-seat-sells", "make she-buys"):
            assert hint in printed
        assert len(printed.splitlines()) < 20
        assert "Traceback" not in printed


def test_its_summary_holds_what_programs_rely_on(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        summary = orjson.loads((demo.data_dir / "demo.json").read_bytes())
        assert set(summary) == {"base_url", "token", "studio_login", "scenarios"}
        for entries in summary["scenarios"].values():
            assert len(entries) >= 2
            for entry in entries:
                assert set(entry) == {"recipient", "message", "locale", "image", "click"}
                assert demo.client.get(entry["image"]).status_code == 200
        for name in ("secrets.json", "demo.json"):
            assert stat.S_IMODE((demo.data_dir / name).stat().st_mode) == 0o600


def test_links_stay_good_over_a_restart(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        image = demo.entry("vip-trip", "aino")["image"]
        picture = demo.client.get(image).content
        port = demo.base_url.rpartition(":")[2]
    with running_demo(tmp_path, PORT=port) as demo:
        assert demo.client.get(image).content == picture


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, lines = _run("demo", folder=tmp_path, PORT=str(port))
    assert code == 1
    assert lines == [
        f"dyncontent: 127.0.0.1:{port} is in use by another program; take another port: PORT=8001"
    ]


@pytest.mark.parametrize("port", ["eighty", "99999", "-1"])
def test_a_port_that_is_none_is_said(tmp_path: Path, port: str) -> None:
    code, lines = _run("demo", folder=tmp_path, PORT=port)
    assert code == 1
    assert lines[0].startswith("dyncontent: DYNCONTENT_PORT: ")
    assert repr(port) in lines[0]


def test_a_folder_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        code, lines = _run("demo", folder=tmp_path)
        assert (code, len(lines)) == (1, 1)
        assert f"process {demo.process.pid}" in lines[0]


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    code, lines = _run("demo", folder=tmp_path)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("dyncontent: ")


def test_a_step_without_a_demo_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    code, lines = _run("demo-step", "last-seat-sells", folder=tmp_path)
    assert (code, len(lines)) == (1, 1)
    assert "make demo" in lines[0]


def test_a_demo_in_production_is_refused(tmp_path: Path) -> None:
    production = {
        "ENVIRONMENT": "production",
        "URL_KEYS": new_secret("k1"),
        "API_TOKENS": "a-token-of-production",
        "BASE_URL": "https://img.example",
        "LANDING_URL": "https://img.example/",
        "ALLOWED_HOSTS": "img.example",
    }
    settings = {f"DYNCONTENT_{name}": value for name, value in production.items()}
    code, lines = _run("demo", folder=tmp_path, **settings)
    assert (code, lines) == (
        1,
        ["dyncontent: the demo overwrites facts: it does not run in production"],
    )


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.6, 0.9, 1.2, 1.6])
def test_ctrl_c_while_it_starts_is_quiet_and_leaves_nothing(tmp_path: Path, moment: float) -> None:
    log = tmp_path / "log"
    with command("demo", data_dir=tmp_path / "var", log=log) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert "Traceback" not in log.read_text()
    assert not (tmp_path / "var" / "valkey" / "valkey.sock").exists()


def test_production_without_keys_is_refused(tmp_path: Path) -> None:
    code, lines = _run("serve", folder=tmp_path, DYNCONTENT_ENVIRONMENT="production")
    assert code == 1
    assert "production needs DYNCONTENT_URL_KEYS" in lines[0]
    assert not (tmp_path / "var").exists()


def test_all_bad_settings_are_said_at_once(tmp_path: Path) -> None:
    code, lines = _run(
        "serve",
        folder=tmp_path,
        DYNCONTENT_BUDGET_MS="soon",
        DYNCONTENT_STORE_URL="mysql://localhost",
        DYNCONTENT_URL_KEYS="k1:shortsecret",
    )
    assert code == 1
    text = "\n".join(lines)
    for name in ("DYNCONTENT_BUDGET_MS", "DYNCONTENT_STORE_URL", "DYNCONTENT_URL_KEYS"):
        assert f"{name}: " in text
    assert "shortsecret" not in text
