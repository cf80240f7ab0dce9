"""What people agreed to: by purpose, each with when, to which text, where and how it is proven."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from dyncontent.catalog.model import Definition, Instant, ShortText

SHORT = {"marketing": "marketing.email"}
"""What is opened is an email."""

Purpose = Annotated[
    Literal[
        "marketing.email",
        "marketing.sms",
        "marketing.push",
        "marketing.post",
        "marketing.phone",
        "tracking",
        "profiling",
    ],
    BeforeValidator(lambda given: SHORT.get(given, given) if isinstance(given, str) else given),
]

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "marketing.email": "marketing",
        "tracking": "tracking",
        "profiling": "profiling",
        "marketing.sms": "marketing_sms",
        "marketing.push": "marketing_push",
        "marketing.post": "marketing_post",
        "marketing.phone": "marketing_phone",
    }
)
"""Each purpose, and the field of Consents that holds it."""


class Consents(Definition):
    """What a person agrees to at present. Nothing is taken for granted: None is a purpose of which
    nothing was said. `marketing` is by email."""

    marketing: bool = Field(
        False,
        validation_alias=AliasChoices("marketing", "marketing.email"),
        serialization_alias="marketing",
    )
    tracking: bool = False
    profiling: bool | None = None
    marketing_sms: bool | None = Field(None, alias="marketing.sms")
    marketing_push: bool | None = Field(None, alias="marketing.push")
    marketing_post: bool | None = Field(None, alias="marketing.post")
    marketing_phone: bool | None = Field(None, alias="marketing.phone")

    @property
    def said(self) -> dict[str, bool]:
        """By the names that a stored profile has, without what would be taken for granted."""
        fields = vars(self)
        return {name: fields[field] for field, name, usual in _STORED if fields[field] is not usual}

    @classmethod
    @cache
    def decode(cls, *said: tuple[str, bool]) -> "Consents":
        """What `said` made of them. There are few that differ."""
        known = dict(said)
        return cls.of_checked({field: known.get(name, usual) for field, name, usual in _STORED})

    @classmethod
    @cache
    def of_said(cls, said: str) -> "Consents":
        """By a letter for each purpose, in the order of the fields, of which those at the end may
        be left out: see catalog.stored_people."""
        known = dict(zip(cls.model_fields, said, strict=False))
        return cls.of_checked(
            {field: _LETTERS.get(known.get(field, ""), usual) for field, _, usual in _STORED}
        )

    def stated(self, new: "Consents") -> "Consents":
        """After a profile that says `new`: of marketing by email and of tracking it speaks always,
        of the others where it names them."""
        before, after = vars(self), vars(new)
        kept = {
            field: said
            for field in _ON_DEMAND
            if after[field] is None and (said := before[field]) is not None
        }
        return new.model_copy(update=kept) if kept else new

    def changes(self, new: "Consents") -> dict[str, bool]:
        """The purposes of which `new` says something else, with what it says."""
        before, after = vars(self), vars(new)
        return {
            purpose: bool(after[field])
            for purpose, field in PURPOSES.items()
            if after[field] is not before[field]
        }

    def with_purpose(self, purpose: str, *, given: bool) -> "Consents":
        return self.model_copy(update={PURPOSES[purpose]: given})

    def says(self, purpose: str) -> bool | None:
        said: bool | None = getattr(self, PURPOSES[purpose])
        return said

    @property
    def given(self) -> tuple[str, ...]:
        """The names of what is agreed to, as conditions ask for them."""
        return _given(*vars(self).values())


@cache
def _given(*said: bool | None) -> tuple[str, ...]:
    """Of what is said of each purpose, in the order of the fields."""
    agreed = dict(zip(Consents.model_fields, said, strict=True))
    short = ("marketing",) if agreed["marketing"] else ()
    return (*short, *(purpose for purpose, field in PURPOSES.items() if agreed[field]))


_STORED = tuple(
    (field, info.serialization_alias or field, info.default)
    for field, info in Consents.model_fields.items()
)
_LETTERS = {"y": True, "Y": True, "n": False, "N": False}
_ON_DEMAND = tuple(field for field in PURPOSES.values() if field not in ("marketing", "tracking"))


_SHORTENED = tuple(name for _, name, _ in _STORED)
"""The purposes by the names that a stored profile has."""


def withdrawing(patch: Mapping[str, Any]) -> Mapping[str, Any]:
    """A patch of a profile, in which to remove a consent is to withdraw it, by
    the names that a stored one has."""
    if "consents" not in patch:
        return patch
    match patch["consents"]:
        case None:
            said: Any = dict.fromkeys(_SHORTENED, False)
        case dict() as given:
            said = {name: False if value is None else value for name, value in given.items()}
            for short, name in SHORT.items():
                if name in said and short not in said:
                    said[short] = said.pop(name)
        case other:
            said = other
    return {**patch, "consents": said}


class Statement(Definition):
    """A person gave a consent, or withdrew it. `version` is that of the text that they were asked,
    `source` where it was (a form, an import, a call), `proof` how it can be shown. `at` is now
    where it is not given."""

    purpose: Annotated[Purpose, Field(description="`marketing` is taken for `marketing.email`")]
    given: bool
    at: Instant | None = None
    version: ShortText | None = None
    source: ShortText = "api"
    proof: Annotated[str, Field(max_length=2000)] | None = None


class ConsentRecord(Statement):
    """A statement as it is kept; `recorded` is when the server heard of it."""

    at: Instant
    recorded: Instant

    @classmethod
    def of(cls, statement: Statement, now: datetime) -> "ConsentRecord":
        fields = {name: getattr(statement, name) for name in Statement.model_fields}
        return cls(**(fields | {"at": statement.at or now, "recorded": now}))
