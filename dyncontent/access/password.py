"""Passwords: which are good enough, and how they are kept (Argon2id, RFC 9106)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

LEAST_CHARACTERS = 12
LEAST_DIFFERENT = 5
LONGEST = 1000

_hasher = PasswordHasher()


class WeakPasswordError(Exception):
    """A password that could be guessed: why, and what would be right."""


def hashed(password: str, name: str) -> str:
    """What is kept of a user's password. Raises WeakPasswordError."""
    password = _normal(password)
    if not LEAST_CHARACTERS <= len(password) <= LONGEST:
        raise WeakPasswordError(
            f"a password has {LEAST_CHARACTERS} to {LONGEST} characters, such as four words; this"
            f" one has {len(password)}"
        )
    if len(set(password.casefold())) < LEAST_DIFFERENT:
        raise WeakPasswordError(f"a password has at least {LEAST_DIFFERENT} different characters")
    if _normal(name).casefold() in password.casefold():
        raise WeakPasswordError("a password does not hold the name of its user")
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether this is the password of which that was kept."""
    try:
        return _hasher.verify(kept, _normal(password))
    except VerifyMismatchError:
        return False


def _normal(text: str) -> str:
    """The same letters, whichever keyboard wrote them."""
    return unicodedata.normalize("NFKC", text)
