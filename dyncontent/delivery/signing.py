"""How a text is signed for one purpose. Pure."""

import binascii
import hashlib
from functools import cache, lru_cache

SCHEME = "dyncontent-url-1"
SIGNATURE_BYTES = 16


@cache
def key_name(purpose: str) -> str:
    """What the key of a purpose is derived by. There are few of them."""
    return f"{SCHEME} {purpose}"


def canonical(*lines: str) -> bytes:
    """The bytes that are signed: the purpose, and what it is about."""
    return "\n".join((SCHEME, *lines)).encode()


def signature(key: bytes, text: bytes) -> str:
    """22 characters of base64url."""
    return _signer(key).sign(text)


class _Signer:
    """HMAC-SHA256 (RFC 2104) by one key, whose share of both hashes is taken ahead: in less than
    half of the time of hmac.digest."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """`key` of at most a block of the hash, 64 bytes."""
        padded = key.ljust(hashlib.sha256().block_size, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def sign(self, text: bytes) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        encoded = binascii.b2a_base64(outer.digest()[:SIGNATURE_BYTES], newline=False)
        return encoded.translate(_URL_SAFE, b"=").decode()


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_signer = lru_cache(maxsize=64)(_Signer)
