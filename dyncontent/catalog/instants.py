"""Instants as they are kept: in milliseconds since the epoch."""

import time
from datetime import UTC, datetime


def milliseconds(at: datetime) -> int:
    """Since the epoch."""
    return round(at.timestamp() * 1000)


def now() -> int:
    return time.time_ns() // 1_000_000


def instant(at: int) -> datetime:
    """The instant so many milliseconds after the epoch."""
    return datetime.fromtimestamp(at / 1000, UTC)
