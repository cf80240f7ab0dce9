"""Bearer tokens: what they look like, and what is kept of them."""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from dyncontent.access.scope import Scope
from dyncontent.catalog.model import Definition, Instant

ID = r"[0-9a-z]{12}"
SECRET_LENGTH = 43
"""Of 62 letters and digits: 256 bits."""

_ID_LETTERS = string.digits + string.ascii_lowercase
_LETTERS = string.digits + string.ascii_letters
_is_token = re.compile(rf"dct_({ID})_[0-9A-Za-z]{{{SECRET_LENGTH}}}").fullmatch


def _in_order(scopes: Collection[Scope]) -> tuple[Scope, ...]:
    return tuple(scope for scope in Scope if scope in scopes)


def _to_come(instant: Instant) -> Instant:
    if instant <= datetime.now(UTC):
        raise ValueError("an instant to come")
    return instant


def _printable(name: str) -> str:
    if not name.isprintable() or name.isspace():
        raise ValueError("a name without control characters")
    return name


TokenId = Annotated[
    str,
    StringConstraints(pattern=rf"^{ID}$"),
    Field(description="12 of a-z 0-9: what stands in a token between dct_ and its secret"),
]
TokenName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_printable),
    Field(description="who uses it, 1 to 100 characters"),
]
Scopes = Annotated[
    tuple[Scope, ...], Field(min_length=1, max_length=100), AfterValidator(_in_order)
]


class TokenAsked(Definition):
    """A token to be made; without `expires` it is good until it is revoked."""

    name: TokenName
    scopes: Scopes
    expires: Annotated[Instant, AfterValidator(_to_come)] | None = None


class Token(Definition):
    """What is kept of a token: `digest` is the SHA-256 of its text, in hexadecimal digits."""

    name: TokenName
    scopes: Scopes
    created: Instant
    expires: Instant | None = None
    digest: str

    def opens(self, text: str, now: datetime) -> bool:
        """Whether this is the token's text, and the token is good at that time."""
        is_over = self.expires is not None and self.expires <= now
        return hmac.compare_digest(self.digest, digest(text)) and not is_over


def make(asked: TokenAsked, now: datetime) -> tuple[str, str, Token]:
    """A token's id, its text, which nobody can tell again, and what is to be kept of it."""
    token_id = _random(_ID_LETTERS, 12)
    text = f"dct_{token_id}_{_random(_LETTERS, SECRET_LENGTH)}"
    kept = Token(
        name=asked.name,
        scopes=asked.scopes,
        created=now,
        expires=asked.expires,
        digest=digest(text),
    )
    return token_id, text, kept


def id_in(text: str) -> str | None:
    """The id in a token's text, None if this is no such text."""
    match = _is_token(text)
    return match[1] if match else None


def digest(text: str) -> str:
    """The SHA-256 of a token's text. A plain hash will do: the text cannot be guessed."""
    return hashlib.sha256(text.encode()).hexdigest()


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))
