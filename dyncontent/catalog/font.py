"""What is known of an uploaded font."""

from typing import Self

from dyncontent.catalog.model import Definition
from renderers.typeface import Typeface


class Font(Definition):
    """See `renderers.typeface.Typeface`; `bytes` is the size of what is stored."""

    id: str
    type: str
    family: str
    style: str
    weight: int
    glyphs: int
    languages: tuple[str, ...]
    lacks: tuple[str, ...]
    warnings: tuple[str, ...]
    bytes: int

    @classmethod
    def of(cls, typeface: Typeface) -> Self:
        facts = {name: getattr(typeface, name) for name in cls.model_fields if name != "bytes"}
        return cls(**facts, bytes=len(typeface.data))
