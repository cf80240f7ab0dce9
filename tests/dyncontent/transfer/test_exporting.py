"""From the store into a folder."""

from pathlib import Path

import orjson
import pytest

from dyncontent.transfer import yaml_text
from dyncontent.transfer.exporting import Exported
from dyncontent.transfer.folder import FolderError
from tests import samples
from tests.dyncontent.transfer.library import FEEDS, TYPES, Library, files

pytestmark = pytest.mark.anyio


async def test_everything_has_its_file(library: Library, tmp_path: Path) -> None:
    assert await library.export(tmp_path) == Exported(
        blocks=3, assets=4, written=10, removed=0, feeds=2
    )
    first, second = library.pictures
    assert sorted(files(tmp_path)) == sorted(
        [
            "attributes.yaml",
            *(f"blocks/{name}.yaml" for name in ("new", "plain", "rich")),
            "feeds/b2b.yaml",
            "feeds/shop.yaml",
            f"assets/{first}.png",
            f"assets/{second}.jpg",
            *(f"assets/{font}.ttf" for font in library.fonts),
        ]
    )
    assert yaml_text.read((tmp_path / "attributes.yaml").read_text()) == TYPES
    assert yaml_text.read((tmp_path / "feeds" / "shop.yaml").read_text()) == FEEDS["shop"]
    plain = yaml_text.read((tmp_path / "blocks" / "plain.yaml").read_text())
    assert list(plain) == ["published", "draft"]
    assert plain["published"] == "draft"
    stored = await library.catalogue.draft("plain")
    assert plain["draft"] == orjson.loads(stored.block.encoded())


async def test_a_second_export_writes_only_what_changed(library: Library, tmp_path: Path) -> None:
    await library.export(tmp_path)
    before = files(tmp_path)
    assert (await library.export(tmp_path)).written == 0
    await library.save("plain", samples.block(title="Changed"))
    assert (await library.export(tmp_path)).written == 1
    after = files(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"blocks/plain.yaml"}


async def test_what_is_there_no_more_is_removed(library: Library, tmp_path: Path) -> None:
    await library.export(tmp_path)
    kept = ("README.md", "blocks/notes.txt")
    for name in (*kept, "blocks/gone.yaml", f"assets/{'0' * 32}.png"):
        (tmp_path / name).write_text("")
    assert (await library.export(tmp_path)).removed == 2
    assert not (tmp_path / "blocks" / "gone.yaml").exists()
    assert all((tmp_path / name).exists() for name in kept)


async def test_a_folder_of_other_things_is_left_alone(library: Library, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    with pytest.raises(FolderError, match="holds other things"):
        await library.export(tmp_path)
    assert not files(tmp_path)


async def test_an_empty_store_is_an_export_too(empty: Library, tmp_path: Path) -> None:
    assert await empty.export(tmp_path / "new") == Exported(0, 0, written=1, removed=0)
    assert files(tmp_path / "new") == {"attributes.yaml": b"{}\n"}
