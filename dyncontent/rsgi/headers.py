"""Headers: RSGI has them as texts, of which granian drops what is no header."""

from collections.abc import Collection

from dyncontent.delivery.reply import require_values
from dyncontent.rsgi.protocol import Headers, Scope

_NAMELESS = ("server", "")
"""Else granian tells its name."""


def heard(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Those of a request."""
    return [(name.encode(), value.encode()) for name, value in scope.headers.items()]


def told(headers: Collection[tuple[bytes, bytes]]) -> Headers:
    """Those of an answer. Bytes that are no UTF-8 are taken for Latin-1, which is what HTTP once
    said they are. Raises HeaderError."""
    require_values(headers)
    texts = [(name.decode("ascii"), _text(value)) for name, value in headers]
    texts.append(_NAMELESS)
    return texts


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
