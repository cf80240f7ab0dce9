"""The folder of an export: which files it has, and writing and reading them."""

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dyncontent.catalog.model import BLOCK_ID
from renderers import picture, typeface
from rules.facts import ADDED

ATTRIBUTES = "attributes.yaml"
BLOCKS, FEEDS, SOURCES, ASSETS = "blocks", "feeds", "sources", "assets"
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "font/ttf": "ttf", "font/otf": "otf"}
"""Of files of uploads, by media type."""
MOST_BYTES = max(picture.MOST_BYTES, typeface.MOST_WRITTEN) * 2
"""Of one file; what is stored may be larger than what was uploaded."""

Moved = Callable[[int, int], None]
"""Hears how much of how much is done."""

_is_definition = re.compile(rf"({BLOCK_ID})\.yaml").fullmatch
_is_source = re.compile(rf"({ADDED})\.yaml").fullmatch
_is_asset = re.compile(rf"([0-9a-f]{{32}})\.({'|'.join(ENDINGS.values())})").fullmatch


class FolderError(Exception):
    """A folder that is no export: why, in one line."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files of an export: `blocks`, `feeds`, `sources` and `assets` by id, `unknown` those that
    are none of them."""

    attributes: Path
    blocks: Mapping[str, Path] = field(default_factory=dict)
    assets: Mapping[str, Path] = field(default_factory=dict)
    unknown: tuple[Path, ...] = ()
    feeds: Mapping[str, Path] = field(default_factory=dict)
    sources: Mapping[str, Path] = field(default_factory=dict)


def find(folder: Path) -> Found:
    """Raises FolderError if it is no export. What begins with a dot, and what stands beside
    these folders, is left alone: a README, a .git."""
    attributes = folder / ATTRIBUTES
    if not attributes.is_file():
        raise FolderError(f"{folder} is no export: it has no {ATTRIBUTES}")
    blocks: dict[str, Path] = {}
    feeds: dict[str, Path] = {}
    sources: dict[str, Path] = {}
    assets: dict[str, Path] = {}
    unknown = []
    for name, matches, into in (
        (BLOCKS, _is_definition, blocks),
        (FEEDS, _is_definition, feeds),
        (SOURCES, _is_source, sources),
        (ASSETS, _is_asset, assets),
    ):
        inside = folder / name
        for path in sorted(inside.iterdir()) if inside.is_dir() else ():
            matched = matches(path.name)
            if matched and path.is_file() and matched[1] not in into:
                into[matched[1]] = path
            elif not path.name.startswith("."):
                unknown.append(path)
    return Found(attributes, blocks, assets, tuple(unknown), feeds, sources)


def is_export(folder: Path) -> bool:
    return (folder / ATTRIBUTES).is_file()


def write(path: Path, data: bytes) -> bool:
    """Write a file at once or not at all, unless it is so already; whether it was written."""
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as output:
            output.write(data)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return True
