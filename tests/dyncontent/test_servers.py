"""Which server takes the requests, and what is said if it is not there."""

import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from dyncontent.cli import main
from dyncontent.rsgi.server import Server as Granian
from dyncontent.servers import server_of
from dyncontent.serving import Server
from dyncontent.settings import Settings, SettingsError


def test_uvicorn_is_taken_unless_granian_is_named() -> None:
    assert server_of(Settings()) is Server
    assert server_of(Settings(server="granian")) is Granian


@pytest.fixture
def without_granian(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.partition(".")[0] == "granian":
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "granian", None)
    monkeypatch.delitem(sys.modules, "dyncontent.rsgi.server")


@pytest.mark.usefixtures("without_granian")
def test_without_granian_it_is_said_what_to_install() -> None:
    assert server_of(Settings()) is Server
    with pytest.raises(SettingsError, match=r"SERVER: granian is not installed: .*pip install"):
        server_of(Settings(server="granian"))


@pytest.mark.usefixtures("without_granian")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_command_says_so_before_it_starts_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path))
    asked = ["serve", "--server", "granian", "--workers", workers, "--port", "0", "--json"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 1
    assert "granian is not installed" in orjson.loads(result.stderr)["error"]
    assert not (tmp_path / "valkey.sock").exists()


def test_a_server_that_there_is_not_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DYNCONTENT_SERVER", "hypercorn")
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1
    assert "DYNCONTENT_SERVER" in result.stderr
    assert "'uvicorn' or 'granian'" in result.stderr


def test_another_module_that_is_missing_is_another_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dyncontent.rsgi.server")
    monkeypatch.setitem(sys.modules, "dyncontent.rsgi.application", None)
    with pytest.raises(ModuleNotFoundError):
        server_of(Settings(server="granian"))
