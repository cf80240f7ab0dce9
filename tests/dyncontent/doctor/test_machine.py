"""A machine that lacks something."""

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import features

from dyncontent.doctor import machine
from dyncontent.doctor.machine import (
    core_limit,
    examine_disk,
    examine_fonts,
    examine_libraries,
    examine_machine,
    examine_memory,
    examine_processes,
    memory_limit,
)
from dyncontent.settings import Settings
from renderers.fonts import Face, Font, shipped

MB = 1 << 20


def test_this_machine_is_well(tmp_path: Path) -> None:
    found = examine_machine(Settings(data_dir=tmp_path, picture_memory_mb=1))
    assert [finding.check for finding in found] == ["disk", "memory", "processes"]
    assert [finding.severity for finding in examine_libraries()] == ["ok"]
    assert examine_fonts().severity == "ok"


@pytest.mark.parametrize(
    ("free", "severity"), [(63 * MB, "error"), (1023 * MB, "warning"), (1024 * MB, "ok")]
)
def test_a_disk_that_gets_full_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, severity: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    found = examine_disk(tmp_path / "not" / "yet")
    assert found.severity == severity
    assert f"{free // MB} MB" in found.found


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    found = examine_disk(tmp_path / "var")
    assert (found.severity, found.found) == ("error", f"{tmp_path / 'var'} cannot be written")


@pytest.mark.parametrize(
    ("pictures", "severity"), [(500, "ok"), (501, "warning"), (1000, "warning"), (1001, "error")]
)
def test_pictures_leave_memory_for_the_rest(pictures: int, severity: str) -> None:
    assert examine_memory(pictures * MB, 1000 * MB).severity == severity


def test_each_process_has_memory_for_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "memory_limit", lambda: 1000 * MB)
    monkeypatch.setattr(machine, "core_limit", lambda: 4)
    examined = examine_machine(Settings(data_dir=tmp_path, picture_memory_mb=200, workers=3))
    assert {finding.check: finding.severity for finding in examined if finding.check != "disk"} == {
        "memory": "warning",
        "processes": "ok",
    }


@pytest.mark.parametrize(
    ("workers", "cores", "severity"),
    [(1, 0.5, "ok"), (2, 2, "ok"), (2, 1.5, "warning"), (3, 2, "warning")],
)
def test_more_processes_than_cores_are_said(workers: int, cores: float, severity: str) -> None:
    found = examine_processes(workers, cores)
    assert (found.severity, found.found) == (severity, f"{workers} that serve, on {cores} cores")


@pytest.mark.parametrize(
    ("share", "cores"), [("50000 100000", 0.5), ("max 100000", 8), ("1600000 100000", 8), ("", 8)]
)
def test_a_container_has_fewer_cores_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: str, cores: float
) -> None:
    (tmp_path / "cpu.max").write_text(share)
    monkeypatch.setattr(machine, "CGROUP_SHARE", tmp_path / "cpu.max")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert core_limit() == cores


def test_a_container_has_less_memory_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = (tmp_path / "absent", tmp_path / "max", tmp_path / "little")
    limits[1].write_text("max\n")
    limits[2].write_text("1048576\n")
    monkeypatch.setattr(machine, "CGROUP_LIMITS", limits[:2])
    assert memory_limit() > MB
    monkeypatch.setattr(machine, "CGROUP_LIMITS", limits)
    assert memory_limit() == MB


@pytest.mark.parametrize(
    ("missing", "severity"), [("raqm", "error"), ("webp", "warning"), ("jpg", "error")]
)
def test_a_library_that_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, missing: str, severity: str
) -> None:
    check = features.check
    monkeypatch.setattr(features, "check", lambda name: name != missing and check(name))
    first, last = examine_libraries()
    assert (first.check, first.severity) == (f"Pillow's {missing}", severity)
    assert missing not in last.found


def test_a_damaged_font_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(font: Font) -> Face:
        return Face("damaged", b"no font") if font is Font.SERIF else shipped(font)

    monkeypatch.setattr(machine, "shipped", damaged)
    found = examine_fonts()
    assert found.severity == "error"
    assert found.found.startswith(Font.SERIF)
    assert Font.REGULAR not in found.found


def test_a_font_that_draws_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LETTERS", {Font.REGULAR: " "})
    assert f"{Font.REGULAR}: draws nothing" in examine_fonts().found
