"""Files on their way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.feeds import spool
from dyncontent.feeds.rows import FeedError, Row
from dyncontent.feeds.spool import Rows, receive, scratch
from tests.dyncontent.feeds.support import pieces

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
values = st.dictionaries(texts, texts | st.lists(texts, max_size=3).map(tuple), max_size=4)


@given(st.lists(st.builds(Row, st.integers(1, 10**6), values), max_size=6))
def test_rows_are_gone_through_more_than_once(rows: list[Row]) -> None:
    kept = Rows()
    for row in rows:
        kept.add(row)
    assert list(kept) == rows
    assert list(kept) == rows
    assert kept.columns == list(dict.fromkeys(name for row in rows for name in row.values))
    kept.close()


def test_there_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_ROWS", 2)
    rows = Rows()
    rows.add(Row(1, {}))
    rows.add(Row(2, {}))
    with pytest.raises(FeedError, match="at most 2 products"):
        rows.add(Row(3, {}))
    rows.close()


@pytest.mark.anyio
async def test_a_file_is_not_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_RECEIVED", 10)
    with scratch() as file:
        await receive(pieces(b"x" * 10), file)
        assert file.tell() == 10
        with pytest.raises(FeedError, match="at most 10 bytes"):
            await receive(pieces(b"x" * 11), file)
