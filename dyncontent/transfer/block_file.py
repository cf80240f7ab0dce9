"""A block in a file: its draft, and what of it is published."""

from typing import Any

import orjson

from dyncontent.catalog.block import Block
from dyncontent.transfer import yaml_text

NOTHING, AS_DRAFTED = "nothing", "draft"
"""What is published, where it is not written out."""


def written(draft: Block, published: Block | None) -> bytes:
    """`published` is `nothing`, `draft` if it is the same, or a block; then comes `draft`."""
    shown: Any = NOTHING if published is None else _plain(published)
    if published is not None and published.encoded() == draft.encoded():
        shown = AS_DRAFTED
    return yaml_text.write({"published": shown, "draft": _plain(draft)}).encode()


def _plain(block: Block) -> Any:
    return orjson.loads(block.encoded())
