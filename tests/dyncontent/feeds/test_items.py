"""Rows of XML."""

import io
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.feeds import items
from dyncontent.feeds.rows import MOST_ROW, Broken, FeedError, Row

RSS = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{}</channel></rss>'
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufffe\uffff"),
    max_size=10,
)


def _read(data: str | bytes) -> list[Row | Broken]:
    return list(items.rows(io.BytesIO(data if isinstance(data, bytes) else data.encode())))


def test_googles_names_go_before_those_of_rss() -> None:
    [row] = _read(RSS.format("\n<item><g:title>G</g:title><title>R</title><link>l</link></item>"))
    assert row == Row(2, {"title": "G", "link": "l"})


def test_atom_has_its_link_as_an_attribute() -> None:
    [row] = _read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><link rel="self" href="s"/>'
        '<link href="https://shop.example/a"/></entry></feed>'
    )
    assert isinstance(row, Row)
    assert row.values["link"] == ("", "https://shop.example/a")


def test_what_is_repeated_and_what_is_nested() -> None:
    [row] = _read(
        RSS.format(
            "<item><g:x>1</g:x><g:x>2</g:x><g:x>3</g:x><g:ship><g:price>4</g:price></g:ship></item>"
        )
    )
    assert isinstance(row, Row)
    assert row.values == {"x": ("1", "2", "3"), "ship.price": "4", "ship": ""}


def test_items_of_other_shops() -> None:
    assert _read('<shop><offers><offer id="7"><name>N</name></offer></offers></shop>') == [
        Row(1, {"id": "7", "name": "N"})
    ]


@pytest.mark.parametrize(
    "data",
    [
        "<!DOCTYPE rss><rss><item><id>a</id></item></rss>",
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r><item><id>&b;</id></item></r>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><item><id>&x;</id></item></r>',
        '<!DOCTYPE r SYSTEM "http://evil.example/x.dtd"><r><item><id>a</id></item></r>',
    ],
)
def test_no_dtd_and_no_entity(data: str) -> None:
    with pytest.raises(FeedError) as refused:
        _read(data)
    assert refused.value.code == "DTD"


@pytest.mark.parametrize(
    "data",
    [
        "<rss><item><id>a</id></item></rs>",
        "<rss><item><id>a</id></item>",
        "<rss>&nbsp;</rss>",
        "<rss>\x00</rss>",
        b'<?xml version="1.0" encoding="utf-8"?><rss>\xff</rss>',
        b'<?xml version="1.0" encoding="no-such"?><rss></rss>',
        "",
        "<a>" * 100,
    ],
)
def test_what_is_damaged_is_said(data: str | bytes) -> None:
    with pytest.raises(FeedError) as refused:
        _read(data)
    assert refused.value.code == "BROKEN_FEED"


def test_the_line_of_the_damage_is_told() -> None:
    with pytest.raises(FeedError) as refused:
        _read("<rss>\n<item>\n</itm></rss>")
    assert refused.value.line == 3


def test_an_item_that_is_too_long_is_broken_and_the_rest_read() -> None:
    long = f"<item><id>a</id><d>{'x ' * MOST_ROW}</d></item>"
    found = _read(RSS.format(f"{long}<item><id>b</id></item>"))
    assert found == [
        Broken(1, f"an item of at most {MOST_ROW} characters"),
        Row(1, {"id": "b"}),
    ]


def test_a_tag_is_not_gathered_without_end() -> None:
    with pytest.raises(FeedError, match="a piece of more than"):
        _read("<rss><item a='" + "x" * 3 * MOST_ROW)


@given(st.lists(texts, max_size=6))
def test_what_is_written_is_read_back(values: list[str]) -> None:
    body = "".join(f"<item><g:id>{escape(value)}</g:id></item>" for value in values)
    found = _read(RSS.format(body))
    assert [row.values["id"] for row in found if isinstance(row, Row)] == [
        value.strip() for value in values
    ]


WHOLE = RSS.format("<item><g:id>a</g:id></item>" * 10)


@given(st.integers(0, len(WHOLE) - 1))
def test_cut_anywhere_it_is_damaged(at: int) -> None:
    with pytest.raises(FeedError):
        _read(WHOLE[:at])


def test_empty_children_count_as_part_of_an_item() -> None:
    children = "<child/>" * (MOST_ROW // len("child") + 1)
    found = _read(RSS.format(f"<item>{children}</item><item><id>a</id></item>"))
    assert found == [Broken(1, f"an item of at most {MOST_ROW} characters"), Row(1, {"id": "a"})]
