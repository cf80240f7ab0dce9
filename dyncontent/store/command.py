"""What is asked of the store, and what it answers."""

from typing import Any

Command = tuple[str | bytes | int | float, ...]
Reply = Any
