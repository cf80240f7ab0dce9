"""How a text is signed."""

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from dyncontent.delivery.signing import SIGNATURE_BYTES, canonical, key_name, signature


@given(key=st.binary(min_size=1, max_size=64), text=st.binary(max_size=300))
def test_a_signature_is_the_beginning_of_an_hmac(key: bytes, text: bytes) -> None:
    digest = hmac.digest(key, text, hashlib.sha256)[:SIGNATURE_BYTES]
    assert signature(key, text) == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_scheme_the_purpose_and_what_it_is_about_are_signed() -> None:
    assert canonical("i", "block", "aino") == b"dyncontent-url-1\ni\nblock\naino"
    assert key_name("i") == "dyncontent-url-1 i"
