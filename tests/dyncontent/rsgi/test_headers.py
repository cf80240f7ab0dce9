"""Headers as granian takes them: it drops what is none, so that we must look first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.delivery.reply import HeaderError
from dyncontent.rsgi.headers import told


def test_bytes_become_texts_and_the_server_has_no_name() -> None:
    assert told([(b"content-type", b"image/png"), (b"etag", b'"x"')]) == [
        ("content-type", "image/png"),
        ("etag", '"x"'),
        ("server", ""),
    ]


def test_what_is_no_utf_8_is_latin_1() -> None:
    values = [value for _, value in told([(b"a", "ä".encode()), (b"b", "ä".encode("latin-1"))])]
    assert values == ["ä", "ä", ""]


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\x00", b"\x7f", b"\x1f"])
def test_a_value_that_would_end_its_line_is_refused(value: bytes) -> None:
    with pytest.raises(HeaderError):
        told([(b"etag", value)])


@given(st.binary(max_size=40))
def test_no_value_holds_a_control_character_but_tab(value: bytes) -> None:
    try:
        [(_, text), _] = told([(b"x", value)])
    except HeaderError:
        assert any(byte < 32 or byte == 127 for byte in value)
    else:
        assert not [c for c in text if (ord(c) < 32 and c != "\t") or ord(c) == 127]
