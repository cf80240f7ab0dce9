"""The secrets: what signs URLs, and what opens the control plane.

Each purpose has a key of its own, derived from a secret by HKDF-Expand (RFC 5869) with
HMAC-SHA256, so that a signature for one purpose is worth nothing for another.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import orjson

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of at least 32 bytes, under the id that stands in the URLs that it signed."""

    id: str
    value: bytes

    def key(self, purpose: str) -> bytes:
        """The key (32 bytes) for one purpose."""
        return hmac.digest(self.value, purpose.encode() + b"\x01", hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Secrets, newest first: the first signs, all verify."""

    secrets: tuple[Secret, ...]
    _derived: dict[tuple[str, str], bytes] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def signing_key(self, purpose: str) -> tuple[str, bytes]:
        """The id and the key that sign now."""
        newest = self.secrets[0]
        return newest.id, self._key(newest, purpose)

    def verifying_key(self, key_id: str, purpose: str) -> bytes | None:
        if key := self._derived.get((key_id, purpose)):
            return key
        for secret in self.secrets:
            if secret.id == key_id:
                return self._key(secret, purpose)
        return None

    def _key(self, secret: Secret, purpose: str) -> bytes:
        key = self._derived[secret.id, purpose] = secret.key(purpose)
        return key


def parse_secret(text: str) -> Secret:
    """The secret in `id:base64url`. Raises ValueError with what would be right."""
    key_id, colon, encoded = text.strip().partition(":")
    try:
        value = base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)
    except ValueError:
        value = b""
    if not (colon and key_id.isascii() and key_id.isalnum() and len(key_id) <= 8):
        raise ValueError("a key is id:secret, its id 1 to 8 letters and digits, such as k1")
    if len(value) < SECRET_BYTES:
        raise ValueError(
            f"the secret of key {key_id} is not at least {SECRET_BYTES} bytes in base64url;"
            " make one with: dyncontent keys"
        )
    return Secret(key_id, value)


def new_secret(key_id: str) -> str:
    """A fresh random secret as `id:base64url`. Raises ValueError for an id that cannot be one."""
    made = f"{key_id}:{secrets.token_urlsafe(SECRET_BYTES)}"
    parse_secret(made)
    return made


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is kept in `secrets.json` of the data directory."""

    url_keys: tuple[str, ...]
    api_token: str


def load_or_make(data_dir: Path) -> Secrets:
    """The secrets of this data directory; made at the first start, readable by the owner alone.

    Raises OSError if the file cannot be read or written, ValueError if it is not understood.
    """
    path = data_dir / "secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        return _read(path)
    except FileNotFoundError:
        made = {"url_keys": [new_secret("k1")], "api_token": secrets.token_urlsafe(SECRET_BYTES)}
    with tempfile.NamedTemporaryFile(dir=data_dir, prefix="secrets.") as draft:  # of mode 0600
        draft.write(orjson.dumps(made, option=orjson.OPT_INDENT_2))
        draft.flush()
        os.fsync(draft.fileno())
        with contextlib.suppress(FileExistsError):  # another was first: its secrets hold
            os.link(draft.name, path)
    return _read(path)


def _read(path: Path) -> Secrets:
    try:
        stored = orjson.loads(path.read_bytes())
        found = Secrets(tuple(stored["url_keys"]), stored["api_token"])
        usable = [parse_secret(text) for text in found.url_keys] and found.api_token.strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        usable = None
    if not usable:
        raise ValueError(f"{path} holds no secrets: restore it, or remove it to have new ones made")
    return found
