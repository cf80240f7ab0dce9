"""Headers: RSGI has them as texts, of which granian drops what is no header."""

import re
from collections.abc import Iterable

from dyncontent.rsgi.protocol import Headers, Scope

_NO_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search
_NAMELESS = ("server", "")
"""Else granian tells its name."""


class HeaderError(ValueError):
    """A value would end its line."""


def heard(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Those of a request."""
    return [(name.encode(), value.encode()) for name, value in scope.headers.items()]


def told(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Those of an answer. Bytes that are no UTF-8 are taken for Latin-1, which is what HTTP once
    said they are. Raises HeaderError."""
    texts = [(name.decode("ascii"), _text(value)) for name, value in headers]
    if any(_NO_VALUE(value) for _, value in texts):
        raise HeaderError
    texts.append(_NAMELESS)
    return texts


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
