"""Handles: a recipient's id with the server's word for it, which nobody else can make. Pure.

    _{recipient}.{key id}.{signature}

A sender keeps one for each person, and puts it where a tagged URL names the recipient. It needs no
place in the store: whoever has the secrets reads it. Its first character begins no id, so that no
handle is taken for an id.

The signature is HMAC-SHA256 over the lines `dyncontent-url-1`, `handle`, recipient and key id, by
the key of the purpose `handle`; its first 16 bytes in base64url without padding.
"""

import hmac

from dyncontent.catalog.model import id_matches
from dyncontent.delivery.signing import canonical, key_name, signature
from dyncontent.keyring import Keyring

MARK = "_"
_PURPOSE = "handle"
_KEY_NAME = key_name(_PURPOSE)


def make_handle(keyring: Keyring, recipient: str) -> str:
    """The id must be well-formed (see catalog.model)."""
    key_id, key = keyring.signing_key(_KEY_NAME)
    return f"{MARK}{recipient}.{key_id}.{_signed(key, recipient, key_id)}"


def is_handle(text: str) -> bool:
    """Whether a text has the form of a handle, whoever made it."""
    return text.startswith(MARK) and text.count(".") >= len(("key id", "signature"))


def read_handle(keyring: Keyring, handle: str) -> str | None:
    """The recipient, None if we did not make the handle, or its secret is gone."""
    named, _, signed = handle.rpartition(".")
    recipient, _, key_id = named.removeprefix(MARK).rpartition(".")
    key = keyring.verifying_key(key_id, _KEY_NAME)
    if key is None or not (id_matches(recipient) and signed.isascii()):
        return None
    right = _signed(key, recipient, key_id)
    return recipient if hmac.compare_digest(signed, right) else None


def _signed(key: bytes, recipient: str, key_id: str) -> str:
    return signature(key, canonical(_PURPOSE, recipient, key_id))
