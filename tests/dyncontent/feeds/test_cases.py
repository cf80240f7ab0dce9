"""Feeds as others write them: see tests/cases/feeds/README.md."""

from typing import Any

import orjson
import pytest

from dyncontent.catalog.model import encode
from dyncontent.feeds.columns import mapped
from dyncontent.feeds.offers import Offer, Refused, Unlisted
from dyncontent.feeds.rows import Row
from tests.dyncontent.feeds.support import CASES, feed, read, read_rows

EXPECTED: dict[str, Any] = orjson.loads((CASES / "expected.json").read_bytes())


def test_every_file_is_a_case() -> None:
    files = {path.name for path in CASES.iterdir()} - {"README.md", "expected.json"}
    assert files == EXPECTED.keys()
    told = (CASES / "README.md").read_text()
    assert all(f"`{name}`" in told for name in files)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_others_is_read(name: str) -> None:
    wanted, data = EXPECTED[name], (CASES / name).read_bytes()
    definition = wanted["definition"]
    layout, rows = read_rows(data, **definition)
    assert layout.model_dump() == wanted["layout"]
    columns = dict.fromkeys(column for row in rows if isinstance(row, Row) for column in row.values)
    by = mapped(feed(**definition), columns)
    assert {column: uses for column in columns if (uses := by.uses(column))} == wanted["columns"]
    found = read(data, **definition)
    products = {
        one.id: orjson.loads(encode(one.onto(None))) for one in found if isinstance(one, Offer)
    }
    assert products == wanted["products"]
    assert [one.id for one in found if isinstance(one, Unlisted)] == wanted["unlisted"]
    assert [one.id for one in found if isinstance(one, Refused)] == wanted["refused"]


def test_links_that_are_not_https_are_refused() -> None:
    found = read((CASES / "google-rss.xml").read_bytes())
    assert [one.problem.fields[0].path for one in found if isinstance(one, Refused)] == ["link"] * 5
