"""Rows of CSV and TSV."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.feeds import rows, table
from dyncontent.feeds.rows import MOST_COLUMNS, MOST_ROW, Broken, FeedError, Row

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def _read(text: str, delimiter: str = ",") -> list[Row | Broken]:
    return list(table.rows(io.StringIO(text, newline=""), delimiter))


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("id,title", ","),
        ("id;title, short;price", ";"),
        ("id\ttitle\tprice", "\t"),
        ("id|title", "|"),
        ('id;"a, b, c, d"', ";"),
        ("id", ","),
    ],
)
def test_the_delimiter_is_found_out(header: str, delimiter: str) -> None:
    assert table.delimiter_of(header) == delimiter


def test_lines_are_counted_as_an_editor_does() -> None:
    found = _read('\nid,title\r\na,"two\nlines"\n\nb,x\n')
    assert found == [
        Row(3, {"id": "a", "title": "two\nlines"}),
        Row(6, {"id": "b", "title": "x"}),
    ]


def test_a_line_of_other_length_is_broken_and_the_rest_read() -> None:
    found = _read("id,title\na,1\nb\nc,1,2\nd,1")
    assert [type(row) for row in found] == [Row, Broken, Broken, Row]
    assert found[1] == Broken(3, "2 cells as in the header; here are 1")


def test_a_quote_that_never_ends_does_not_end_the_reading() -> None:
    text = 'id,title\na,"' + "x" * 200_000 + "\nb,1\n" + "c,1\n" * 50_000 + "d,1\n"
    found = _read(text)
    assert isinstance(found[0], Broken)
    assert found[0].line == 2


def test_a_line_that_is_too_long_is_broken() -> None:
    found = _read("id,title\n" + "a," * MOST_ROW + "\nb,1\n")
    assert found == [Broken(2, f"at most {MOST_ROW} characters"), Row(3, {"id": "b", "title": "1"})]


def test_lines_without_a_product_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_WITHOUT", 3)
    assert len(_read("id,title\n\n\n\na,1\n")) == 1
    with pytest.raises(FeedError, match="at most 3 lines without") as refused:
        _read("id,title\n\n\n\n\na,1\n")
    assert refused.value.line == 5


def test_of_columns_with_one_name_the_first_counts() -> None:
    assert _read("id,,id\na,b,c") == [Row(2, {"id": "a"})]


def test_too_many_columns() -> None:
    with pytest.raises(FeedError, match="at most"):
        _read("id" + "," * MOST_COLUMNS)


@given(
    st.lists(st.tuples(cells, cells), max_size=8),
    st.sampled_from(table.DELIMITERS),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read_back(
    rows: list[tuple[str, str]], delimiter: str, end: str
) -> None:
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "title"), *rows])
    wanted = [{"id": one, "title": two} for one, two in rows if one.strip() or two.strip()]
    found = _read(output.getvalue(), delimiter)
    assert [row.values for row in found if isinstance(row, Row)] == wanted
