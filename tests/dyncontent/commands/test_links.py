"""`dyncontent links`."""

import csv
from pathlib import Path

import httpx
import orjson
import pytest
from click.testing import CliRunner, Result

from dyncontent.cli import main
from dyncontent.commands import links
from tests import samples
from tests.dyncontent.commands.conftest import Running
from tests.samples import BLOCK, MESSAGE, RECIPIENT


def _links(*arguments: str, given: str = "") -> Result:
    command = ["links", BLOCK, "--message", MESSAGE, *arguments]
    return CliRunner().invoke(main, command, input=given)


def test_ids_a_line_each_become_urls_that_work(running: Running) -> None:
    result = _links(given=f"{RECIPIENT}\n\nemma\n")
    assert result.exit_code == 0
    first, second = map(orjson.loads, result.stdout.splitlines())
    assert (first["recipient"], second["recipient"]) == (RECIPIENT, "emma")
    assert set(first) == {"recipient", "image", "click", "html"}
    assert samples.colour(httpx.get(first["image"], trust_env=False).content) == samples.RED


def test_a_table_comes_back_with_its_columns(running: Running, tmp_path: Path) -> None:
    people, made = tmp_path / "people.csv", tmp_path / "made.csv"
    people.write_text('\ufeffemail,id\n"a,b@x.example",aino\n', encoding="utf-8")
    result = _links(str(people), "--format", "csv", "--output", str(made))
    assert (result.exit_code, "links of 1 person" in result.output) == (0, True)
    [row] = csv.DictReader(made.read_text().splitlines())
    assert list(row) == ["recipient", "email", "image", "click", "html"]
    assert (row["recipient"], row["email"]) == ("aino", "a,b@x.example")


def test_more_than_one_call_is_made_of_many(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "BATCH", 3)
    result = _links("--type", "gif", given="".join(f"p{number}\n" for number in range(8)))
    rows = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [row["recipient"] for row in rows] == [f"p{number}" for number in range(8)]
    assert all(".gif?" in row["image"] for row in rows)


def test_who_is_refused_is_said_and_the_others_are_made(running: Running, tmp_path: Path) -> None:
    made = tmp_path / "made.ndjson"
    result = _links("--output", str(made), "--json", given="aino\na b\nemma\n")
    assert result.exit_code == 1
    assert orjson.loads(result.stdout) == {"made": 2, "refused": 1}
    assert "line 2: " in result.stderr
    assert 'recipient is "a b": give an id' in result.stderr
    assert len(made.read_text().splitlines()) == 2


def test_a_list_that_cannot_be_read_is_said(running: Running) -> None:
    result = _links(given="email,name\nx,y\n")
    assert (result.exit_code, "names no column" in result.stderr) == (1, True)
    assert _links(given="").exit_code == 0
