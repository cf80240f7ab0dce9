"""The attributes that a workspace adds to the registry of facts, with their types."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from dyncontent.catalog.model import AttributeName, Definition
from rules.facts import ATTRIBUTE_GROUPS, Declared, FactType
from rules.tree import Amount
from rules.values import is_of

Types = Annotated[dict[AttributeName, FactType], Field(max_length=500)]


class AttributeTypes(Definition):
    """The types of attributes by what has them. A condition can ask only of attributes that are
    declared here."""

    recipient: Types = Field(default_factory=dict)
    message: Types = Field(default_factory=dict)
    order: Types = Field(default_factory=dict)
    product: Types = Field(default_factory=dict)

    @cached_property
    def declared(self) -> Declared:
        return {
            f"{kind}.{ATTRIBUTE_GROUPS[kind]}.{name}": type_
            for kind in type(self).model_fields
            for name, type_ in getattr(self, kind).items()
        }

    def wrong(self, kind: str, attributes: Mapping[str, Any]) -> Iterator[tuple[str, FactType]]:
        """The attributes of a document that are of another type than was declared."""
        types: Mapping[str, FactType] = getattr(self, kind)
        if not types:
            return
        for name, value in attributes.items():
            fact = value.fact if isinstance(value, Amount) else value
            if name in types and not is_of(types[name], fact):
                yield name, types[name]
