"""The references to a server in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.embed.references import Finder, Reference
from dyncontent.embed.sources import Text, of_html, of_message

FINDER = Finder("https://img.example")


def _found(html: str, finder: Finder = FINDER) -> list[Reference]:
    return list(finder.references(of_html(html.encode())[0]))


def test_an_image_comes_with_its_attributes_and_the_link_around_it() -> None:
    html = (
        '<p>\n<A HREF="https://shop.example/">x</A><a href="https://img.example/c/trip?*|C|*">'
        '<img alt="Trips" SRC=" https://img.example/i/trip.png?a=1&amp;b=2"></a>'
        "<img src='//img.example/i/trip.png'>"
    )
    link, image, bare = _found(html)
    assert (link.role, link.url.purpose, link.url.field) == ("link", "c", "*|C|*")
    assert (image.role, image.attributes["alt"]) == ("image", "Trips")
    assert image.url.query == "a=1&b=2"
    assert image.link == "https://img.example/c/trip?*|C|*"
    assert html[image.offset :].startswith("https://img.example/i/")
    assert (bare.link, bare.url.scheme, bare.url.host) == (None, "", "img.example")


@pytest.mark.parametrize(
    "html",
    [
        "<style>p { background: url(https://img.example/i/trip.png?r=1) }</style>",
        '<td background="https://img.example/i/trip.png?r=1">',
        "<!--[if mso]><v:fill src='https://img.example/i/trip.png?r=1'/><![endif]-->",
        "See https://img.example/i/trip.png?r=1.",
    ],
)
def test_what_is_no_image_is_found_too(html: str) -> None:
    [reference] = _found(html)
    assert (reference.role, reference.url.block, reference.url.query) == ("other", "trip", "r=1")


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/i/trip.png",
        "https://img.example.evil/i/trip.png",
        "https://img.example/studio/",
        "https://img.example/I/trip.png",
        "/i/trip.png",
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert _found(f'<img src="{address}">') == []


def test_a_server_may_have_a_port_and_a_path() -> None:
    finder = Finder("http://localhost:8000/d")
    [reference] = _found('<img src="http://LOCALHOST:8000/d/i/trip.png?r=1">', finder)
    assert (reference.url.path, reference.url.host) == ("/i/trip.png", "localhost")
    assert _found('<img src="http://localhost:8000/i/trip.png">', finder) == []


def test_tags_hold_blanks_and_signs_of_their_own() -> None:
    tag = "{{ person|lookup:'a&b=c' }}"
    [reference] = _found(f'<img src="https://img.example/i/trip.png?r={tag}&amp;k=1&r=2#x=1">')
    assert reference.url.tags == [tag]
    assert reference.url.given == {"r": tag, "k": "1"}
    assert reference.url.field is None


def test_a_plain_text_has_addresses_as_they_are() -> None:
    [text] = of_message(
        b"Content-Type: text/plain\n\nSee https://img.example/c/trip?r=1&amp;k=2!\n"
    )
    [reference] = FINDER.references(text)
    assert reference.url.query == "r=1&amp;k=2"


@given(
    st.text(alphabet="<>/\"'= aimgsrcef{}|*%&;#?\n\x00https://img.example/i/t.png", max_size=200)
)
def test_no_text_is_too_odd(content: str) -> None:
    for is_html in (True, False):
        text = Text(content, is_html, lambda offset: (1, offset + 1))
        offsets = []
        for one in FINDER.references(text):
            assert set(one.url.tags) >= {one.url.field} - {None}
            assert None not in one.url.given.values()
            offsets.append(one.offset)
        assert offsets == sorted(offsets)


@pytest.mark.parametrize("piece", ["<!--", "<a b='", "https://img.example/i/a?{{a"])
def test_what_never_ends_is_read_once(piece: str) -> None:
    assert len(_found(piece * 30_000 + '<img src="https://img.example/i/trip.png">')) >= 1
