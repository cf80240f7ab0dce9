"""`dyncontent doctor`."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from dyncontent.cli import main


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_url: str) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DYNCONTENT_STORE_URL", store_url)
    monkeypatch.setenv("DYNCONTENT_BUDGET_MS", "5000")


def test_with_warnings_alone_it_succeeds() -> None:
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0, result.output
    assert "→ set DYNCONTENT_ALLOWED_HOSTS" in result.output
    assert "errors: 0, warnings: 5" in result.output


def test_with_errors_it_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DYNCONTENT_STORE_URL", f"unix://{tmp_path}/none.sock")
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code == 1
    told = orjson.loads(result.output)
    assert told["errors"] == 1
    assert told["findings"][0] == {
        "check": "store",
        "severity": "error",
        "found": told["findings"][0]["found"],
        "advice": "start the store, or mend DYNCONTENT_STORE_URL",
    }
