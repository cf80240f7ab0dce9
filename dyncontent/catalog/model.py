"""What all definitions have in common: ids, texts, money, attributes, and how they are read."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from renderers.localised import LOCALE, Locale
from rules.facts import ADDED, ID, Value
from rules.tree import Amount, Number

BLOCK_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
WEB_ADDRESS = r"^https?://[!-~]+$"


def _unambiguous(name: str) -> str:
    """A fact's key could be read in two ways if a product's id ended like this."""
    if name.endswith(".attributes"):
        raise ValueError("an id does not end in .attributes")
    return name


Id = Annotated[
    str,
    StringConstraints(pattern=rf"^{ID}$"),
    AfterValidator(_unambiguous),
    Field(description="letters, digits and . _ ~ -, at most 128, beginning with a letter or digit"),
]
"""An id that stands in a URL as it is: nothing in it is ever percent-encoded."""
BlockId = Annotated[
    str,
    StringConstraints(pattern=rf"^{BLOCK_ID}$"),
    Field(description="letters, digits, _ and -, at most 64, beginning with a letter or digit"),
]
VariantId = BlockId
LocaleName = Annotated[str, StringConstraints(pattern=LOCALE)]
ShortText = Annotated[str, Field(max_length=500)]
AttributeName = Annotated[str, StringConstraints(pattern=rf"^{ADDED}$")]
InLanguages = Annotated[dict[Locale, ShortText], Field(min_length=1)]
Texts = Annotated[tuple[ShortText, ...], Field(max_length=200)]
AttributeValue = bool | Number | ShortText | Texts | Amount | InLanguages
Attributes = Annotated[dict[AttributeName, AttributeValue], Field(max_length=200)]
Instant = AwareDatetime


@cache
def zone(name: str) -> ZoneInfo:
    """A time zone. The standard library keeps only the latest few of them."""
    return ZoneInfo(name)


def _zone_name(name: str) -> str:
    try:
        zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a time zone is an IANA name such as Europe/Tallinn") from error
    return name


TimeZone = Annotated[
    str,
    Field(max_length=64, examples=["Europe/Tallinn"], json_schema_extra={"format": "time-zone"}),
    AfterValidator(_zone_name),
]

block_id_matches = re.compile(BLOCK_ID).fullmatch
id_matches = re.compile(ID).fullmatch


class Definition(BaseModel):
    """Something that is written through the control plane. Nothing unknown passes, and no value
    is taken for one of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def replace(self, **changes: Any) -> Self:
        """The same with some fields changed, checked again."""
        values = {name: getattr(self, name) for name in type(self).model_fields} | changes
        return type(self)(**type(self).by_alias(values))

    @classmethod
    def of_checked(cls, values: dict[str, Any]) -> Self:
        """With a value for each field by its name, all of which were checked before: to check them
        again, or to copy one that is alike, takes several times as long."""
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", values)
        object.__setattr__(made, "__pydantic_fields_set__", set(values))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made

    @classmethod
    def by_alias(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values by the names that clients use, such as `class` for `class_`."""
        return {cls.model_fields[name].alias or name: value for name, value in values.items()}

    @property
    def told(self) -> Self:
        """What clients are told of it."""
        return self

    def encoded(self) -> bytes:
        """As it is stored, without what is as it would be anyway."""
        return self.readable

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """What was encoded."""
        return cls.model_validate_json(raw)

    @property
    def readable(self) -> bytes:
        """JSON by the names that clients use, without what is as it would be anyway."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_defaults=True)


def one_of(*names: str) -> JsonDict:
    """The JSON Schema of an object that has one of these fields, and one alone."""
    given: JsonDict = {"not": {"type": "null"}}
    return {"oneOf": [{"required": [name], "properties": {name: given}} for name in names]}


def known(facts: dict[str, Value], attributes: dict[str, Any], prefix: str) -> dict[str, Value]:
    """A source's facts with its attributes among them; what is not known is absent."""
    told = {name: value for name, value in facts.items() if value is not None}
    for name, value in attributes.items():
        # isinstance asks a model's class in Python
        told[f"{prefix}.{name}"] = value.fact if type(value) is Amount else value
    return told


def encode_whole(definition: Definition) -> bytes:
    """A definition for ever: it stays the same when a default changes."""
    return definition.model_dump_json(by_alias=True, exclude_none=True).encode()


def plain(definition: Definition) -> dict[str, Any]:
    """A definition as a client would write it."""
    document: dict[str, Any] = orjson.loads(definition.told.readable)
    return document
