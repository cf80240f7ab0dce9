"""From a folder into the store: everything is checked first, and nothing is written if anything is
wrong.

Of uploads, the name must be that of the content, as an export writes them: a block names them by
it. They are stored as they stand in the folder, once they could be read.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from dyncontent.apart import accept_apart
from dyncontent.api.problems import refused
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.block import Block, checking
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.feed import Feed
from dyncontent.catalog.inventory import upload_type
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.model import Definition
from dyncontent.catalog.source import DataSource
from dyncontent.catalog.sources import declared_by_sources, definitions
from dyncontent.feeds.stored import Feeds
from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from dyncontent.transfer import yaml_text
from dyncontent.transfer.block_file import AS_DRAFTED, NOTHING
from dyncontent.transfer.folder import ENDINGS, MOST_BYTES, Found, Moved, find
from renderers import picture
from renderers.picture import Picture, PictureError
from renderers.typeface import Typeface, TypefaceError

Model = TypeVar("Model", bound=Definition)

_KINDS = {ending: type_.partition("/")[0] for type_, ending in ENDINGS.items()}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file of the folder: where, the value there, and what would be right."""

    file: str
    path: str
    value: Any
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        value = "" if self.value is None else f" is {json.dumps(self.value, ensure_ascii=False)}"
        return f"{where}{value}; expected: {self.expected}"


class ImportRefusedError(Exception):
    """Nothing was written: each thing that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many there are in the folder, and which of them the store did not have like this."""

    blocks: int
    assets: int
    new_assets: int
    drafted: tuple[str, ...]
    published: tuple[str, ...]
    feeds: int = 0
    saved_feeds: tuple[str, ...] = ()
    sources: int = 0
    saved_sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Checked:
    types: AttributeTypes
    blocks: Mapping[str, tuple[Block, Block | None]]
    feeds: Mapping[str, Feed]
    sources: Mapping[str, DataSource]
    uploads: tuple[Picture | Typeface, ...]


async def take_in(
    store: Store,
    catalogue: Catalogue,
    hosts: AllowedHosts,
    folder: Path,
    *,
    publish: bool,
    moved: Moved = lambda *_: None,
) -> Imported:
    """Save what the folder holds: uploads, attribute types, data sources, drafts, feeds; with
    `publish`, what was published too. What the folder does not hold stays as it is. `moved` hears
    how many uploads and blocks of how many were saved.

    Raises FolderError, StoreError, OSError, or ImportRefusedError.
    """
    found = find(folder)
    reading = _Reading(store, hosts, folder, found, publish)
    checked = await reading.check(await catalogue.attribute_types())
    if reading.problems:
        raise ImportRefusedError(reading.problems)
    total = len(checked.uploads) + len(checked.blocks)
    for number, upload in enumerate(checked.uploads):
        moved(number, total)
        if isinstance(upload, Picture):
            await catalogue.put_picture(upload)
        else:
            await catalogue.put_font(upload)
    if checked.types != await catalogue.attribute_types():
        await catalogue.put_attribute_types(checked.types)
    saved_sources = await _save_sources(store, checked.sources)
    drafted, published = [], []
    for number, (name, (draft, live)) in enumerate(checked.blocks.items(), len(checked.uploads)):
        moved(number, total)
        before, live_before = await _stored(catalogue, name)
        if publish and live is not None and not _same(live, live_before):
            await catalogue.put_draft(name, live)
            await catalogue.publish(name)
            published.append(name)
            before = live
        if not _same(draft, before):
            await catalogue.put_draft(name, draft)
            drafted.append(name)
    stored = Feeds(store)
    before_feeds = await stored.all()
    saved = [name for name, feed in checked.feeds.items() if feed != before_feeds.get(name)]
    for name in saved:
        await stored.put(name, checked.feeds[name])
    return Imported(
        len(found.blocks),
        len(found.assets),
        len(checked.uploads),
        tuple(drafted),
        tuple(published),
        len(found.feeds),
        tuple(saved),
        len(found.sources),
        saved_sources,
    )


async def _save_sources(store: Store, sources: Mapping[str, DataSource]) -> tuple[str, ...]:
    """Those that the store does not have like this, but for their secrets, which stay."""
    before = await definitions(store)
    differing = [
        name
        for name, source in sources.items()
        if name not in before or source.following(before[name].source) != before[name].source
    ]
    for name in differing:
        await Sources(store).put(name, sources[name])
    return tuple(differing)


async def _stored(catalogue: Catalogue, name: str) -> tuple[Block | None, Block | None]:
    """A block's draft and what is published of it."""
    try:
        draft = await catalogue.draft(name)
    except NotFoundError:
        return None, None
    if not draft.versions:
        return draft.block, None
    return draft.block, (await catalogue.version(name, draft.versions)).block


def _same(block: Block, other: Block | None) -> bool:
    return other is not None and block.encoded() == other.encoded()


