"""How a text is signed for one purpose. Pure."""

import base64
import hashlib
import hmac

SCHEME = "dyncontent-url-1"
SIGNATURE_BYTES = 16


def key_name(purpose: str) -> str:
    """What the key of a purpose is derived by."""
    return f"{SCHEME} {purpose}"


def canonical(*lines: str) -> bytes:
    """The bytes that are signed: the purpose, and what it is about."""
    return "\n".join((SCHEME, *lines)).encode()


def signature(key: bytes, text: bytes) -> str:
    """22 characters of base64url."""
    digest = hmac.digest(key, text, hashlib.sha256)[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
