"""URLs: the published algorithm, and that nothing forged or damaged is taken for ours."""

import base64
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.model import BLOCK_ID
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.urls import Address, Purpose, make, read
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


def reread(url: str, keyring: Keyring = KEYRING) -> Address:
    path, _, query = url.partition("?")
    return read(keyring, path, query.encode())


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
    assert reread(f"{url}&format=amp") == replace(plain, form=form)
    for other in ("format=html", "format=AMP", "format=", "xformat=amp", "utm_format=amp"):
        assert reread(f"{url}&{other}") == plain
    path, _, query = url.partition("?")
    assert reread(f"{path}?format=amp&{query}&format=amp") == replace(plain, form=form)
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
