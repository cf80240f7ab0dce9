"""Conditions: a typed tree over facts, as it is stored, refused or accepted."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    model_validator,
)

from rules.facts import FactType, parse_key

DEEPEST = 12
MOST_NODES = 200


def _known_fact(text: str) -> str:
    parse_key(text)
    return text


FactName = Annotated[
    str,
    Field(max_length=220, examples=["order.status", "product.vip-trip.stock"]),
    AfterValidator(_known_fact),
]
Number = int | Annotated[float, Field(allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=500)]
Scalar = bool | Number | Text

_SCALARS: dict[FactType, tuple[type, ...]] = {
    FactType.TEXT: (str,),
    FactType.NUMBER: (int, float),
    FactType.ATTRIBUTE: (str, int, float, bool),
}


class Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Group(Node):
    """`all`: every one holds. `any`: at least one holds."""

    op: Literal["all", "any"]
    of: tuple["Condition", ...] = Field(min_length=1, max_length=50)


class Not(Node):
    op: Literal["not"]
    of: "Condition"


class FactNode(Node):
    """A node that asks of one fact; `_types` are those that its operator can compare."""

    fact: FactName

    def _require(self, allowed: tuple[FactType, ...], operator: str) -> FactType:
        kind = parse_key(self.fact).type
        if kind not in allowed:
            names = ", ".join(allowed)
            raise ValueError(f"{operator} compares {names}, but {self.fact} is of the type {kind}")
        return kind


class Equality(FactNode):
    op: Literal["equals", "not_equals"]
    value: Scalar

    @model_validator(mode="after")
    def _typed(self) -> Self:
        _same_type(self.fact, self._require(tuple(_SCALARS), self.op), (self.value,))
        return self


class Comparison(FactNode):
    op: Literal["above", "at_least", "below", "at_most"]
    value: Number

    @model_validator(mode="after")
    def _typed(self) -> Self:
        self._require((FactType.NUMBER, FactType.ATTRIBUTE), self.op)
        return self


class Membership(FactNode):
    op: Literal["in", "not_in"]
    values: tuple[Scalar, ...] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _typed(self) -> Self:
        _same_type(self.fact, self._require(tuple(_SCALARS), self.op), self.values)
        return self


class Contains(FactNode):
    op: Literal["contains"]
    value: Text

    @model_validator(mode="after")
    def _typed(self) -> Self:
        self._require((FactType.TEXTS, FactType.ATTRIBUTE), self.op)
        return self


class Presence(FactNode):
    op: Literal["is_set", "is_not_set"]


Condition = Annotated[
    Group | Not | Equality | Comparison | Membership | Contains | Presence, Discriminator("op")
]

Group.model_rebuild()
Not.model_rebuild()


def _same_type(fact: str, kind: FactType, values: tuple[Scalar, ...]) -> None:
    for value in values:
        if type(value) not in _SCALARS[kind]:
            raise ValueError(f"{fact} is a {kind}, which {value!r} is not")


def _within_limits(root: Condition) -> Condition:
    nodes = 0
    level: list[Condition] = [root]
    for _ in range(DEEPEST):
        nodes += len(level)
        level = [child for node in level for child in children(node)]
        if not level:
            break
    if level:
        raise ValueError(f"a condition is at most {DEEPEST} levels deep")
    if nodes > MOST_NODES:
        raise ValueError(f"a condition has at most {MOST_NODES} nodes, this one {nodes}")
    return root


def children(node: Condition) -> tuple[Condition, ...]:
    match node:
        case Group():
            return node.of
        case Not():
            return (node.of,)
        case _:
            return ()


RootCondition = Annotated[Condition, AfterValidator(_within_limits)]
"""A whole condition, checked against the limits of depth and size."""
