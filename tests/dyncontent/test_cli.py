"""The command line."""

import pytest
from click.testing import CliRunner

from dyncontent.cli import main
from dyncontent.keyring import parse_secret


@pytest.mark.parametrize(
    "command", [(), ("serve",), ("demo",), ("demo-step",), ("keys",), ("lint",)]
)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself(command: tuple[str, ...], flag: str) -> None:
    result = CliRunner().invoke(main, [*command, flag])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def test_a_made_key_is_good_and_never_the_same() -> None:
    made = [CliRunner().invoke(main, ["keys", "k7"]).output for _ in range(2)]
    assert made[0] != made[1]
    assert parse_secret(made[0]).id == "k7"


def test_it_tells_its_version() -> None:
    assert "version 0." in CliRunner().invoke(main, ["--version"]).output


def test_an_unknown_step_is_refused_with_the_known_ones() -> None:
    result = CliRunner().invoke(main, ["demo-step", "fly"])
    assert result.exit_code == 2
    assert "last-seat-sells" in result.output
