from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from renderers.localised import Localised, pick

LOCALISED: TypeAdapter[dict[str, str]] = TypeAdapter(Localised)


@pytest.mark.parametrize(
    ("texts", "locale", "expected"),
    [
        ({"fi": "Hei", "en": "Hi"}, "fi", "Hei"),
        ({"et": "Tere", "et-EE": "Tere, Eesti"}, "et-EE", "Tere, Eesti"),
        ({"en": "Hi", "et": "Tere"}, "et-EE", "Tere"),
        ({"en": "Hi", "any": "👋"}, "ru-RU", "👋"),
        ({"any": "👋", "ru": "Привет"}, "ru-RU", "Привет"),
        ({"en": "Hi", "fi": "Hei"}, "ru", "Hi"),
        ({"en-GB": "Hello", "en-US": "Howdy"}, "en", "Hello"),
    ],
    ids=["own", "region", "language", "common", "language first", "first", "no region asked"],
)
def test_the_nearest_text_is_picked(texts: dict[str, str], locale: str, expected: str) -> None:
    assert pick(texts, locale) == expected


def test_a_plain_text_is_a_text_in_any_language() -> None:
    assert LOCALISED.validate_python("Hello") == {"any": "Hello"}


def test_texts_by_language_are_kept_in_order() -> None:
    texts = {"fi": "Hei", "et-EE": "Tere", "any": ""}
    assert list(LOCALISED.validate_python(texts).items()) == list(texts.items())


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"FI": "Hei"},
        {"fi_FI": "Hei"},
        {"fi\n": "Hei"},
        {"finn": "Hei"},
        {"fi": None},
        {"fi": "x" * 2001},
        "x" * 2001,
        {f"{first}{second}": "" for first in "abcdefgh" for second in "abcdef"},
        None,
        5,
    ],
)
def test_what_is_no_text_in_languages_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        LOCALISED.validate_python(value)
