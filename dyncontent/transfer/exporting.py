"""From the store into a folder.

The order of everything is fixed and what did not change is not written, so that git shows what was
edited and nothing else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.block import Block
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.inventory import block_ids, font_ids, upload
from dyncontent.catalog.model import Definition
from dyncontent.catalog.sources import definitions
from dyncontent.feeds.stored import Feeds
from dyncontent.store.store import Store
from dyncontent.transfer import block_file, yaml_text
from dyncontent.transfer.folder import (
    ASSETS,
    ATTRIBUTES,
    BLOCKS,
    ENDINGS,
    FEEDS,
    SOURCES,
    FolderError,
    Moved,
    find,
    is_export,
    write,
)

FOLDERS = (BLOCKS, FEEDS, SOURCES, ASSETS)


@dataclass(frozen=True, slots=True)
class Exported:
    """How many there are, and how many files were written and removed."""

    blocks: int
    assets: int
    written: int
    removed: int
    feeds: int = 0
    sources: int = 0


async def export(
    store: Store, catalogue: Catalogue, folder: Path, moved: Moved = lambda *_: None
) -> Exported:
    """Write all definitions; of an earlier export in this folder, remove what is there no more.
    `moved` hears how many blocks and uploads of how many were read.

    Raises StoreError, OSError, or FolderError if the folder holds other things.
    """
    if not is_export(folder) and any((folder / name).exists() for name in FOLDERS):
        raise FolderError(
            f"{folder} holds other things: take an empty folder, or an earlier export"
        )
    files: dict[Path, bytes] = {}
    used = set(await font_ids(store))
    blocks = await block_ids(store)
    for number, name in enumerate(blocks):
        moved(number, len(blocks))
        draft = await catalogue.draft(name)
        published: Block | None = None
        if draft.versions:
            published = (await catalogue.version(name, draft.versions)).block
        used |= {
            asset for block in (draft.block, published) if block for _, asset, _ in block.assets
        }
        files[folder / BLOCKS / f"{name}.yaml"] = block_file.written(draft.block, published)
    feeds = await Feeds(store).all()
    sources = await definitions(store)
    for inside, kind in (
        (FEEDS, feeds),
        (SOURCES, {name: one.source.told for name, one in sources.items()}),
    ):
        for name, definition in kind.items():
            path = folder / inside / f"{name}.yaml"
            files[path] = yaml_text.write(_plain(definition)).encode()
    changes = 0
    for number, name in enumerate(sorted(used)):
        moved(len(blocks) + number, len(blocks) + len(used))
        stored = await upload(store, name)
        if stored is None:
            raise FolderError(f"a block uses {name}, which the store does not have")
        path = folder / ASSETS / f"{name}.{ENDINGS[stored.type]}"
        changes += write(path, stored.data)
        files[path] = b""
    types = attributes_text(await catalogue.attribute_types())
    changes += write(folder / ATTRIBUTES, types)
    changes += sum(write(path, data) for path, data in files.items() if data)
    there = find(folder)
    kinds = (there.blocks, there.feeds, there.sources, there.assets)
    gone = {path for kind in kinds for path in kind.values()} - files.keys()
    for path in gone:
        path.unlink()
    return Exported(len(blocks), len(used), changes, len(gone), len(feeds), len(sources))


def attributes_text(types: AttributeTypes) -> bytes:
    """By name, for their order means nothing."""
    plain = orjson.loads(orjson.dumps(_plain(types), option=orjson.OPT_SORT_KEYS))
    return yaml_text.write(plain).encode()


def _plain(definition: Definition) -> Any:
    return orjson.loads(definition.encoded())
