"""The files of an export."""

import os
from pathlib import Path

import pytest

from dyncontent.transfer import folder
from dyncontent.transfer.folder import ATTRIBUTES, FolderError, find, write

ID = "0123456789abcdef" * 2


def _filled(path: Path, *names: str) -> Path:
    for name in (ATTRIBUTES, *names):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("")
    return path


def test_files_are_found_by_their_ids(tmp_path: Path) -> None:
    found = find(_filled(tmp_path, "blocks/b.yaml", "blocks/A-1.yaml", f"assets/{ID}.ttf"))
    assert list(found.blocks) == ["A-1", "b"]
    assert found.assets == {ID: tmp_path / "assets" / f"{ID}.ttf"}
    assert not found.unknown


def test_what_is_beside_is_left_alone_and_what_is_among_is_told(tmp_path: Path) -> None:
    beside = ("README.md", ".git/config", "blocks/.hidden")
    among = ("assets/logo.png", f"assets/{ID}.png", "blocks/a.json", "blocks/a b.yaml")
    found = find(_filled(tmp_path, *beside, *among, f"assets/{ID}.jpg"))
    told = [path.relative_to(tmp_path).as_posix() for path in found.unknown]
    assert told == ["blocks/a b.yaml", "blocks/a.json", f"assets/{ID}.png", "assets/logo.png"]


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"it has no attributes\.yaml"):
        find(tmp_path)


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a"
    assert write(path, b"1")
    os.utime(path, (1, 1))
    assert not write(path, b"1")
    assert path.stat().st_mtime == 1
    assert write(path, b"2")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"2", 0o644)


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    write(path, b"old")

    def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "chmod", full)
    with pytest.raises(OSError, match="no space"):
        write(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert path.read_bytes() == b"old"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "a").symlink_to(outside)
    assert folder.write(tmp_path / "a", b"theirs")
    assert outside.read_text() == "mine"
