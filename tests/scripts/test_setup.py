"""The set-up says what is in its way in one line, and does nothing twice."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, working on a folder of its own."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", *module.LOCKS.values()):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return module


def _complaint(action: Any) -> str:
    with pytest.raises(SystemExit) as stop:
        action()
    said = str(stop.value)
    assert said.startswith("setup: ")
    assert "\n" not in said
    return said


def test_this_python_will_do(setup: ModuleType) -> None:
    setup.check_python()


def test_an_old_python_is_said(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(sys, "version", "3.9.18 (main)")
    assert "Python 3.11 or later is needed, this is 3.9.18" in _complaint(setup.check_python)


@pytest.mark.parametrize("module", ["venv", "ensurepip", "ssl"])
def test_a_missing_feature_is_said(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert f"lacks its module '{module}'" in _complaint(setup.check_python)


def test_a_full_disk_is_said(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(5 << 20))
    assert "5 MB free" in _complaint(lambda: setup.install("runtime"))


def test_a_step_that_fails_is_said_by_its_last_error(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = (sys.executable, "-c", "import sys; sys.exit('note\\nERROR: no such package\\n')")
    assert "installing: ERROR: no such package" in _complaint(
        lambda: setup.run("installing", *failing)
    ).replace(" failed", "")
    assert "failed" in _complaint(lambda: setup.run("running", str(ROOT / "no-such-program")))


def test_what_is_installed_is_not_installed_again(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "run", lambda _, *command: ran.append(command))
    setup.VENV.mkdir()
    setup.install("runtime")
    assert len(ran) == 3
    setup.install("runtime")
    assert len(ran) == 3
    lock = setup.ROOT / "requirements.lock"
    lock.write_text(lock.read_text() + "\n")
    setup.install("runtime")
    assert len(ran) > 3


@pytest.mark.parametrize("arguments", [[], ["all"], ["dev", "runtime"]])
def test_its_usage_is_said(arguments: list[str]) -> None:
    script = str(ROOT / "scripts" / "setup.py")
    done = subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "setup: usage: setup.py runtime|dev|bench\n")


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-bench.lock",
        "benchmarks/peers/opens/thumbor/requirements.lock",
    ],
)
def test_lock_files_hold_names_versions_and_hashes_alone(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        assert "://" not in line
        assert line.startswith("    --hash=sha256:") or "==" in line
