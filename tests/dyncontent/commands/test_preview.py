"""`dyncontent preview`."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from dyncontent.cli import main
from tests import samples
from tests.dyncontent.commands.conftest import Running
from tests.samples import BLOCK, MESSAGE, RECIPIENT

AINO = ("--recipient", RECIPIENT, "--message", MESSAGE)


def _preview(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["preview", BLOCK, *arguments])


def test_it_tells_what_is_shown_and_why_and_writes_the_picture(
    running: Running, tmp_path: Path
) -> None:
    picture = tmp_path / "trip.png"
    result = _preview(*AINO, "--output", str(picture))
    assert result.exit_code == 0
    assert f"{BLOCK}, version 1: rome (TARGETING_MATCH, VARIANT_HOLDS)" in result.output
    assert f"click     {samples.PRODUCTS['rome']['link']}" in result.output
    assert samples.colour(picture.read_bytes()) == samples.RED


def test_facts_are_json_or_texts(running: Running) -> None:
    facts = ("--fact", "product.rome.stock=0", "--fact", "recipient.first_name=Leida")
    result = _preview(*AINO, *facts, "--json")
    assert result.exit_code == 0
    told = orjson.loads(result.output)
    assert (told["decision"]["variant"], told["version"]) == ("similar", 1)
    assert "Leida" in told["why"]
    gone = orjson.loads(_preview(*AINO, "--fact", "product.rome.stock=null", "--json").output)
    assert gone["decision"]["variant"] == "similar"


def test_all_that_can_be_asked_reaches_the_server(running: Running) -> None:
    given = ("--at", "2026-12-24T18:00:00Z", "--client", "proxy", "--type", "gif", "--draft")
    told = orjson.loads(_preview(*AINO, *given, "--language", "fi", "--json").output)
    assert told["at"].startswith("2026-12-24T18:00:00")
    assert told["picture"].startswith("data:image/gif")
    assert told["why"].startswith("Näytetään")
    assert "draft: rome" in _preview(*AINO, "--draft").output


def test_what_the_server_refuses_is_said_with_what_is_right(running: Running) -> None:
    result = _preview("--fact", "product.rome.stock=many", "--fact", "weather=rain")
    assert result.exit_code == 1
    assert 'facts.product.rome.stock is "many": give' in result.stderr
    assert "facts.weather" in result.stderr
    result = CliRunner().invoke(main, ["preview", "nothing", "--json"])
    assert (result.exit_code, "nothing" in orjson.loads(result.stderr)["error"]) == (1, True)


def test_a_server_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNCONTENT_TOKEN", "t" * 16)
    result = _preview("--url", "http://127.0.0.1:1")
    assert (result.exit_code, "does not answer" in result.stderr) == (1, True)
    result = _preview("--url", "http://a:b")
    assert (result.exit_code, "is no address" in result.stderr) == (1, True)
    monkeypatch.delenv("DYNCONTENT_TOKEN")
    result = _preview()
    assert (result.exit_code, "DYNCONTENT_TOKEN" in result.stderr) == (2, True)


def test_a_fact_has_a_value() -> None:
    result = _preview("--fact", "order.status")
    assert (result.exit_code, "KEY=VALUE" in result.stderr) == (2, True)


def test_a_token_that_is_not_known_is_told_by_where_it_is_given(running: Running) -> None:
    result = _preview("--token", "dct_none")
    assert result.exit_code == 1
    assert f"{running.url} does not know this token" in result.stderr
    assert "DYNCONTENT_TOKEN" in result.stderr
