"""`dyncontent user`."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from dyncontent.cli import main

GOOD = "four words are enough"


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store_url: str, prefix: str
) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DYNCONTENT_STORE_URL", store_url)
    monkeypatch.setenv("DYNCONTENT_STORE_PREFIX", prefix)


def _run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["user", *arguments], input=given)


def _made(name: str, role: str) -> Result:
    return _run("create", name, "--role", role, "--password-stdin", given=f"{GOOD}\n")


def _roles() -> dict[str, str]:
    told = orjson.loads(_run("list", "--json").output)["users"]
    return {user["name"]: user["role"] for user in told}


def test_a_password_is_asked_for_twice_and_not_shown() -> None:
    made = _run("create", "Aino", "--role", "admin", "--json", given=f"{GOOD}\n{GOOD}\n")
    assert made.exit_code == 0, made.output
    assert orjson.loads(made.stdout) == {"name": "aino", "role": "admin"}
    assert GOOD not in made.output
    unsure = _run("password", "aino", given=f"{GOOD}!\nother\n")
    assert (unsure.exit_code, "--password-stdin" in unsure.output) == (2, True)
    assert _run("password", "aino", given=f"{GOOD}!\n{GOOD}!\n").exit_code == 0


def test_or_read_from_standard_input() -> None:
    assert _made("aino", "edit").output == "aino is made, with the role edit\n"
    changed = _run("password", "aino", "--password-stdin", given=f"{GOOD}!")
    assert changed.output == "aino has another password\n"


def test_users_are_listed_changed_and_deleted() -> None:
    assert _run("list").output == "There are no users.\n"
    for name in ("juhan", "aino"):
        _made(name, "admin")
    assert _run("list").output == "aino  admin\njuhan  admin\n"
    assert _run("role", "juhan", "view").output == "juhan has the role view\n"
    assert _roles() == {"aino": "admin", "juhan": "view"}
    assert _run("delete", "juhan").output == "juhan is deleted\n"
    assert _roles() == {"aino": "admin"}


def test_what_cannot_be_is_said() -> None:
    _made("aino", "admin")
    weak = _run("create", "juhan", "--role", "view", "--password-stdin", given="secret12")
    assert (weak.exit_code, "12 to 1000 characters" in weak.stderr) == (1, True)
    assert "secret12" not in weak.output
    for last in (("delete", "aino"), ("role", "aino", "view")):
        refused = _run(*last)
        assert (refused.exit_code, "is the last admin" in refused.stderr) == (1, True)
    twice = _made("AINO", "view")
    assert (twice.exit_code, "already" in twice.stderr) == (1, True)
    assert _run("role", "aino", "king").exit_code == 2
    assert _run("create", "x").exit_code == 2
    assert _roles() == {"aino": "admin"}
