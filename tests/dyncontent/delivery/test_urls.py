"""URLs: the published algorithm, and that nothing forged or damaged is taken for ours."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.model import BLOCK_ID
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.handles import make_handle
from dyncontent.delivery.urls import (
    SHORTEST_UNGUESSABLE,
    Address,
    Purpose,
    make,
    make_tagged,
    may_be_unguessable,
    read,
)
from dyncontent.keyring import Keyring, new_secret, parse_secret
from renderers.encode import ImageType
from renderers.html.fragment import Format
from rules.facts import ID

VECTORS = orjson.loads((Path(__file__).parents[2] / "cases" / "signing.json").read_bytes())
KEYRING = Keyring((parse_secret(new_secret("new")), parse_secret(new_secret("old"))))

ids = st.from_regex(rf"\A{ID}\Z")
blocks = st.from_regex(rf"\A{BLOCK_ID}\Z")
purposes = st.sampled_from(Purpose)
types = st.sampled_from(ImageType)


def reread(url: str, keyring: Keyring = KEYRING, **said: bool) -> Address:
    path, _, query = url.partition("?")
    return read(keyring, path, query.encode(), **said)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["url"])
def test_urls_are_as_the_vectors_say(case: dict[str, Any]) -> None:
    keyring = Keyring((parse_secret(case["secret"]),))
    kind = ImageType(case.get("type", "png"))
    asked = (Purpose(case["purpose"]), case["block"], case["recipient"], case["message"])
    assert make(keyring, *asked, kind) == case["url"]
    assert reread(case["url"], keyring).fault is None


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["url"])
def test_the_vectors_are_as_the_documentation_says(case: dict[str, Any]) -> None:
    """The documented algorithm once more, from the standard library alone."""
    key_id, _, encoded = case["secret"].partition(":")
    secret = base64.urlsafe_b64decode(encoded + "=")
    info = f"dyncontent-url-1 {case['purpose']}".encode()
    key = hmac.new(secret, info + b"\x01", hashlib.sha256).digest()
    assert key.hex() == case["derived_key"]
    parts = ("dyncontent-url-1", case["purpose"], case["block"], case["recipient"], case["message"])
    text = "\n".join((*parts, key_id))
    assert text == case["signed_text"]
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]
    assert case["url"].endswith("&k=" + base64.urlsafe_b64encode(digest).decode().rstrip("="))


@given(purposes, blocks, ids, ids, types)
def test_what_is_made_is_read_again(
    purpose: Purpose, block: str, recipient: str, message: str, kind: ImageType
) -> None:
    address = reread(make(KEYRING, purpose, block, recipient, message, kind))
    shown = kind if purpose is Purpose.PICTURE else ImageType.PNG
    assert address == Address(purpose, block, shown, recipient, message)


@given(purposes, blocks, ids, ids, types)
def test_a_fragment_can_be_asked_for_as_amp_and_nothing_else_can(
    purpose: Purpose, block: str, recipient: str, message: str, kind: ImageType
) -> None:
    url = make(KEYRING, purpose, block, recipient, message, kind)
    plain = reread(url)
    assert plain.form is Format.HTML
    form = Format.AMP if purpose is Purpose.HTML else Format.HTML
    assert reread(f"{url}&format=amp") == plain._replace(form=form)
    for other in ("format=html", "format=AMP", "format=", "xformat=amp", "utm_format=amp"):
        assert reread(f"{url}&{other}") == plain
    path, _, query = url.partition("?")
    assert reread(f"{path}?format=amp&{query}&format=amp") == plain._replace(form=form)
    assert reread(f"{path}?format=amp").fault is Fault.BAD_URL


@given(purposes, blocks, ids, ids, types, st.data())
def test_any_changed_byte_is_refused(
    purpose: Purpose, block: str, recipient: str, message: str, kind: ImageType, data: st.DataObject
) -> None:
    url = make(KEYRING, purpose, block, recipient, message, kind).encode()
    position = data.draw(st.integers(len("/i/"), len(url) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != url[position]))
    changed = url[:position] + bytes([byte]) + url[position + 1 :]
    path, _, query = changed.partition(b"?")
    address = read(KEYRING, path.decode("latin-1"), query)
    assert address.fault is not None
    assert (address.recipient, address.message) == ("", "")


@given(purposes, st.text(), st.binary())
def test_no_bytes_are_too_strange(purpose: Purpose, path: str, query: bytes) -> None:
    assert read(KEYRING, f"/{purpose}/{path}", query).fault is not None


@given(blocks, ids, ids, st.permutations(list(Purpose)))
def test_a_signature_for_one_purpose_is_worth_nothing_for_another(
    block: str, recipient: str, message: str, purposes: list[Purpose]
) -> None:
    url = make(KEYRING, purposes[0], block, recipient, message)
    extension = ".png" if purposes[1] is Purpose.PICTURE else ""
    other = f"/{purposes[1]}/{block}{extension}?{url.partition('?')[2]}"
    assert reread(other).fault is Fault.BAD_SIGNATURE


def test_what_an_older_secret_signed_is_still_good() -> None:
    url = make(Keyring(KEYRING.secrets[1:]), Purpose.CLICK, "trip", "aino", "spring")
    assert reread(url).fault is None
    assert reread(url, Keyring(KEYRING.secrets[:1])).fault is Fault.BAD_SIGNATURE


def test_names_that_senders_append_are_passed_over() -> None:
    url = make(KEYRING, Purpose.CLICK, "trip", "aino", "spring")
    assert reread(url + "&utm_source=mail&_hsenc=p2&x").fault is None


def test_another_type_of_the_same_picture_may_be_asked_for() -> None:
    url = make(KEYRING, Purpose.PICTURE, "trip", "aino", "spring", ImageType.PNG)
    address = reread(url.replace(".png?", ".gif?"))
    assert (address.fault, address.type) == (None, ImageType.GIF)


def test_an_endless_query_is_not_read() -> None:
    url = make(KEYRING, Purpose.CLICK, "trip", "aino", "spring")
    assert reread(url + "&x=" + "y" * 5000).fault is Fault.BAD_URL


TAGGED = VECTORS["tagged"]


@pytest.mark.parametrize("case", TAGGED, ids=lambda case: case["url"])
def test_tagged_urls_are_as_the_vectors_and_the_documentation_say(case: dict[str, Any]) -> None:
    keyring = Keyring((parse_secret(case["secret"]),))
    kind = ImageType(case.get("type", "png"))
    asked = (Purpose(case["purpose"]), case["block"], case["tag"], case["message"])
    assert make_tagged(keyring, *asked, kind) == case["url"]
    assert reread(case["url"].replace(case["tag"], "1"), keyring).fault is None
    key_id, _, encoded = case["secret"].partition(":")
    info = f"dyncontent-url-1 tagged-{case['purpose']}".encode()
    secret = base64.urlsafe_b64decode(encoded + "=")
    key = hmac.new(secret, info + b"\x01", hashlib.sha256).digest()
    assert key.hex() == case["derived_key"]
    lines = ("dyncontent-url-1", f"tagged-{case['purpose']}", case["block"], case["message"])
    text = "\n".join((*lines, key_id))
    assert text == case["signed_text"]
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]
    assert case["url"].endswith("&t=" + base64.urlsafe_b64encode(digest).decode().rstrip("="))


@given(purposes, blocks, ids, ids, types)
def test_a_tagged_url_names_nobody_for_certain(
    purpose: Purpose, block: str, named: str, message: str, kind: ImageType
) -> None:
    address = reread(make_tagged(KEYRING, purpose, block, named, message, kind))
    shown = kind if purpose is Purpose.PICTURE else ImageType.PNG
    assert address == Address(purpose, block, shown, "", message, named=named)
    assert not address.is_vouched_for


@given(purposes, blocks, ids, ids)
def test_a_handle_in_it_names_its_person(
    purpose: Purpose, block: str, recipient: str, message: str
) -> None:
    handle = make_handle(KEYRING, recipient)
    address = reread(make_tagged(KEYRING, purpose, block, handle, message))
    assert (address.recipient, address.message, address.fault) == (recipient, message, None)
    assert (address.named, address.is_vouched_for) == (handle, True)
    assert reread(make(KEYRING, purpose, block, handle, message)).fault is Fault.BAD_URL


@given(purposes, blocks, ids, ids)
def test_an_id_names_its_person_where_ids_cannot_be_guessed(
    purpose: Purpose, block: str, named: str, message: str
) -> None:
    url = make_tagged(KEYRING, purpose, block, named, message)
    address = reread(url, ids_are_unguessable=True)
    is_one = len(named) >= SHORTEST_UNGUESSABLE and not named.isdigit()
    assert may_be_unguessable(named) is is_one
    assert address.recipient == (named if is_one else "")
    assert not address.is_vouched_for


@given(purposes, blocks, ids, ids, ids)
def test_the_signatures_of_the_two_forms_are_worth_nothing_for_each_other(
    purpose: Purpose, block: str, recipient: str, other: str, message: str
) -> None:
    signed = make(KEYRING, purpose, block, recipient, message)
    tagged = make_tagged(KEYRING, purpose, block, recipient, message)
    for url in (
        signed.replace("&k=", "&t="),
        tagged.replace("&t=", "&k="),
        tagged.replace("&t=", "&k=").replace(f"?r={recipient}&", f"?r={other}&"),
        tagged.replace("&t=", "&k=").replace(f"?r={recipient}&", f"?r={message}&"),
    ):
        assert reread(url, ids_are_unguessable=True).fault is Fault.BAD_SIGNATURE


@given(purposes, blocks, ids, ids, types, st.data())
def test_in_a_tagged_url_any_changed_byte_but_of_the_recipient_is_refused(
    purpose: Purpose, block: str, named: str, message: str, kind: ImageType, data: st.DataObject
) -> None:
    url = make_tagged(KEYRING, purpose, block, named, message, kind).encode()
    free = range(url.index(b"?r=") + 3, url.index(b"&m="))
    places = st.integers(len("/i/"), len(url) - 1).filter(lambda place: place not in free)
    place = data.draw(places)
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != url[place]))
    path, _, query = (url[:place] + bytes([byte]) + url[place + 1 :]).partition(b"?")
    address = read(KEYRING, path.decode("latin-1"), query, ids_are_unguessable=True)
    assert address.fault is not None
    assert (address.recipient, address.message, address.named) == ("", "", "")


def test_another_message_or_block_cannot_be_asked_for() -> None:
    url = make_tagged(KEYRING, Purpose.PICTURE, "trip", "1", "spring")
    for changed in (url.replace("spring", "receipt"), url.replace("trip", "order")):
        assert reread(changed).fault is Fault.BAD_SIGNATURE


def test_a_signed_url_stays_one_whatever_a_sender_appends() -> None:
    url = make(KEYRING, Purpose.CLICK, "trip", "aino", "spring")
    assert reread(f"{url}&t=1").recipient == "aino"
    tagged = make_tagged(KEYRING, Purpose.CLICK, "trip", "1", "spring")
    assert reread(f"{tagged}&k=1").fault is Fault.BAD_SIGNATURE


@pytest.mark.parametrize("tag", ["*|UNIQID|*", "{{ person.id }}", "%%subscriberid%%", "[UNIQID]"])
def test_a_tag_that_nobody_filled_is_told(tag: str) -> None:
    tagged = make_tagged(KEYRING, Purpose.PICTURE, "trip", tag, "spring")
    signed = make(KEYRING, Purpose.PICTURE, "trip", "aino", "spring")
    for url in (
        tagged,
        tagged.replace(tag, quote(tag)),
        signed.replace("aino", tag),
        signed.replace("spring", quote(tag)),
        f"/i/trip.png?{tag}",
        f"/i/trip.png?{quote(tag)}",
    ):
        address = reread(url)
        assert (address.fault, address.unrendered) == (Fault.TAG_UNRENDERED, tag)


def test_a_tag_of_a_url_that_is_not_ours_is_not() -> None:
    tagged = make_tagged(KEYRING, Purpose.PICTURE, "trip", "*|UNIQID|*", "spring")
    assert reread(tagged.replace("&t=", "&t=A")).fault is Fault.BAD_SIGNATURE


def test_a_tag_for_which_there_was_nothing() -> None:
    url = make_tagged(KEYRING, Purpose.PICTURE, "trip", "", "spring")
    assert reread(url).fault is Fault.RECIPIENT_MISSING
