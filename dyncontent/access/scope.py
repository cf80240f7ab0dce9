"""What a token may do."""

from enum import StrEnum


class Scope(StrEnum):
    """What a token may do."""

    READ_DEFINITIONS = "definitions:read"
    WRITE_DEFINITIONS = "definitions:write"
    READ_FACTS = "facts:read"
    WRITE_FACTS = "facts:write"
    LINKS = "links"
    PRIVACY = "privacy"
    ADMIN = "admin"


ALL = tuple(Scope)
