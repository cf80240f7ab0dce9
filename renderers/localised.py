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


_RIGHT_TO_LEFT = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))


def language_of(locale: str) -> str:
    """`et` of `et-EE`."""
    return locale.partition("-")[0]


def is_right_to_left(locale: str) -> bool:
    """Whether its language is written from right to left."""
    return language_of(locale) in _RIGHT_TO_LEFT


Text = TypeVar("Text")


def pick(texts: Mapping[str, Text], locale: str) -> Text:
    """The text for `locale` (`et` or `et-EE`): its own, its language's, the common one, or, so
    that something is always said, the first."""
    for choice in (locale, language_of(locale), ANY):
        if choice in texts:
            return texts[choice]
    return next(iter(texts.values()))
