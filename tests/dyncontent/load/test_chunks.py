"""A body in chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.load.chunks import unchunked


@given(st.lists(st.binary(min_size=1)))
def test_a_body_is_joined_and_none_before_its_end(parts: list[bytes]) -> None:
    sent = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    sent += b"0\r\n\r\n"
    assert unchunked(sent) == b"".join(parts)
    for end in range(len(sent)):
        assert unchunked(sent[:end]) is None


def test_an_extension_of_a_chunk_is_passed_over() -> None:
    assert unchunked(b"3;a=b\r\nabc\r\n0\r\n\r\n") == b"abc"


@pytest.mark.parametrize(
    "sent",
    [b"x\r\n", b"-1\r\n", b"3\r\nabcdefg", b"0\r\n\r\nHTTP/1.1 200", b"0\r\nexpires: 0\r\n\r\n"],
)
def test_what_are_no_chunks_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unchunked(sent)
