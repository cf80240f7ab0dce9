"""The whole of an installation."""

from pathlib import Path

import pytest

from dyncontent.doctor.examine import examine
from dyncontent.store.embedded import embedded_store

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DYNCONTENT_BUDGET_MS", "5000")
    return tmp_path


async def test_without_settings_there_are_only_warnings() -> None:
    found = await examine()
    assert {finding.severity for finding in found} == {"ok", "warning"}
    assert found[0].check == "store"
    assert found[-1].check == "fonts"


async def test_the_store_of_a_running_server_is_looked_at(data_dir: Path) -> None:
    with embedded_store(data_dir):
        assert (await examine())[0].severity == "ok"


async def test_an_embedded_store_that_cannot_start_is_an_error(data_dir: Path) -> None:
    (data_dir / "valkey").write_text("in the way")
    first = (await examine())[0]
    assert (first.check, first.severity) == ("store", "error")


async def test_wrong_settings_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNCONTENT_PORT", "x")
    found = await examine()
    assert [finding.check for finding in found] == ["settings", "libraries", "fonts"]
    assert "DYNCONTENT_PORT" in found[0].found
