"""Drafts and published versions of blocks, as they stand in the store."""

from typing import Annotated

from pydantic import Field

from dyncontent.catalog.block import Block
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from dyncontent.catalog.model import Definition, encode
from rules.facts import FactType


class Draft(Definition):
    """A block as it is edited; `versions` counts what was published, `changed` tells whether it
    differs from the last of them."""

    block: Block
    versions: Annotated[int, Field(ge=0)] = 0
    changed: bool = True

    def edited(self, block: Block) -> "Draft":
        changed = self.changed or encode(block) != encode(self.block)
        return Draft(block=block, versions=self.versions, changed=changed)

    def published(self) -> "Draft":
        return Draft(block=self.block, versions=self.versions + 1, changed=False)


class Version(Definition):
    """A block as it was published; it never changes. `declared` are the types of the attributes
    that its conditions ask of."""

    number: Annotated[int, Field(ge=1)]
    block: Block
    declared: dict[str, FactType] = Field(default_factory=dict)


def decode_version(block_id: str, raw: bytes) -> CompiledBlock:
    version = Version.model_validate_json(raw)
    return compile_block(block_id, version.number, version.block, version.declared)
