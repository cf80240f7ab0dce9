"""Snippets: what is pasted is what the lint takes for good."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.model import BLOCK_ID
from dyncontent.embed.senders import SENDERS
from dyncontent.embed.snippets import SnippetField, Tagging, alt_text, snippets
from tests import samples
from tests.dyncontent.embed.support import BLOCKS, KEYRING, PUBLIC_URL, a_block, codes

BLOCK = a_block()


class _Pasted(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: dict[str, dict[str, str | None]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = dict(attrs)


def test_there_is_one_for_each_sender() -> None:
    made = list(snippets(PUBLIC_URL, "trip", BLOCK))
    assert [one.sender for one in made] == [sender.id for sender in SENDERS]


@pytest.mark.parametrize("number", range(len(SENDERS)), ids=[one.id for one in SENDERS])
def test_it_is_clean_in_its_own_senders_template(number: int) -> None:
    sender = SENDERS[number]
    html = list(snippets(PUBLIC_URL, "trip", BLOCK))[number].html
    left = ["placeholder-left"] * 2 if sender.id == "smaily" else []
    assert codes(html, is_finished=False, sender=sender.id) == left
    assert codes(html, is_finished=False) == left


@given(name=st.from_regex(BLOCK_ID, fullmatch=True).filter(lambda name: name not in BLOCKS))
def test_it_is_clean_for_every_name_of_a_block(name: str) -> None:
    for one in snippets(PUBLIC_URL, name, BLOCK):
        expected: set[str] = {"block-unknown"}
        if one.sender == "smaily":
            expected |= {"placeholder-left"}
        assert set(codes(one.html, is_finished=False, sender=one.sender)) == expected


def test_a_field_holds_the_query_of_a_url() -> None:
    made = {one.sender: one for one in snippets(PUBLIC_URL, "trip", BLOCK)}
    pasted = _Pasted(made["mailchimp"].html).tags
    assert pasted["a"]["href"] == f"{PUBLIC_URL}/c/trip?*|TRIP_C|*"
    image = pasted["img"]
    assert image["src"] == f"{PUBLIC_URL}/i/trip.png?*|TRIP_I|*"
    assert (image["width"], image["height"], image["alt"]) == ("60", "40", "Travel")
    assert made["mailchimp"].fields == (
        SnippetField("TRIP_I", "all behind the question mark of image"),
        SnippetField("TRIP_C", "all behind the question mark of click"),
    )


def _tagging(*, is_personal: bool = True, ids_are_unguessable: bool = False) -> Tagging:
    return Tagging(KEYRING, "spring", is_personal, ids_are_unguessable)


@pytest.mark.parametrize("is_personal", [True, False])
@pytest.mark.parametrize("ids_are_unguessable", [True, False])
@pytest.mark.parametrize("number", range(len(SENDERS)), ids=[one.id for one in SENDERS])
def test_for_a_list_it_is_clean_in_its_own_senders_template(
    number: int, is_personal: bool, ids_are_unguessable: bool
) -> None:
    sender = SENDERS[number]
    tagging = _tagging(is_personal=is_personal, ids_are_unguessable=ids_are_unguessable)
    name = "trip" if is_personal else "stock"
    one = list(snippets(PUBLIC_URL, name, BLOCK, tagging=tagging))[number]
    takes_id = sender.recipient is not None and (
        not is_personal or (ids_are_unguessable and not sender.guessable)
    )
    left = ["placeholder-left"] * 2 if sender.id == "smaily" else []
    for more in ({"sender": sender.id}, {}):
        found = codes(one.html, is_finished=False, unguessable=ids_are_unguessable, **more)
        assert found == left
    assert len(one.fields) == (not takes_id)
    pasted = _Pasted(one.html).tags
    tag = sender.recipient if takes_id else sender.tag(one.fields[0].name)
    for address in (pasted["a"]["href"], pasted["img"]["src"]):
        assert f"?r={tag}&m=spring&v=k1&t=" in (address or "")
    assert pasted["a"]["href"] != pasted["img"]["src"]


def test_a_field_for_handles_has_a_name_that_the_sender_allows() -> None:
    fields = {
        one.sender: one.fields for one in snippets(PUBLIC_URL, "trip", BLOCK, tagging=_tagging())
    }
    assert fields["mailchimp"] == (SnippetField("DYNC_ID", "the person's handle"),)
    assert fields["brevo"] == (SnippetField("DYNCONTENT_ID", "the person's handle"),)
    assert fields["klaviyo"] == (SnippetField("dyncontent_id", "the person's handle"),)


def test_where_a_sender_encodes_each_part_is_a_field() -> None:
    made = next(one for one in snippets(PUBLIC_URL, "trip", BLOCK) if one.sender == "listmonk")
    source = _Pasted(made.html).tags["img"]["src"] or ""
    attribute = "{{ .Subscriber.Attribs.trip_"
    assert source == (
        f"{PUBLIC_URL}/i/trip.png?r={{{{ .Subscriber.UUID }}}}&m={attribute}message }}}}"
        f"&v={attribute}key }}}}&k={attribute}image }}}}"
    )
    names = {field.name for field in made.fields}
    assert names == set(re.findall(r"Attribs\.(\w+)", made.html))


def test_the_alt_is_the_fallbacks_in_the_language_asked_for() -> None:
    fallback = samples.block()["fallback"] | {"alt": {"en": "Trips & *|more|*", "fi": "Matkoja"}}
    block = a_block(fallback=fallback)
    assert (alt_text(block), alt_text(block, "fi")) == ("Trips & *|more|*", "Matkoja")
    english, finnish = (next(snippets(PUBLIC_URL, "trip", block, one)) for one in (None, "fi"))
    assert _Pasted(english.html).tags["img"]["alt"] == "Trips & *|more|*"
    assert "*|more|*" not in english.html
    assert _Pasted(finnish.html).tags["img"]["alt"] == "Matkoja"
    assert _Pasted(finnish.html).tags["table"]["lang"] == "fi"
