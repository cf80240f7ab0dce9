"""Explanations in words: in which language, and with the names that a reader knows."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from starlette.requests import Request

from dyncontent.api.problems import invalid
from dyncontent.errors import BadField
from renderers.localised import pick
from rules.facts import Facts
from rules.language import Language, Names

LanguageName = Literal["en", "et", "fi", "ru"]
LANGUAGES = get_args(LanguageName)


def language_of(request: Request) -> str:
    """`language` of the query, English without. Raises ProblemError."""
    given = request.query_params.get("language", "en")
    if given not in LANGUAGES:
        raise invalid([BadField("language", given[:200], f"one of {', '.join(LANGUAGES)}")])
    return given


def speak(language: str, known: Facts, titles: Mapping[str, Any]) -> Language:
    """`titles` are those of products, by their ids."""

    def title(product: str) -> str | None:
        found = titles.get(product)
        return pick(found, language) if found else None

    return Language(language, Names(known.recipient.get("first_name"), title), known.moment.zone)
