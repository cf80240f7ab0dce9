"""The URLs that emails hold: made, and read again. Pure.

    /i/{block}.png?r={recipient}&m={message}&v={key id}&k={signature}

The signature is HMAC-SHA256 over the lines `dyncontent-url-1`, purpose, block, recipient, message
and key id, joined by line feeds; its first 16 bytes in base64url without padding. The purpose is
`i` (picture), `c` (click) or `h` (HTML), and each has a key of its own. Other names in the query
(senders append theirs) are not covered and not read, but for `format=amp` behind a URL of the
last kind. docs/urls.md has it for other languages,
tests/cases/signing.json the test vectors.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from dyncontent.catalog.model import block_id_matches, id_matches
from dyncontent.delivery.faults import Fault
from dyncontent.keyring import Keyring
from renderers.encode import BY_EXTENSION, ImageType
from renderers.html.fragment import Format

SCHEME = "dyncontent-url-1"
SIGNATURE_BYTES = 16
_OURS = frozenset("rmvk")
_LONGEST_QUERY = 4096
_ASKS_FOR_AMP = b"format=amp"


class Purpose(StrEnum):
    PICTURE = "i"
    CLICK = "c"
    HTML = "h"

    @property
    def key_name(self) -> str:
        return f"{SCHEME} {self}"


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL asks for. With a `fault` only purpose, block and type are worth anything: the
    person is not known, and nothing about a person may be shown."""

    purpose: Purpose
    block: str
    type: ImageType
    recipient: str = ""
    message: str = ""
    fault: Fault | None = None
    form: Format = Format.HTML


def canonical(purpose: Purpose, block: str, recipient: str, message: str, key_id: str) -> bytes:
    """The bytes that are signed."""
    return "\n".join((SCHEME, purpose, block, recipient, message, key_id)).encode()


def signature(key: bytes, text: bytes) -> str:
    """22 characters of base64url."""
    digest = hmac.digest(key, text, hashlib.sha256)[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def make(
    keyring: Keyring,
    purpose: Purpose,
    block: str,
    recipient: str,
    message: str,
    type: ImageType = ImageType.PNG,
) -> str:
    """The path and query of a signed URL. The ids must be well-formed (see catalog.model)."""
    key_id, key = keyring.signing_key(purpose.key_name)
    signed = signature(key, canonical(purpose, block, recipient, message, key_id))
    extension = f".{type}" if purpose is Purpose.PICTURE else ""
    return f"/{purpose}/{block}{extension}?r={recipient}&m={message}&v={key_id}&k={signed}"


def read(keyring: Keyring, path: str, query: bytes) -> Address:
    """What a request's path (`/i/...`, `/c/...` or `/h/...`) and query ask for; never raises on
    any bytes."""
    purpose, block, kind = _read_path(path)
    if block is None or kind is None:
        return Address(purpose, block or "", kind or ImageType.PNG, fault=Fault.BAD_URL)
    given = _read_query(query)
    if given is None:
        return Address(purpose, block, kind, fault=Fault.BAD_URL)
    recipient, message, key_id, signed = (given.get(name, "") for name in "rmvk")
    if not (id_matches(recipient) and id_matches(message)):
        return Address(purpose, block, kind, fault=Fault.BAD_URL)
    key = keyring.verifying_key(key_id, purpose.key_name)
    if key is None or not signed.isascii():
        return Address(purpose, block, kind, fault=Fault.BAD_SIGNATURE)
    right = signature(key, canonical(purpose, block, recipient, message, key_id))
    if not hmac.compare_digest(signed, right):
        return Address(purpose, block, kind, fault=Fault.BAD_SIGNATURE)
    asks_for_amp = purpose is Purpose.HTML and _ASKS_FOR_AMP in query.split(b"&")
    form = Format.AMP if asks_for_amp else Format.HTML
    return Address(purpose, block, kind, recipient, message, form=form)


def _read_path(path: str) -> tuple[Purpose, str | None, ImageType | None]:
    purpose = Purpose(path[1])
    name, kind = path[3:], ImageType.PNG
    if purpose is Purpose.PICTURE:
        name, _, extension = name.rpartition(".")
        if extension not in BY_EXTENSION:
            return purpose, name if block_id_matches(name) else None, None
        kind = BY_EXTENSION[extension]
    return purpose, name if block_id_matches(name) else None, kind


def _read_query(query: bytes) -> dict[str, str] | None:
    """Our own names with their values; None if one stands there twice."""
    if len(query) > _LONGEST_QUERY:
        return None
    found: dict[str, str] = {}
    for pair in query.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        if name in _OURS:
            if name in found:
                return None
            found[name] = value
    return found
