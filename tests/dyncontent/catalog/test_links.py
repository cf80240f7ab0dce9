"""Where a click may lead: allowed hosts, whatever tricks are in the address."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from dyncontent.catalog.links import (
    HOSTS,
    LONGEST,
    OFFER_LINK,
    AllowedHosts,
    Link,
    LinkError,
    Target,
)

ALLOWED = AllowedHosts.of(
    ("Shop.example", "api.example:8443", "xn--pder-0ra.example", "127.0.0.1:8000", "[::1]:8000",
     "localhost")
)  # fmt: skip
ACCEPTED = re.compile(
    r"(https://(shop\.example|api\.example:8443|xn--pder-0ra\.example|localhost)"
    r"|https?://(127\.0\.0\.1|\[::1\]):8000|http://localhost)([/?#][!-~]*)?"
)
PIECES = (
    "https:", "HTTPS:", "http:", "javascript:", "data:", "//", "/", "\\", "@", ":", "?", "#", ".",
    "..", ";", "&", "[", "]", "%2e", "%2F", "%40", "%5c", "%00", "%0d%0a", "\t", "\r\n", "\x00",
    "\x1f", " ", "\x7f", "\x85", "\xa0", "\u2028", "\u3002", "\uff0f", "\uff20", "\u2100", "\u212a",
    "\u202e", "shop.example", "SHOP.example", "shop.example.", "evil.example", "api.example",
    "shop.example@evil.example", "evil.example\\@shop.example", "shop。example", "põder.example",
    "xn--pder-0ra.example", "127.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost",
    ":443", ":8443", ":8000", ":80", ":0", ":00443", ":65536", ":+443", ":４４３", "user:pw@",
)  # fmt: skip
pieces = st.sampled_from(PIECES) | st.text(max_size=2)
starts = st.sampled_from(["", "https://", "https://shop.example", "http://127.0.0.1:8000", "//"])
tricky = st.builds("".join, st.tuples(starts, st.lists(pieces, max_size=8).map("".join)))


@settings(max_examples=1500)
@given(tricky)
def test_nothing_but_an_allowed_host_passes(url: str) -> None:
    try:
        checked = ALLOWED.check(url)
    except LinkError:
        assert not ALLOWED.allows(url)
        return
    assert ALLOWED.allows(url)
    assert ACCEPTED.fullmatch(checked)
    stored, sent = urlsplit(checked), urlsplit(url)
    assert stored.netloc in ALLOWED.names
    assert (stored.scheme, stored.hostname) == (sent.scheme, sent.hostname)
    assert (stored.username, stored.password) == (None, None)
    assert httpx.URL(checked).netloc.decode() == stored.netloc
    assert ALLOWED.check(checked) == checked


@given(st.text().map("https://shop.example/{}".format))
def test_an_accepted_address_is_plain_ascii_and_stays_as_it_is(url: str) -> None:
    if ALLOWED.allows(url):
        checked = ALLOWED.check(url)
        assert re.fullmatch(r"https://shop\.example/[!-~]*", checked)
        assert ALLOWED.check(checked) == checked
        assert len(checked) <= LONGEST
    else:
        assert re.search(r"[\x00-\x20\x7f\\<>\"^`{|}]", url) or len(url) > LONGEST / 12


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://SHOP.Example/A", "https://shop.example/A"),
        ("https://shop.example:443/", "https://shop.example/"),
        ("https://shop.example:/", "https://shop.example/"),
        ("https://api.example:8443/?a=b#c", "https://api.example:8443/?a=b#c"),
        ("https://xn--pder-0ra.example/", "https://xn--pder-0ra.example/"),
        ("https://shop.example/põder?ü=1#õ", "https://shop.example/p%C3%B5der?%C3%BC=1#%C3%B5"),
        ("https://shop.example/%C3%B5/100%25", "https://shop.example/%C3%B5/100%25"),
        ("https://shop.example//evil.example", "https://shop.example//evil.example"),
        ("https://shop.example/@evil.example", "https://shop.example/@evil.example"),
        ("https://shop.example?q=//evil.example", "https://shop.example?q=//evil.example"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("http://localhost:80/x", "http://localhost/x"),
    ],
)
def test_an_address_of_an_allowed_host_is_written_in_one_way(url: str, checked: str) -> None:
    assert ALLOWED.check(url) == checked


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with https"),
        ("shop.example", "begins with https"),
        ("//shop.example/", "begins with https"),
        ("/rome", "begins with https"),
        ("http://shop.example/", "begins with https"),
        ("ftp://shop.example/", "begins with https"),
        ("javascript:alert(1)//shop.example", "begins with https"),
        ("data:text/html,shop.example", "begins with https"),
        ("https:shop.example", "not among"),
        ("https:///shop.example", "not among"),
        ("https://evil.example/", "evil.example is not among the allowed hosts"),
        ("https://evil.example/#shop.example", "not among"),
        ("https://evil.example?@shop.example", "not among"),
        ("https://shop.example.evil.example/", "not among"),
        ("https://evilshop.example/", "not among"),
        ("https://sub.shop.example/", "not among"),
        ("https://shop.example./", "not among"),
        ("https://shop.example:8443/", "not among"),
        ("https://api.example/", "not among"),
        ("https://shop%2eexample/", "not among"),
        ("https://shop.example%2f.evil.example/", "not among"),
        ("https://[::1]/", "not among"),
        ("https://[::ffff:127.0.0.1]:8000/", "not among"),
        ("http://2130706433:8000/", "begins with https"),
        ("https://shop.example@evil.example/", "plain host"),
        ("https://user:pw@shop.example/", "plain host"),
        ("https://@shop.example/", "plain host"),
        ("https://põder.example/", "plain host"),
        ("https://shop。example/", "plain host"),
        ("https://\u212aiosk.example/", "plain host"),
        ("https://evil.example\\@shop.example/", "backslashes"),
        ("https://shop.example\\.evil.example/", "backslashes"),
        (" https://shop.example/", "blanks"),
        ("https://shop.example/\n", "blanks"),
        ("ht\ttps://shop.example/", "blanks"),
        ("https://shop.example/\r\nlocation: https://evil.example", "blanks"),
        ("https://shop.example/\x00", "blanks"),
        ('https://shop.example/"><script>', "quotes"),
        ("https://shop.example/{{ offer.link }}", "braces"),
        ("https://[::1/", "no web address"),
        ("https://shop.example:x/", "no web address"),
        ("https://shop.example:65536/", "no web address"),
        ("https://shop.example\uff0fevil.example/", "no web address"),
        ("https://shop.example/" + "ä" * 400, "at most 2000 characters"),
    ],
)
def test_anything_else_is_refused_with_what_would_be_right(url: str, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        ALLOWED.check(url)
    assert not ALLOWED.allows(url)


def test_where_nothing_is_allowed_nothing_passes() -> None:
    with pytest.raises(LinkError, match=r"allowed hosts \(none\)"):
        AllowedHosts.of(()).check("https://shop.example/")


@pytest.mark.parametrize("name", ["a.example", "a.example:443", "A.Example:443"])
@pytest.mark.parametrize("url", ["https://a.example/", "https://a.example:443/"])
def test_a_default_port_may_be_said_or_not(name: str, url: str) -> None:
    assert AllowedHosts.of((name,)).check(url) == "https://a.example/"


@pytest.mark.parametrize("kind", [Link, Target])
def test_a_link_is_checked_when_it_is_saved_and_taken_as_it_is_from_the_store(kind: Any) -> None:
    link = TypeAdapter[str](kind)
    saved = link.validate_python("https://SHOP.example/ä", context={HOSTS: ALLOWED})
    assert saved == "https://shop.example/%C3%A4" == link.validate_python(saved)
    assert link.validate_python("https://evil.example/") == "https://evil.example/"
    with pytest.raises(ValidationError, match="not among"):
        link.validate_python("https://evil.example/", context={HOSTS: ALLOWED})


def test_only_a_variant_may_lead_to_its_offer() -> None:
    context = {HOSTS: ALLOWED}
    assert TypeAdapter[str](Target).validate_python(OFFER_LINK, context=context) == OFFER_LINK
    with pytest.raises(ValidationError, match="braces"):
        TypeAdapter[str](Link).validate_python(OFFER_LINK, context=context)
