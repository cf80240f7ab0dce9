"""`dyncontent export` and `dyncontent import`."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from dyncontent.cli import main


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store_url: str, prefix: str) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DYNCONTENT_STORE_URL", store_url)
    monkeypatch.setenv("DYNCONTENT_STORE_PREFIX", prefix)


def test_out_and_in_again(tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    result = CliRunner().invoke(main, ["export", folder])
    assert (result.exit_code, "0 blocks" in result.output) == (0, True)
    result = CliRunner().invoke(main, ["import", folder, "--publish", "--json"])
    assert result.exit_code == 0
    assert orjson.loads(result.output) == {
        "blocks": 0,
        "assets": 0,
        "new_assets": 0,
        "drafted": [],
        "published": [],
        "feeds": 0,
        "saved_feeds": [],
        "sources": 0,
        "saved_sources": [],
    }
    result = CliRunner().invoke(main, ["export", folder, "--json"])
    counts = ("blocks", "assets", "written", "removed", "feeds", "sources")
    wanted = dict.fromkeys(counts, 0)
    assert orjson.loads(result.output) == wanted


def test_a_folder_that_is_no_export_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["import", str(tmp_path)])
    assert (result.exit_code, "is no export" in result.stderr) == (1, True)
    assert CliRunner().invoke(main, ["import", str(tmp_path / "none")]).exit_code == 2


def test_what_is_refused_is_said(tmp_path: Path) -> None:
    (tmp_path / "attributes.yaml").write_text("shop: {}\n")
    result = CliRunner().invoke(main, ["import", str(tmp_path)])
    assert result.exit_code == 1
    assert "attributes.yaml: shop" in result.output
    assert "Nothing was written. Things that are wrong: 1" in result.output
    result = CliRunner().invoke(main, ["import", str(tmp_path), "--json"])
    [problem] = orjson.loads(result.output)["problems"]
    assert (result.exit_code, problem["path"]) == (1, "shop")
