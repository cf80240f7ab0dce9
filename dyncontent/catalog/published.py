"""Drafts and published versions of blocks, as they stand in the store."""

from dataclasses import dataclass, replace
from typing import Annotated

import orjson
from pydantic import Field, StringConstraints

from dyncontent.catalog.block import Block
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from dyncontent.catalog.model import Definition, Instant
from rules.facts import FactType

MOST_NUMBER = 999_999_999

Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Draft(Definition):
    """A block as it is edited; `versions` counts what was published, `changed` tells whether it
    differs from the last of them, `archived` whether the block is out of use."""

    block: Block
    versions: Annotated[int, Field(ge=0)] = 0
    changed: bool = True
    archived: bool = False

    def edited(self, block: Block) -> "Draft":
        changed = self.changed or block.encoded() != self.block.encoded()
        return self.model_copy(update={"block": block, "changed": changed})

    def published(self) -> "Draft":
        return self.model_copy(update={"versions": self.versions + 1, "changed": False})

    def restored(self, version: "Version") -> "Draft":
        """With a version's block; it waits to be published unless it was published last."""
        changed = version.number != self.versions
        return self.model_copy(update={"block": version.block, "changed": changed})

    def put_away(self, *, archived: bool) -> "Draft":
        return self.model_copy(update={"archived": archived})


class Version(Definition):
    """A block as it was published; it never changes. `declared` are the types of what it uses of
    all that the workspace added to the registry of facts."""

    number: Annotated[int, Field(ge=1)]
    block: Block
    declared: dict[str, FactType] = Field(default_factory=dict)


class Live(Version):
    """The version that is served; of a block that is archived its fallback alone."""

    archived: bool = False

    @classmethod
    def of(cls, version: Version, *, archived: bool) -> "Live":
        return cls(
            number=version.number,
            block=version.block,
            declared=version.declared,
            archived=archived,
        )


class Publication(Definition):
    """When a version was published, and what the editor noted about it."""

    at: Instant
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A block in a list: what it is called, and how it stands. It is read without being checked, so
    that a list never fails for one of its blocks."""

    id: str
    title: str
    class_: str
    versions: int
    changed: bool
    archived: bool

    @classmethod
    def read(cls, block_id: str, raw: bytes) -> "Listed":
        stored = orjson.loads(raw)
        block = stored["block"]
        return cls(
            block_id,
            block["title"],
            block["class"],
            stored.get("versions", 0),
            stored.get("changed", True),
            stored.get("archived", False),
        )


def decode_version(block_id: str, raw: bytes) -> CompiledBlock:
    version = Version.model_validate_json(raw)
    return compile_block(block_id, version.number, version.block, version.declared)


def decode_live(block_id: str, raw: bytes) -> CompiledBlock:
    live = Live.model_validate_json(raw)
    compiled = compile_block(block_id, live.number, live.block, live.declared)
    return replace(compiled, is_archived=live.archived)
