"""Conditions: their JSON Schema, what one says in words, JSONLogic in and out; and the types of
the attributes that they may ask of."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_json, read_model
from dyncontent.api.conditional import precondition, unless_known
from dyncontent.api.operation import Content, Operation, Scope
from dyncontent.api.problems import invalid, refused
from dyncontent.api.respond import json
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.model import Definition, one_of, plain
from dyncontent.catalog.precondition import etag
from dyncontent.errors import BadField, short
from rules import jsonlogic
from rules.facts import Declared
from rules.language import LANGUAGES, Language, Names
from rules.sentence import condition_sentence
from rules.tree import DECLARED, Condition, RootCondition, schema


class ConditionAsked(Definition):
    """A `condition`, or a `rule` of JSONLogic; `names` are our facts for that one's variables."""

    model_config = ConfigDict(json_schema_extra=one_of("condition", "rule"))

    condition: RootCondition | None = None
    rule: Any = None
    names: Annotated[dict[str, str], Field(max_length=200)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.condition is None) == (self.rule is None):
            raise ValueError("either a condition or a rule is read")
        return self


class ConditionTold(Definition):
    """The condition, the rule of JSONLogic that says the same, and both in words."""

    condition: Condition
    rule: Any
    sentence: dict[Literal["en", "et", "fi", "ru"], str]


_EXAMPLE = {"condition": {"op": "at_most", "fact": "product.rome.stock", "value": 0}}


class Conditions:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def operations(self) -> list[Operation]:
        read, write = Scope.READ_DEFINITIONS, Scope.WRITE_DEFINITIONS
        types = "attribute types"
        return [
            Operation(
                "POST",
                "/conditions",
                self.read,
                "Say a condition in words",
                read,
                body=ConditionAsked,
                answer=ConditionTold,
                example=_EXAMPLE,
                description="A condition, or a rule of JSONLogic, is answered as both.",
            ),
            Operation(
                "GET",
                "/conditions/schema",
                self.schema,
                "Read the schema of conditions",
                read,
                answer=Content(("application/json",), schema={"type": "object"}),
            ),
            Operation(
                "GET",
                "/attributes",
                self.attributes,
                f"Read the {types}",
                read,
                answer=AttributeTypes,
                conditional=True,
            ),
            Operation(
                "PUT",
                "/attributes",
                self.put_attributes,
                f"Replace the {types}",
                write,
                body=AttributeTypes,
                answer=AttributeTypes,
                problems=(412,),
                conditional=True,
                example={"recipient": {"plan": "text"}, "product": {"sizes": "texts"}},
                description="What was published keeps the types of its day.",
            ),
        ]

    async def read(self, request: Request) -> Response:
        """The condition, the rule that says the same, and both in words."""
        raw, body = await read_json(request)
        declared = await self._catalogue.declared()
        try:
            asked = ConditionAsked.model_validate_json(raw, context={DECLARED: declared})
            condition = asked.condition or jsonlogic.parse(asked.rule, declared, asked.names)
        except ValidationError as error:
            raise refused(error, body) from error
        except jsonlogic.JsonLogicError as error:
            path = ".".join(filter(None, ("rule", error.path)))
            raise invalid([BadField(path, short(error.value), error.message)]) from error
        return json(await run_in_threadpool(_told, condition, declared))

    async def schema(self, _: Request) -> Response:
        return json(schema())

    async def attributes(self, request: Request) -> Response:
        types = await self._catalogue.attribute_types()
        return unless_known(request, json(plain(types), etag=etag(types)))

    async def put_attributes(self, request: Request) -> Response:
        types = await read_model(request, AttributeTypes)
        await self._catalogue.put_attribute_types(types, precondition(request))
        return json(plain(types), etag=etag(types))


def _told(condition: Condition, declared: Declared) -> dict[str, Any]:
    return {
        "condition": condition.model_dump(mode="json", exclude_defaults=True),
        "rule": jsonlogic.export(condition, declared),
        "sentence": {
            language: condition_sentence(condition, Language(language, Names()))
            for language in LANGUAGES
        },
    }