class _Reading:
    """Reads a folder and collects what is wrong in it."""

    def __init__(
        self, store: Store, hosts: AllowedHosts, folder: Path, found: Found, publish: bool
    ) -> None:
        self.problems: list[Problem] = []
        self._store = store
        self._hosts = hosts
        self._folder = folder
        self._found = found
        self._publish = publish

    async def check(self, stored: AttributeTypes) -> _Checked:
        """`stored` are the attribute types that the store has; those of the folder go before."""
        for path in self._found.unknown:
            self._wrong(path, "", None, "nothing: this is no file of an export")
        parsed = self._parsed(self._found.attributes)
        read = self._model(AttributeTypes, parsed, self._found.attributes)
        types = _merged(stored, read or AttributeTypes())
        uploads = [one async for one in self._uploads()]
        sources: dict[str, DataSource] = {}
        declared = {**types.declared, **await declared_by_sources(self._store)}
        for name, path in self._found.sources.items():
            if source := self._model(DataSource, self._parsed(path), path):
                sources[name] = source
                declared |= source.declared(name)
        context = checking(self._hosts, declared)
        blocks = {}
        for name, path in self._found.blocks.items():
            if block := await self._block(path, context):
                blocks[name] = block
        feeds = {}
        for name, path in self._found.feeds.items():
            if feed := self._model(Feed, self._parsed(path), path, context=context):
                feeds[name] = feed
        return _Checked(types, blocks, feeds, sources, tuple(uploads))

    async def _block(
        self, path: Path, context: dict[str, Any]
    ) -> tuple[Block, Block | None] | None:
        parsed = self._parsed(path)
        if parsed is None:
            return None
        for name in parsed.keys() - {"draft", "published"}:
            self._wrong(path, name, parsed[name], "nothing: a file has draft and published")
        draft = self._model(Block, parsed.get("draft"), path, "draft", context)
        shown = parsed.get("published")
        published = draft if shown == AS_DRAFTED else None
        if isinstance(shown, dict):
            # What was published once may be refused by now; that matters if it is published again.
            strict = context if self._publish else None
            published = self._model(Block, shown, path, "published", strict)
        elif shown not in (AS_DRAFTED, NOTHING):
            self._wrong(path, "published", shown, f"{NOTHING}, {AS_DRAFTED}, or a block")
        for block, where in ((draft, "draft"), (published, "published")):
            if block is not None and not (where == "published" and block is draft):
                await self._need_assets(block, path, where)
        return None if draft is None else (draft, published)

    async def _need_assets(self, block: Block, path: Path, where: str) -> None:
        for place, asset, kind in block.assets:
            beginning = "image" if kind == "picture" else kind
            there = self._found.assets.get(asset)
            if there is not None:
                matches = _KINDS[there.suffix[1:]] == beginning
            else:
                matches = (await upload_type(self._store, asset) or "").startswith(beginning)
            if not matches:
                expected = f"the id of a {kind} in assets/ or in the store"
                self._wrong(path, ".".join(map(str, (where, *place))), asset, expected)

    async def _uploads(self) -> AsyncIterator[Picture | Typeface]:
        """Those that the store does not have yet."""
        for name, path in self._found.assets.items():
            data = self._bytes(path)
            if data is None:
                continue
            digest = hashlib.blake2b(data, digest_size=16).hexdigest()
            if digest != name:
                self._wrong(path, "", None, f"the name of its content: {digest}{path.suffix}")
                continue
            ending = path.suffix[1:]
            stored = await upload_type(self._store, name)
            if stored is not None and ENDINGS[stored] == ending:
                continue
            try:
                if _KINDS[ending] == "image":
                    seen: Picture | Typeface = await asyncio.to_thread(picture.accept, data)
                else:
                    seen = await accept_apart(data)
            except (PictureError, TypefaceError) as error:
                self._wrong(path, "", None, f"a file that can be read: {error}")
                continue
            if ENDINGS[seen.type] != ending:
                self._wrong(path, "", None, f"the ending of what it is: .{ENDINGS[seen.type]}")
                continue
            yield replace(seen, id=name, data=data)

    def _parsed(self, path: Path) -> dict[str, Any] | None:
        """The mapping in a file; None if there is none, which is noted."""
        data = self._bytes(path)
        if data is None:
            return None
        try:
            parsed = yaml_text.read(data.decode())
        except UnicodeDecodeError:
            self._wrong(path, "", None, "text in UTF-8")
            return None
        except yaml_text.YamlTextError as error:
            place = f"line {error.line}, column {error.column}"
            self._wrong(path, place, None, f"YAML: {error}")
            return None
        if not isinstance(parsed, dict):
            self._wrong(path, "", None, "names with values: a YAML mapping")
            return None
        return parsed

    def _bytes(self, path: Path) -> bytes | None:
        size = path.stat().st_size
        if size > MOST_BYTES:
            self._wrong(path, "", size, f"at most {MOST_BYTES} bytes")
            return None
        return path.read_bytes()

    def _model(
        self,
        model: type[Model],
        parsed: Any,
        path: Path,
        where: str = "",
        context: dict[str, Any] | None = None,
    ) -> Model | None:
        if parsed is None:
            if where:
                self._wrong(path, where, None, "a block: this field is needed")
            return None
        try:
            return model.model_validate_json(json.dumps(parsed), context=context)
        except ValidationError as error:
            for bad in refused(error, parsed).fields:
                self._wrong(
                    path, ".".join(filter(None, (where, bad.path))), bad.value, bad.expected
                )
            return None

    def _wrong(self, file: Path, path: str, value: Any, expected: str) -> None:
        name = file.relative_to(self._folder).as_posix()
        self.problems.append(Problem(name, path, value, expected))


def _merged(stored: AttributeTypes, read: AttributeTypes) -> AttributeTypes:
    return AttributeTypes(
        **{
            kind: dict(sorted((getattr(stored, kind) | getattr(read, kind)).items()))
            for kind in AttributeTypes.model_fields
        }
    )
