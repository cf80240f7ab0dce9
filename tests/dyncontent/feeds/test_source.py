"""How a file is packed and written is found out."""

import gzip
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.feeds import source
from dyncontent.feeds.rows import FeedError, Row
from tests.dyncontent.feeds.support import feed, read_rows

TABLE = "id;title\nõ1;Öökull €\n"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("windows-1252", "windows-1252"),
    ],
)
@pytest.mark.parametrize("compressed", [True, False])
def test_encodings_are_found_out(encoding: str, told: str, compressed: bool) -> None:
    data = TABLE.encode(encoding)
    layout, rows = read_rows(gzip.compress(data) if compressed else data)
    assert (layout.encoding, layout.delimiter, layout.compressed) == (told, ";", compressed)
    assert rows == [Row(2, {"id": "õ1", "title": "Öökull €"})]


def test_a_letter_that_is_no_utf_8_far_from_the_beginning() -> None:
    data = b"id,title\n" + b"a,b\n" * 50_000 + b"c,\xf5\n"
    layout, rows = read_rows(data)
    assert layout.encoding == source.LAST_CHOICE
    assert rows[-1] == Row(50_002, {"id": "c", "title": "õ"})


def test_an_encoding_and_a_delimiter_can_be_said() -> None:
    said = {"encoding": "windows-1257", "delimiter": "|"}
    _, rows = read_rows("id|a;b;c\nž|1".encode("windows-1257"), **said)
    assert rows == [Row(2, {"id": "ž", "a;b;c": "1"})]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<rss/>", "xml"),
        (b"\xef\xbb\xbf\n <rss/>", "xml"),
        (b'[{"id": 1}]', "json"),
        (b'{"products": [\n', "json"),
        (b'{"id": 1}\n{"id": 2}\n', "ndjson"),
        (b"id,title\n", "csv"),
    ],
)
def test_kinds_are_found_out(data: bytes, kind: str) -> None:
    assert source.examine(io.BytesIO(data), feed()).format == kind


def test_a_kind_can_be_said() -> None:
    assert source.examine(io.BytesIO(b"id"), feed(format="ndjson")).format == "ndjson"


@pytest.mark.parametrize(
    "data", [b"", b" \n", gzip.compress(b"", mtime=0), "\ufeff".encode("utf-16"), b"\xef\xbb\xbf"]
)
def test_an_empty_file_is_said(data: bytes) -> None:
    with pytest.raises(FeedError) as refused:
        read_rows(data)
    assert refused.value.code == "EMPTY_FEED"


def test_what_is_unpacked_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_EXPANDED", 10_000)
    with pytest.raises(FeedError) as refused:
        read_rows(gzip.compress(b"id,title\n" + b"a,b\n" * 10_000))
    assert refused.value.code == "TOO_LARGE"


@given(st.integers(2, 60))
def test_a_gzip_file_that_is_cut_is_damaged(at: int) -> None:
    whole = gzip.compress(bytes(range(256)) + b"id,title\na,b\n")
    with pytest.raises(FeedError):
        read_rows(whole[:at])


@given(st.binary(max_size=200))
def test_whatever_comes_is_rows_or_an_error_in_words(data: bytes) -> None:
    with suppress(FeedError):
        _, rows = read_rows(data)
        assert all(row.line >= 1 for row in rows)
