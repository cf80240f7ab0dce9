"""From a folder into the store."""

import hashlib
import os
import shutil
from pathlib import Path

import orjson
import pytest

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.inventory import block_ids, font_ids
from dyncontent.transfer.importing import Imported, ImportRefusedError, Problem
from tests import samples
from tests.dyncontent.transfer.library import DEMO, TYPES, Library, files

pytestmark = pytest.mark.anyio


@pytest.fixture
async def folder(library: Library, tmp_path: Path) -> Path:
    await library.export(tmp_path / "export")
    return tmp_path / "export"


async def _refused(library: Library, folder: Path, *, publish: bool = False) -> list[Problem]:
    with pytest.raises(ImportRefusedError) as refused:
        await library.take_in(folder, publish=publish)
    assert not await block_ids(library.store)
    assert not await font_ids(library.store)
    return list(refused.value.problems)


async def test_import_after_export_is_identity(
    empty: Library, folder: Path, tmp_path: Path
) -> None:
    done = await empty.take_in(folder, publish=True)
    assert done == Imported(
        3,
        4,
        4,
        drafted=("new", "rich"),
        published=("plain", "rich"),
        feeds=2,
        saved_feeds=("b2b", "shop"),
    )
    await empty.export(tmp_path / "again")
    assert files(tmp_path / "again") == files(folder)


async def test_what_the_store_serves_is_the_same(
    library: Library, empty: Library, folder: Path
) -> None:
    await empty.take_in(folder, publish=True)
    for name in ("rich", "plain"):
        assert await empty.catalogue.version(name, 1) == await library.catalogue.version(name, 1)
    for name in ("rich", "plain", "new"):
        assert await empty.catalogue.draft(name) == await library.catalogue.draft(name)
    assert await empty.catalogue.fonts() == await library.catalogue.fonts()
    assert await empty.catalogue.attribute_types() == await library.catalogue.attribute_types()
    assert await empty.feeds.all() == await library.feeds.all()


async def test_into_the_same_store_nothing_changes(library: Library, folder: Path) -> None:
    before = [await library.catalogue.draft(name) for name in ("new", "plain", "rich")]
    done = await library.take_in(folder, publish=True)
    assert done == Imported(3, 4, 0, drafted=(), published=(), feeds=2)
    assert [await library.catalogue.draft(name) for name in ("new", "plain", "rich")] == before


async def test_without_publish_only_drafts_are_saved(empty: Library, folder: Path) -> None:
    done = await empty.take_in(folder)
    assert (done.drafted, done.published) == (("new", "plain", "rich"), ())
    assert (await empty.catalogue.draft("rich")).versions == 0


async def test_what_the_folder_does_not_hold_stays(library: Library, folder: Path) -> None:
    (folder / "blocks" / "new.yaml").unlink()
    (folder / "attributes.yaml").write_text("recipient:\n  tier: text\n")
    await library.take_in(folder, publish=True)
    assert (await library.catalogue.draft("new")).versions == 0
    assert (await library.catalogue.attribute_types()).product == {"season": "text"}


async def test_an_edited_file_is_saved_and_published(library: Library, folder: Path) -> None:
    path = folder / "blocks" / "plain.yaml"
    path.write_text(path.read_text().replace("title: Trip", "title: Journey"))
    done = await library.take_in(folder, publish=True)
    assert (done.drafted, done.published) == ((), ("plain",))
    assert (await library.catalogue.version("plain", 2)).block.title == "Journey"


async def test_every_problem_is_said_and_nothing_is_written(empty: Library, folder: Path) -> None:
    blocks, assets = folder / "blocks", folder / "assets"
    rich = (blocks / "rich.yaml").read_text()
    (blocks / "a.yaml").write_text("published: nothing\ndraft: {\n")
    (blocks / "b.yaml").write_text("published: maybe\ndarft: 1\n")
    (blocks / "c.yaml").write_bytes(b"\xff")
    (blocks / "d.yaml").write_text("- 1\n")
    (blocks / "plain.yaml").write_text(
        (blocks / "plain.yaml").read_text().replace("class: marketing", "class: other")
    )
    (blocks / "rich.yaml").write_text(rich.replace("attributes.tier", "attributes.unknown"))
    (blocks / "notes.txt").write_text("")
    (folder / "attributes.yaml").write_text("recipient:\n  tier: word\n")
    data = b"no picture"
    broken = hashlib.blake2b(data, digest_size=16).hexdigest()
    (assets / f"{broken}.png").write_bytes(data)
    (assets / f"{'0' * 32}.png").write_bytes(samples.a_picture())
    problems = await _refused(empty, folder, publish=True)
    told = {(problem.file, problem.path): problem for problem in problems}
    assert {
        ("blocks/notes.txt", ""),
        ("attributes.yaml", "recipient.tier"),
        (f"assets/{broken}.png", ""),
        (f"assets/{'0' * 32}.png", ""),
        ("blocks/a.yaml", "line 3, column 1"),
        ("blocks/b.yaml", "published"),
        ("blocks/b.yaml", "darft"),
        ("blocks/b.yaml", "draft"),
        ("blocks/c.yaml", ""),
        ("blocks/d.yaml", ""),
        ("blocks/plain.yaml", "draft.class"),
    } <= told.keys()
    assert any(file == "blocks/rich.yaml" for file, _ in told)
    assert str(told["blocks/plain.yaml", "draft.class"]) == (
        "blocks/plain.yaml: draft.class is \"other\"; expected: 'transactional' or 'marketing'"
    )
    assert "blocks/d.yaml; expected: names with values" in str(told["blocks/d.yaml", ""])


