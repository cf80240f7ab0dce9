"""The URLs that emails hold: made, and read again. Pure.

    signed  /i/{block}.png?r={recipient}&m={message}&v={key id}&k={signature}
    tagged  /i/{block}.png?r={a sender's tag}&m={message}&v={key id}&t={signature}

The signature is HMAC-SHA256 over the lines `dyncontent-url-1`, purpose, block, recipient, message
and key id, joined by line feeds; its first 16 bytes in base64url without padding. The purpose is
`i` (picture), `c` (click) or `h` (HTML), and each has a key of its own. That of a tagged URL is
`tagged-i`, `tagged-c` or `tagged-h`, and has no line of the recipient, so that one URL is good for
a whole list. What the sender puts for the tag names a person if it is a handle, which we signed, or
an id that nobody can guess, where the workspace says that its ids are such.

Other names in the query (senders append theirs) are not covered and not read, but for `format=amp`
behind a URL of the last kind. docs/urls.md has it for other languages, tests/cases/signing.json
the test vectors.
"""

import hmac
import re
from enum import StrEnum
from typing import NamedTuple

from dyncontent.catalog.model import block_id_matches, id_matches
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.handles import is_handle, read_handle
from dyncontent.delivery.signing import canonical, key_name, signature
from dyncontent.delivery.tags import unrendered
from dyncontent.keyring import Keyring
from renderers.encode import BY_EXTENSION, ImageType
from renderers.html.fragment import Format
from rules.facts import ID

SHORTEST_UNGUESSABLE = 16
"""Characters of an id that may pass for one that nobody can guess. Digits alone never do."""

_OURS = frozenset("rmvkt")
_NOTHING = ("",) * 4
_LONGEST_QUERY = 4096
_AS_MADE = re.compile(f"r=({ID})&m=({ID})&v=([A-Za-z0-9]{{1,8}})&k=([A-Za-z0-9_-]{{22}})")
"""The query of a signed URL to which nobody added anything: nearly all are."""
_ASKS_FOR_AMP = b"format=amp"


class Purpose(StrEnum):
    PICTURE = "i"
    CLICK = "c"
    HTML = "h"

    @property
    def tagged(self) -> str:
        """What the signature of a tagged URL is for."""
        return f"tagged-{self}"


_PURPOSES = {purpose.value: purpose for purpose in Purpose}


class Address(NamedTuple):
    """What a URL asks for. With a `fault` only purpose, block and type are worth anything: the
    person is not known, and nothing about a person may be shown.

    `named` is what a tagged URL has for the recipient, empty in a signed one. If that could have
    been guessed, `recipient` is empty: nobody's facts may be read, and nothing be kept of anybody.
    `unrendered` is the tag that no sender filled, where that is the fault."""

    purpose: Purpose
    block: str
    type: ImageType
    recipient: str = ""
    message: str = ""
    fault: Fault | None = None
    form: Format = Format.HTML
    named: str = ""
    unrendered: str = ""

    @property
    def is_vouched_for(self) -> bool:
        """Whether a signature, of the URL or of a handle, covers the recipient."""
        return bool(self.recipient) and self.recipient != self.named


def make(
    keyring: Keyring,
    purpose: Purpose,
    block: str,
    recipient: str,
    message: str,
    type: ImageType = ImageType.PNG,
) -> str:
    """The path and query of a signed URL. The ids must be well-formed (see catalog.model)."""
    key_id, key = keyring.signing_key(key_name(purpose))
    signed = signature(key, canonical(purpose, block, recipient, message, key_id))
    return f"{_path(purpose, block, type)}?r={recipient}&m={message}&v={key_id}&k={signed}"


def make_tagged(
    keyring: Keyring,
    purpose: Purpose,
    block: str,
    tag: str,
    message: str,
    type: ImageType = ImageType.PNG,
) -> str:
    """The path and query of a tagged URL: `tag` stands in it as it is, for a sender to fill."""
    key_id, key = keyring.signing_key(key_name(purpose.tagged))
    signed = signature(key, canonical(purpose.tagged, block, message, key_id))
    return f"{_path(purpose, block, type)}?r={tag}&m={message}&v={key_id}&t={signed}"


def _path(purpose: Purpose, block: str, type: ImageType) -> str:
    extension = f".{type}" if purpose is Purpose.PICTURE else ""
    return f"/{purpose}/{block}{extension}"


