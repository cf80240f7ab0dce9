"""People in buckets: the same person always in the same one, whoever computes it.

The position of a unit (a person's id) under a salt is the first four bytes, big-endian, of the
SHA-256 of the lines HASH, salt and unit, joined by line feeds. A bucket of `total` is
`(position * total) >> 32`: integers alone, so that every language gives the same.
`tests/cases/buckets.json` holds vectors.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

HASH = "dyncontent-bucket-1"
"""Names the hash and its version. Another way to hash gets another name, so that nobody moves
unnoticed."""

SHARES = 10_000
"""Shares are given in percent, to the hundredth."""


def position(salt: str, unit: str) -> int:
    """Where a unit stands under a salt: 0 to 2**32 - 1."""
    hashed = _salted(salt).copy()
    hashed.update(unit.encode())
    return int.from_bytes(hashed.digest()[:4], "big")


@lru_cache(maxsize=1024)
def _salted(salt: str) -> "hashlib._Hash":
    return hashlib.sha256(f"{HASH}\n{salt}\n".encode())


def bucket(salt: str, unit: str, total: int) -> int:
    """0 to `total` - 1, each equally often."""
    return (position(salt, unit) * total) >> 32


def in_share(salt: str, unit: str, percent: float) -> bool:
    """Whether a unit is among this many percent. A larger share holds all of a smaller one."""
    return bucket(salt, unit, SHARES) < round(percent * SHARES / 100)


def choose(arms: Sequence[tuple[str, int]], salt: str, unit: str) -> str:
    """One of the arms (each a name and a weight), in proportion to the weights.

    Each arm in turn takes its part from all before it, by a position of its own. So an arm that
    is added at the end moves exactly those whom it gets.
    """
    chosen, total = arms[0]
    for name, weight in arms[1:]:
        total += weight
        if bucket(f"{salt}/{name}", unit, total) < weight:
            chosen = name
    return chosen
