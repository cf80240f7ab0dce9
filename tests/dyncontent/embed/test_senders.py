"""Senders and their merge tags."""

from urllib.parse import quote

import pytest

from dyncontent.delivery.tags import TAG, senders_of
from dyncontent.embed.senders import BY_ID, SENDERS, Sender, encoded_tag, sender_of

TAGGED = [sender for sender in SENDERS if sender.id != "smaily"]


@pytest.mark.parametrize("sender", TAGGED, ids=lambda sender: sender.id)
def test_its_own_tags_are_tags_that_it_fills(sender: Sender) -> None:
    tags = [sender.tag(sender.field_name("trip", "image")), sender.recipient, sender.message]
    for tag in filter(None, tags):
        assert TAG.fullmatch(tag), tag
        assert sender.id in senders_of(tag), tag


@pytest.mark.parametrize("address", ["r=a%20b", "%C3%A4%C3%A4", "r=aino&m=50%", "{a}", "{{", "**"])
def test_what_is_no_tag(address: str) -> None:
    assert TAG.search(address) is None
    assert encoded_tag(address) is None


def test_names_of_fields_are_such_as_the_sender_allows() -> None:
    assert BY_ID["klaviyo"].field_name("vip-trip", "image") == "vip_trip_image"
    assert BY_ID["brevo"].field_name("vip-trip", "click") == "VIP_TRIP_CLICK"
    assert BY_ID["mailchimp"].field_name("vip-trip-rome", "image") == "VIP_TRIP_I"
    assert BY_ID["listmonk"].field_name("3days", "image") == "b3days_image"
    assert len(BY_ID["kit"].field_name("a" * 64, "image")) == 64


def test_most_of_the_tags_tell_who_sends() -> None:
    assert sender_of([]) == set()
    assert sender_of(["*|FNAME|*", "*|UNSUB|*", "{{ person.id }}"]) == {"mailchimp"}
    assert sender_of(["{{ name }}", "{{ .Subscriber.UUID }}"]) == {"listmonk"}


@pytest.mark.parametrize("tag", ["*|TRIP_I|*", "{{ person.trip }}", "%%trip%%", "{$trip}"])
def test_a_tag_that_an_editor_encoded_is_seen(tag: str) -> None:
    assert encoded_tag(f"r={quote(tag)}&m=spring") == tag
    assert encoded_tag(f"r={tag}&m=spring") is None