def read(
    keyring: Keyring, path: str, query: bytes, *, ids_are_unguessable: bool = False
) -> Address:
    """What a request's path (`/i/...`, `/c/...` or `/h/...`) and query ask for; never raises on
    any bytes. `ids_are_unguessable` is what the workspace says of the ids in tagged URLs."""
    purpose, block, kind = _read_path(path)
    if block is None or kind is None:
        return Address(purpose, block or "", kind or ImageType.PNG, fault=Fault.BAD_URL)
    text = query.decode("latin-1")
    if as_made := _AS_MADE.fullmatch(text):
        recipient, message, key_id, signed = as_made.groups()
        if not _is_signed(keyring, key_id, signed, (purpose, block, recipient, message, key_id)):
            return Address(purpose, block, kind, fault=Fault.BAD_SIGNATURE)
        return Address(purpose, block, kind, recipient, message)
    given = _read_query(text)
    if given is None:
        return Address(purpose, block, kind, fault=Fault.BAD_URL)
    if "k" not in given and "t" in given:
        return _read_tagged(keyring, purpose, block, kind, given, query, ids_are_unguessable)
    recipient, message, key_id, signed = map(given.get, "rmvk", _NOTHING)
    if not (id_matches(recipient) and id_matches(message)):
        return _ill_formed(purpose, block, kind, query)
    lines = (purpose, block, recipient, message, key_id)
    if not _is_signed(keyring, key_id, signed, lines):
        return Address(purpose, block, kind, fault=Fault.BAD_SIGNATURE)
    return Address(purpose, block, kind, recipient, message, form=_form(purpose, query))


def _read_tagged(
    keyring: Keyring,
    purpose: Purpose,
    block: str,
    kind: ImageType,
    given: dict[str, str],
    query: bytes,
    ids_are_unguessable: bool,
) -> Address:
    named, message, key_id, signed = map(given.get, "rmvt", _NOTHING)
    if not id_matches(message):
        return _ill_formed(purpose, block, kind, query)
    if not _is_signed(keyring, key_id, signed, (purpose.tagged, block, message, key_id)):
        return Address(purpose, block, kind, fault=Fault.BAD_SIGNATURE)
    if not named:
        return Address(purpose, block, kind, fault=Fault.RECIPIENT_MISSING)
    recipient: str | None = ""
    if is_handle(named):
        recipient = read_handle(keyring, named)
    elif not id_matches(named):
        return _ill_formed(purpose, block, kind, named.encode("latin-1"))
    elif ids_are_unguessable and may_be_unguessable(named):
        recipient = named
    if recipient is None:
        return Address(purpose, block, kind, fault=Fault.BAD_SIGNATURE)
    form = _form(purpose, query)
    return Address(purpose, block, kind, recipient, message, form=form, named=named)


def may_be_unguessable(id: str) -> bool:
    return len(id) >= SHORTEST_UNGUESSABLE and not id.isdigit()


def _is_signed(keyring: Keyring, key_id: str, signed: str, lines: tuple[str, ...]) -> bool:
    """Whether a signature is of these lines, the first of which is what it is for."""
    key = keyring.verifying_key(key_id, key_name(lines[0]))
    if key is None or not signed.isascii():
        return False
    return hmac.compare_digest(signed, signature(key, canonical(*lines)))


def _ill_formed(purpose: Purpose, block: str, kind: ImageType, text: bytes) -> Address:
    tag = unrendered(text.decode("latin-1"))
    fault = Fault.TAG_UNRENDERED if tag else Fault.BAD_URL
    return Address(purpose, block, kind, fault=fault, unrendered=tag or "")


def _form(purpose: Purpose, query: bytes) -> Format:
    asks_for_amp = purpose is Purpose.HTML and _ASKS_FOR_AMP in query.split(b"&")
    return Format.AMP if asks_for_amp else Format.HTML


def _read_path(path: str) -> tuple[Purpose, str | None, ImageType | None]:
    purpose = _PURPOSES[path[1]]
    name, kind = path[3:], ImageType.PNG
    if purpose is Purpose.PICTURE:
        name, _, extension = name.rpartition(".")
        if extension not in BY_EXTENSION:
            return purpose, name if block_id_matches(name) else None, None
        kind = BY_EXTENSION[extension]
    return purpose, name if block_id_matches(name) else None, kind


def _read_query(text: str) -> dict[str, str] | None:
    """Our own names with their values; None if one stands there twice."""
    if len(text) > _LONGEST_QUERY:
        return None
    found: dict[str, str] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name in _OURS:
            if name in found:
                return None
            found[name] = value
    return found
