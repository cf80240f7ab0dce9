"""Merge tags that no sender filled, in whatever form they arrive."""

import html
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.model import BLOCK_ID
from dyncontent.delivery.handles import make_handle
from dyncontent.delivery.tags import TAG, senders_of, unrendered
from dyncontent.keyring import Keyring, new_secret, parse_secret
from rules.facts import ID

TAGS = {
    "*|UNIQID|*": {"mailchimp"},
    "[UNIQID]": {"mailchimp"},
    "__test_email__": {"mailchimp"},
    "{{ person.KlaviyoID }}": {"klaviyo", "sendgrid"},
    "{{ person|lookup:'trip' }}": {"klaviyo", "sendgrid"},
    "{{${braze_id}}}": {"braze"},
    "%%subscriberid%%": {"salesforce"},
    "%%_subscriberkey%%": {"salesforce"},
    "{{ contact.hs_object_id }}": {"hubspot", "brevo", "sendgrid"},
    "{{customer.id}}": {"customerio", "sendgrid"},
    "{{ .Subscriber.UUID }}": {"listmonk"},
    "{contactfield=id}": {"mautic"},
    "{leadfield=id}": {"mautic"},
    "%CONTACTID%": {"activecampaign"},
    "%ACCOUNTID%": {"activecampaign"},
    "{$subscriber_id}": {"mailerlite"},
    "{{ subscriber.id }}": {"kit", "drip", "sendgrid"},
}

WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda tag: tag,
    "once": quote,
    "once, all of it": lambda tag: "".join(f"%{one:02x}" for one in tag.encode()),
    "once, by a form": quote_plus,
    "twice": lambda tag: quote(quote(tag)),
    "for HTML": html.escape,
    "for HTML, in numbers": lambda tag: "".join(f"&#{ord(one)};" for one in tag),
    "for HTML and once": lambda tag: quote(html.escape(tag)),
    "blanks alone": lambda tag: tag.replace(" ", "%20"),
}

tags = st.sampled_from(sorted(TAGS))
ids = st.from_regex(rf"\A{ID}\Z")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_known_again(tag: str, way: str) -> None:
    found = unrendered(WAYS[way](tag))
    assert found is not None
    assert senders_of(found) == TAGS[tag]


@given(tags, st.sampled_from(sorted(WAYS)), ids, st.from_regex(rf"\A{BLOCK_ID}\Z"))
def test_it_is_known_again_among_what_is_right(tag: str, way: str, before: str, after: str) -> None:
    written = WAYS[way](tag)
    found = unrendered(f"r={written}&m={after}")
    assert found is not None
    assert found == tag or found in written
    assert unrendered(f"{before} {WAYS[way](tag)}") is not None


KEYRING = Keyring((parse_secret(new_secret("k1")),))


@given(ids)
def test_no_id_and_no_handle_is_a_tag(recipient: str) -> None:
    assert unrendered(recipient) is None
    assert unrendered(make_handle(KEYRING, recipient)) is None


@given(st.text(alphabet="*|{}%[]_$&#;=. aB25C7D", max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    found = unrendered(text)
    assert found is None or senders_of(found)


@pytest.mark.parametrize("text", ["", "aino@example.com", "12 345", "%C3%A4%C3%A4", "{}", "50%"])
def test_what_is_wrong_but_no_tag(text: str) -> None:
    assert unrendered(text) is None


def test_a_text_of_beginnings_is_read_quickly() -> None:
    for piece in ("{{", "*|", "%%a", "{{${", "{$a", "[A", "&#"):
        assert TAG.fullmatch(piece * 2000) is None
        unrendered(piece * 2000)
