"""Texts of files: what they say, and where each character stands."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.embed.sources import of_html, of_message

PAGE = '<p>Äinö</p>\n<a href="https://img.example/c/trip?r=aino&amp;m=1">näe</a>\n' + "x" * 90


def _at(raw: bytes, line: int, column: int) -> bytes:
    return raw.split(b"\n")[line - 1][column - 1 :]


def test_an_html_file_is_one_text() -> None:
    [text] = of_html(PAGE.encode())
    assert (text.content, text.is_html) == (PAGE, True)
    assert text.position(0) == (1, 1)
    assert text.position(PAGE.index("https")) == (2, 10)


def _part(kind: str, encoding: str, body: bytes, charset: str = "utf-8", more: str = "") -> bytes:
    header = f"Content-Type: {kind}; charset={charset}\n{more}"
    return f"{header}Content-Transfer-Encoding: {encoding}\n\n".encode() + body


def _message(*parts: bytes) -> bytes:
    head = b'Subject: x\nContent-Type: multipart/mixed; boundary="b"\n\npreamble\n'
    return head + b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n"


def test_quoted_printable_is_read_and_placed() -> None:
    raw = _part("text/html", "quoted-printable", quopri.encodestring(PAGE.encode()))
    [text] = of_message(raw)
    assert text.content == PAGE
    assert _at(raw, *text.position(PAGE.index("https"))).startswith(b"https://img.example")
    line, _ = text.position(len(PAGE) - 1)
    assert line == raw.count(b"\n") + 1, "behind a soft line break"


def test_base64_is_read_and_placed() -> None:
    raw = _part("text/html", "base64", base64.encodebytes(PAGE.encode()))
    [text] = of_message(raw)
    assert text.content == PAGE
    place = len(PAGE[: PAGE.index("https")].encode()) // 3 * 3
    encoded = base64.b64encode(PAGE.encode()[place : place + 12])
    offset = PAGE.encode()[:place].decode()
    assert _at(raw, *text.position(len(offset))).startswith(encoded)


def test_parts_are_read_in_their_order_and_attachments_are_not() -> None:
    raw = _message(
        _part("text/plain", "8bit", "Äinö\nfirst".encode("latin-1"), "latin-1"),
        _part("image/png", "base64", base64.encodebytes(b"\x89PNG")),
        _part("text/html", "7bit", b"<b>no</b>", more="Content-Disposition: attachment\n"),
        _part("text/html", "quoted-printable", b"<b>=C3=A4</b>"),
        _part("text/html", "quoted-printable", b"<b>=C3=A4</b>"),
    )
    plain, html, again = of_message(raw)
    assert (plain.content, plain.is_html) == ("Äinö\nfirst", False)
    assert (html.content, html.is_html) == ("<b>ä</b>", True)
    assert _at(raw, *plain.position(5)).startswith(b"first")
    assert _at(raw, *html.position(3)).startswith(b"=C3")
    assert again.position(0)[0] > html.position(0)[0]


@pytest.mark.parametrize("charset", ["no-such", "utf-16"])
def test_an_unknown_character_set_still_shows_addresses(charset: str) -> None:
    [text] = of_message(_part("text/html", "8bit", b"<b>https://img.example/i/a.png", charset))
    assert "https://img.example/i/a.png" in text.content or charset == "utf-16"
    assert text.position(0)[0] == 4


def test_lines_may_end_as_on_the_wire() -> None:
    raw = _part("text/html", "quoted-printable", b"<b>=\na</b>\nxy").replace(b"\n", b"\r\n")
    [text] = of_message(raw)
    assert text.content == "<b>a</b>\r\nxy"
    assert _at(raw, *text.position(text.content.index("xy"))) == b"xy"


@given(
    body=st.binary(max_size=200),
    encoding=st.sampled_from(["base64", "quoted-printable", "7bit", "nonsense"]),
    charset=st.sampled_from(["utf-8", "latin-1", "utf-16", "us-ascii", "shift_jis"]),
)
def test_no_bytes_are_too_odd(body: bytes, encoding: str, charset: str) -> None:
    raw = _part("text/html", encoding, body, charset)
    for text in of_message(raw):
        for offset in range(len(text.content)):
            line, column = text.position(offset)
            assert 1 <= line <= raw.count(b"\n") + 1
            assert 1 <= column <= len(raw)
    of_message(body)
    of_html(body)
