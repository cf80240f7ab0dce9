"""Texts in several languages."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints

ANY = "any"
"""The language of a text that is the same in all."""

LOCALE = r"^[a-z]{2,3}(-[A-Z]{2})?$"
LOCALE_OR_ANY = r"^([a-z]{2,3}(-[A-Z]{2})?|any)$"
Locale = Annotated[str, StringConstraints(pattern=LOCALE_OR_ANY)]


def _from_plain_text(value: Any) -> Any:
    return {ANY: value} if isinstance(value, str) else value


PLAIN_TEXT_TOO = BeforeValidator(_from_plain_text, json_schema_input_type=str | dict[str, str])
"""Takes `"Hello"` for `{"any": "Hello"}`."""

Localised = Annotated[
    dict[Locale, Annotated[str, Field(max_length=2000)]],
    Field(min_length=1, max_length=40, examples=["Hello", {"fi": "Hei", "en": "Hello"}]),
    PLAIN_TEXT_TOO,
]
"""A text, or one for each language: `"Hello"` or `{"fi": "Hei", "en": "Hello"}`."""


Text = TypeVar("Text")


def pick(texts: Mapping[str, Text], locale: str) -> Text:
    """The text for `locale` (`et` or `et-EE`): its own, its language's, the common one, or, so
    that something is always said, the first."""
    for choice in (locale, locale.partition("-")[0], ANY):
        if choice in texts:
            return texts[choice]
    return next(iter(texts.values()))
