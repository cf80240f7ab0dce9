"""A block in a file."""

import orjson

from dyncontent.catalog.block import Block
from dyncontent.transfer import yaml_text
from dyncontent.transfer.block_file import written
from tests import samples

DRAFT = Block.model_validate_json(orjson.dumps(samples.block()))
OTHER = Block.model_validate_json(orjson.dumps(samples.block(title="Other")))


def test_what_is_published_is_written_out_only_if_it_differs() -> None:
    for published, shown in ((None, "nothing"), (DRAFT, "draft")):
        read = yaml_text.read(written(DRAFT, published).decode())
        assert (list(read), read["published"]) == (["published", "draft"], shown)
    read = yaml_text.read(written(DRAFT, OTHER).decode())
    for name, block in (("draft", DRAFT), ("published", OTHER)):
        assert Block.model_validate_json(orjson.dumps(read[name])) == block
