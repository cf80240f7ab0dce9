"""Feeds as others write them: see tests/cases/feeds/README.md."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyncontent.feeds.columns import mapped
from dyncontent.feeds.offers import Offer, Refused, Unlisted
from dyncontent.feeds.rows import FeedError, Row
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
        one.id: orjson.loads(one.onto(None).encoded()) for one in found if isinstance(one, Offer)
    }
    assert products == wanted["products"]
    assert [one.id for one in found if isinstance(one, Unlisted)] == wanted["unlisted"]
    assert [one.id for one in found if isinstance(one, Refused)] == wanted["refused"]


def test_links_that_are_not_https_are_refused() -> None:
    found = read((CASES / "google-rss.xml").read_bytes())
    assert [one.problem.fields[0].path for one in found if isinstance(one, Refused)] == ["link"] * 5


PIECES = (b'"', b",", b"<", b"&", b"\\ud800", b"{", b"]", b"\0", b"\xff", b"1e999", b"-", b"\n")
damage = st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(PIECES))


@settings(deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.lists(damage, min_size=1, max_size=8), st.booleans())
def test_damaged_anywhere_a_file_is_products_or_an_error_in_words(
    name: str, damages: list[tuple[float, int, bytes]], wide: bool
) -> None:
    data = (CASES / name).read_bytes()
    if wide:
        data = data.decode().encode("utf-16")
    for place, lost, put in damages:
        at = int(place * len(data))
        data = data[:at] + put + data[at + lost :]
    with suppress(FeedError):
        for one in read(data, **EXPECTED[name]["definition"]):
            if isinstance(one, Offer):
                one.onto(None)
