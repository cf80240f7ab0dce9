"""Whatever a text, an attribute or an address holds, a reader of HTML finds that and nothing
more."""

import re
from unicodedata import category
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from renderers.html import escape
from tests.renderers.html.support import Reader
from tests.renderers.support import law

EVIL = "</p></td><script>alert('1')</script><img src=x onerror=\"a`b\"> &amp; &#60; \u2028\x00\x0b"
MERGE_TAGS = ("{{ name }}", "*|NAME|*", "%%name%%", "{% if a %}", "{$name}", "[[name]]", "<% a %>")


def without_controls(value: str) -> str:
    """Without control characters, which HTML has none of."""
    return "".join(
        one for one in value if (category(one) != "Cc" or one in "\t\n\r") and one not in DIRECTIONS
    )


DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
texts = st.text()
addresses = st.builds("{}://{}".format, st.sampled_from(("http", "https")), texts)


@law
@given(texts)
@example(EVIL)
@example("a\r\nb\rc\n\nd")
def test_a_text_is_that_text_and_no_markup(value: str) -> None:
    found = Reader(f"<p>{escape.text(value)}</p>")
    assert found.texts[0] == without_controls(value).replace("\r\n", "\n").replace("\r", "\n")
    assert {tag for tag, _ in found.elements} <= {"p", "br"}


@law
@given(texts)
@example(EVIL)
@example("a\r\nb\rc\td")
def test_an_attribute_is_that_value_and_no_other(value: str) -> None:
    found = Reader(f'<p title="{escape.attribute(value)}" lang="fi"></p>')
    assert found.elements == [("p", {"title": without_controls(value), "lang": "fi"})]


@law
@given(addresses)
@example('https://example.com/"><script>&copy=1&lt;#é%zz%4a')
def test_an_address_is_that_address_in_allowed_characters(address: str) -> None:
    href = Reader(f'<a href="{escape.url(address)}"></a>').only("a")["href"]
    assert re.fullmatch(r"(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=\[\]]|%[0-9A-Fa-f]{2})+", href)
    assert unquote(href) == address or "%" in address
    assert Reader(f'<a href="{escape.url(href)}"></a>').only("a")["href"] == href


@pytest.mark.parametrize(
    ("address", "encoded"),
    [
        ("https://example.com/a?b=1&c=2#d", "https://example.com/a?b=1&amp;c=2#d"),
        ("https://example.com/kesä 1", "https://example.com/kes%C3%A4%201"),
        ("https://example.com/%41%zz%", "https://example.com/%41%25zz%25"),
        ("https://example.com/{{a}}[b]", "https://example.com/%7B%7Ba%7D%7D%5Bb%5D"),
        ("http://[::1]:8080/a[b]", "http://[::1]:8080/a%5Bb%5D"),
        ("HTTPS://example.com/it's", "HTTPS://example.com/it&#39;s"),
    ],
)
def test_what_is_not_allowed_in_an_address_is_encoded(address: str, encoded: str) -> None:
    assert escape.url(address) == encoded


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//example.com", "/a", "", " https://a"]
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        escape.url(address)


@pytest.mark.parametrize("tag", MERGE_TAGS)
def test_a_value_is_no_merge_tag_of_a_sender(tag: str) -> None:
    address = escape.url(f"https://example.com/{tag}")
    for written in (escape.text(tag), escape.attribute(tag), address):
        assert not re.search(r"\{[{%$]|\*\||%%|\[\[|<%", written)