async def test_an_upload_that_is_missing_is_said_where_it_is_used(
    empty: Library, library: Library, folder: Path
) -> None:
    shutil.rmtree(folder / "assets")
    problems = await _refused(empty, folder)
    assert {problem.value for problem in problems} == {*library.pictures, library.fonts[0]}
    assert "draft.variants.0.creative.canvas.layers.0.picture" in {one.path for one in problems}
    assert "published.variants.1.creative.picture" in {one.path for one in problems}


async def test_an_upload_that_the_store_has_is_not_missed(library: Library, folder: Path) -> None:
    shutil.rmtree(folder / "assets")
    assert (await library.take_in(folder, publish=True)).new_assets == 0


async def test_an_upload_of_another_kind_is_said(
    empty: Library, library: Library, folder: Path
) -> None:
    name = library.pictures[0]
    (folder / "assets" / f"{name}.png").rename(folder / "assets" / f"{name}.jpg")
    [problem] = await _refused(empty, folder)
    assert problem.expected == "the ending of what it is: .png"


async def test_what_was_published_is_checked_as_it_is_used(empty: Library, folder: Path) -> None:
    """Its attribute is declared no more: that hinders publishing it again, and nothing else."""
    path = folder / "blocks" / "rich.yaml"
    published, draft = path.read_text().split("draft:\n")
    path.write_text(f"{published.replace('attributes.tier', 'attributes.old')}draft:\n{draft}")
    assert all(
        one.path.startswith("published") for one in await _refused(empty, folder, publish=True)
    )
    assert "rich" in (await empty.take_in(folder)).drafted


async def test_a_file_that_is_too_large_is_not_read(empty: Library, folder: Path) -> None:
    large = folder / "blocks" / "large.yaml"
    large.touch()
    os.truncate(large, 1 << 30)
    [problem] = await _refused(empty, folder)
    assert (problem.file, problem.value) == ("blocks/large.yaml", 1 << 30)


@pytest.mark.parametrize(
    "text", [pytest.param(path.read_text(), id=path.stem) for path in sorted(DEMO.glob("*.json"))]
)
async def test_the_blocks_of_the_demo_survive_it(
    library: Library, empty: Library, tmp_path: Path, text: str
) -> None:
    for part in text.split('"'):
        if part.startswith("picture:"):
            text = text.replace(f'"{part}"', f'"{library.pictures[0]}"')
        elif part.startswith("shop:"):
            text = text.replace(f'"{part}"', f'"https://{samples.HOST}/"')
    declared = orjson.loads((DEMO.parent / "facts.json").read_bytes())["attributes"]
    types = {kind: of | TYPES.get(kind, {}) for kind, of in declared.items()}
    await library.catalogue.put_attribute_types(
        AttributeTypes.model_validate_json(orjson.dumps(types))
    )
    await library.save("demo", orjson.loads(text), publish=True)
    await library.export(tmp_path / "a")
    await empty.take_in(tmp_path / "a", publish=True)
    await empty.export(tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert await empty.catalogue.version("demo", 1) == await library.catalogue.version("demo", 1)


async def test_a_feed_that_is_wrong_is_told(empty: Library, folder: Path) -> None:
    path = folder / "feeds" / "shop.yaml"
    path.write_text(
        "every: PT1S\nurl: https://shop.example/f\nlink_prefix: https://evil.example/\n"
    )
    problems = await _refused(empty, folder)
    assert {(problem.file, problem.path) for problem in problems} == {
        ("feeds/shop.yaml", "every"),
        ("feeds/shop.yaml", "link_prefix"),
    }
    assert await empty.feeds.all() == {}


async def test_only_feeds_that_differ_are_saved(library: Library, folder: Path) -> None:
    path = folder / "feeds" / "b2b.yaml"
    path.write_text("currency: SEK\n")
    assert (await library.take_in(folder)).saved_feeds == ("b2b",)
    assert (await library.feeds.get("b2b")).currency == "SEK"
