"""The command line."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import orjson
import pytest
from click.testing import CliRunner

from dyncontent.cli import main
from dyncontent.keyring import parse_secret
from tests.processes import START_SECONDS, command

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def _paths(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    """How each command is called that does something."""
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from _paths(one, *before, name)
        else:
            yield *before, name


PATHS = [*_paths(main)]
GROUPS = [(name,) for name, one in main.commands.items() if isinstance(one, click.Group)]


@pytest.mark.parametrize("path", [(), *GROUPS, *PATHS])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself(path: tuple[str, ...], flag: str) -> None:
    result = CliRunner().invoke(main, [*path, flag])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def test_a_made_key_is_good_and_never_the_same() -> None:
    made = [CliRunner().invoke(main, ["keys", "k7"]).output for _ in range(2)]
    assert made[0] != made[1]
    assert parse_secret(made[0]).id == "k7"


def test_every_command_is_documented_with_what_it_prints() -> None:
    names = [" ".join(path) for path in PATHS]
    overview, _, rest = DOCUMENTED.partition("## JSON")
    assert re.findall(r"^\| `dyncontent ([a-z -]+[a-z])", overview, re.MULTILINE) == names
    printed = rest.partition("## Shell completion")[0]
    assert re.findall(r"^\| `([a-z -]+)`", printed, re.MULTILINE) == names


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_json_and_every_option_a_help(path: tuple[str, ...]) -> None:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    options = [one for one in command.params if one.param_type_name == "option"]
    assert "--json" in {flag for option in options for flag in option.opts}
    assert all(getattr(option, "help", None) for option in options)


def test_a_made_key_in_json() -> None:
    made = orjson.loads(CliRunner().invoke(main, ["keys", "k7", "--json"]).output)
    assert made["id"] == parse_secret(made["key"]).id == "k7"


def test_a_step_without_a_demo_is_said_in_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(main, ["demo-step", "parcel-ships", "--json"])
    assert result.exit_code == 1
    assert "no demo was started" in orjson.loads(result.stderr)["error"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    result = CliRunner().invoke(
        main, prog_name="dyncontent", env={"_DYNCONTENT_COMPLETE": f"{shell}_source"}
    )
    assert result.exit_code == 0
    assert "_dyncontent" in result.output.lower()


def test_it_tells_its_version() -> None:
    assert "version 0." in CliRunner().invoke(main, ["--version"]).output


def test_an_unknown_step_is_refused_with_the_known_ones() -> None:
    result = CliRunner().invoke(main, ["demo-step", "fly"])
    assert result.exit_code == 2
    assert "last-seat-sells" in result.output


@pytest.mark.parametrize("name", ["serve", "demo"])
def test_a_server_says_in_json_where_it_is(tmp_path: Path, name: str) -> None:
    log, data_dir = tmp_path / "log", tmp_path / "var"
    with command(name, "--json", data_dir=data_dir, log=log) as process:
        deadline = time.monotonic() + START_SECONDS
        while not log.read_text().endswith("\n"):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        told = orjson.loads(log.read_text())
        assert httpx.get(f"{told['base_url']}/health/live", trust_env=False).status_code == 200
    if name == "demo":
        summary = orjson.loads((data_dir / "demo.json").read_bytes())
        assert told["scenarios"] == summary["scenarios"]
        assert summary["token"] not in log.read_text()
