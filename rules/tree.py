"""Conditions: a typed tree over facts, as it is stored, refused or accepted.

In the JSON of a condition each node has an `op`; docs/conditions.md lists them all.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from rules.bucket import SHARES
from rules.facts import FACT_NAME, Declared, FactKey, FactType, Money, parse_key
from rules.moment import DURATION, Duration, parse_duration

VERSION: Literal[1] = 1
"""Of the language of conditions, stored with each."""

DEEPEST = 12
MOST_NODES = 200
MOST_MEMBERS = 50
MOST_VALUES = 500
LONGEST_TEXT = 500

DECLARED = "declared attributes"
"""The name of the attributes' types in the context of a validation. Without them the condition
was checked before: it comes from the store."""

CURRENCY = r"^[A-Z]{3}$"
_POINT = re.compile(
    r"\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
POINT = "^({}|now|today)$".format(_POINT.pattern.replace("?P<time>", ""))
NOW = "now"
TODAY = "today"


def _known_fact(text: str) -> str:
    parse_key(text)
    return text


FactName = Annotated[
    str,
    Field(
        max_length=220,
        examples=["order.status", "product.vip-trip.stock"],
        json_schema_extra={"pattern": FACT_NAME},
    ),
    AfterValidator(_known_fact),
]
LARGEST_INTEGER = 2**63 - 1


def _in_64_bits(value: Any) -> Any:
    """A larger one would come back as another number."""
    if type(value) is int and abs(value) > LARGEST_INTEGER:
        raise ValueError(f"an integer is from -{LARGEST_INTEGER} to {LARGEST_INTEGER}")
    return value


Number = Annotated[int | Annotated[float, Field(allow_inf_nan=False)], BeforeValidator(_in_64_bits)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


MOST_AMOUNT = 99_999_999_999.9999
_AMOUNT = r"[0-9]{1,11}(\.[0-9]{1,4})?"
_AMOUNT_SCHEMA: JsonDict = {"type": "string", "pattern": f"^{_AMOUNT}$"}


def _exactly(value: Any) -> Any:
    """As it is written: JSON has no decimals."""
    if isinstance(value, str) and re.fullmatch(_AMOUNT, value) is None:
        raise ValueError('an amount is such as "19.90"')
    return Decimal(str(value)) if type(value) in (str, int, float) else value


class Amount(Part):
    """An amount in a currency (ISO 4217): `{"amount": "19.90", "currency": "EUR"}`."""

    amount: Annotated[
        Decimal,
        Field(ge=0, max_digits=15, decimal_places=4),
        BeforeValidator(_exactly),
        WithJsonSchema(
            {"anyOf": [{"type": "number", "minimum": 0, "maximum": MOST_AMOUNT}, _AMOUNT_SCHEMA]}
        ),
    ]
    currency: Annotated[str, StringConstraints(pattern=CURRENCY)]

    @property
    def fact(self) -> Money:
        return Money(self.amount, self.currency)


Scalar = bool | Number | Text | Amount


class Group(Part):
    """`all`: every one holds. `any`: at least one holds."""

    op: Literal["all", "any"]
    of: tuple["Condition", ...] = Field(min_length=1, max_length=MOST_MEMBERS)


class Not(Part):
    op: Literal["not"]
    of: "Condition"


class FactNode(Part):
    """A node that asks of one fact."""

    fact: FactName

    @property
    def key(self) -> FactKey:
        return parse_key(self.fact)

    def _ask(self, info: ValidationInfo, *allowed: FactType) -> FactType | None:
        """The fact's type; None where that is not to be checked.

        Raises ValueError if there is no such fact, or if it cannot be asked in this way.
        """
        declared: Declared | None = (info.context or {}).get(DECLARED)
        if declared is None:
            return None
        kind = self.key.type(declared)
        if kind is None:
            raise ValueError(
                f"{self.key.declaration} is not declared: what a workspace adds has a type before"
                " it is asked of"
            )
        if kind not in allowed:
            raise ValueError(f"this asks of {_either(allowed)}, but {self.fact} is {_RIGHT[kind]}")
        return kind

    def _compare(self, kind: FactType | None, *values: Any) -> None:
        """Raises ValueError for a value that the fact can never have."""
        known = self.key.registered
        if kind is None:
            return
        for value in values:
            constant(kind, value, self.fact)
            if known is None:
                continue
            if known.choices and value not in known.choices:
                names = ", ".join(known.choices)
                raise ValueError(f"{self.fact} is one of {names}, never {value!r}")
            if known.most is not None and not (known.least or 0) <= value <= known.most:
                span = f"{known.least} to {known.most}"
                raise ValueError(f"{self.fact} is from {span}, never {value}")


_EQUATED = (FactType.TEXT, FactType.NUMBER, FactType.BOOLEAN, FactType.MONEY, FactType.DATE)
_ORDERED = (FactType.NUMBER, FactType.MONEY)
_RANGED = (FactType.NUMBER, FactType.MONEY, FactType.DATE, FactType.INSTANT)
_LISTED = (FactType.TEXT, FactType.NUMBER)
_TIMES = (FactType.INSTANT, FactType.DATE)


class CasedNode(FactNode):
    """A node that compares texts, with `ignore_case` by Unicode's canonical caseless matching
    (D145 of the Unicode Standard)."""

    ignore_case: bool = False

    def _compare(self, kind: FactType | None, *values: Any) -> None:
        if self.ignore_case and kind not in (None, FactType.TEXT):
            raise ValueError(f"ignore_case goes with a text, but {self.fact} is {_RIGHT[kind]}")
        super()._compare(kind, *values)


class Equality(CasedNode):
    op: Literal["equals", "not_equals"]
    value: Scalar

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        self._compare(self._ask(info, *_EQUATED), self.value)
        return self


class Comparison(FactNode):
    op: Literal["above", "at_least", "below", "at_most"]
    value: Number | Amount

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        self._compare(self._ask(info, *_ORDERED), self.value)
        return self


Bound = Number | Amount | Text


class Between(FactNode):
    """Both ends belong to it."""

    op: Literal["between"]
    least: Bound
    most: Bound

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        kind = self._ask(info, *_RANGED)
        if kind is None:
            return self
        self._compare(kind, self.least, self.most)
        least, most = (constant(kind, value, self.fact) for value in (self.least, self.most))
        if isinstance(least, Money) and least.currency != most.currency:
            raise ValueError("both ends of a range are in the same currency")
        if least > most:
            raise ValueError(f"the least, {self.least}, is above the most, {self.most}")
        return self


class Membership(CasedNode):
    op: Literal["in", "not_in"]
    values: tuple[bool | Number | Text, ...] = Field(min_length=1, max_length=MOST_VALUES)

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        self._compare(self._ask(info, *_LISTED), *self.values)
        return self


class ListContains(FactNode):
    """Whether a list holds any, all or none of the values."""

    op: Literal["contains_any", "contains_all", "contains_none"]
    values: tuple[Text, ...] = Field(min_length=1, max_length=MOST_VALUES)

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        self._compare(self._ask(info, FactType.TEXTS), *self.values)
        return self


class TextMatch(CasedNode):
    """What a text starts with, ends with or contains; or what a list contains."""

    op: Literal["starts_with", "ends_with", "contains"]
    value: Text

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        if self.op != "contains":
            self._ask(info, FactType.TEXT)
        elif (kind := self._ask(info, FactType.TEXT, FactType.TEXTS)) is not FactType.TEXT:
            self._compare(kind, self.value)
        return self


class Presence(FactNode):
    op: Literal["is_set", "is_not_set"]

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        self._ask(info, *FactType)
        return self


class TimeComparison(FactNode):
    """`value` is an instant (`2026-12-24T18:00+02:00`), the time on the recipient's own clock
    (`2026-12-24T18:00`), a day there (`2026-12-24`), `now` or `today`."""

    op: Literal["before", "after"]
    value: Annotated[Text, Field(json_schema_extra={"pattern": POINT})]

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        kind = self._ask(info, *_TIMES)
        point = parse_point(self.value)
        if kind is FactType.DATE and not (type(point) is date or point == TODAY):
            raise ValueError(f"{self.fact} is a day: it is compared with a day or today")
        return self


def _is_duration(text: str) -> str:
    parse_duration(text)
    return text


class Within(FactNode):
    """Whether a fact lies in the time before now, or after it."""

    op: Literal["within_last", "within_next"]
    duration: Annotated[
        str,
        Field(max_length=40, examples=["P3D", "PT36H"], json_schema_extra={"pattern": DURATION}),
        AfterValidator(_is_duration),
    ]

    @property
    def length(self) -> Duration:
        return parse_duration(self.duration)

    @model_validator(mode="after")
    def _typed(self, info: ValidationInfo) -> Self:
        kind = self._ask(info, *_TIMES)
        if kind is FactType.DATE and not self.length.whole_days:
            raise ValueError(
                f"{self.fact} is a day: the duration is in days, weeks, months or years"
            )
        return self


def _in_hundredths(percent: float) -> float:
    hundredths = percent * SHARES / 100
    if abs(hundredths - round(hundredths)) > 1e-6:
        raise ValueError("a share has at most two decimals")
    return percent


Percent = Annotated[
    Number,
    Field(ge=0, le=100, json_schema_extra={"minimum": 0, "maximum": 100}),
    AfterValidator(_in_hundredths),
]
SALT = r"^[^\x00-\x1f\x7f]{1,100}$"
Salt = Annotated[str, StringConstraints(pattern=SALT), Field(examples=["spring-test"])]


class Share(Part):
    """Whether the recipient is among so many percent of all people: the same people wherever the
    `salt` is the same."""

    op: Literal["share"]
    percent: Percent
    salt: Salt


Leaf = (
    Equality
    | Comparison
    | Between
    | Membership
    | ListContains
    | TextMatch
    | Presence
    | TimeComparison
    | Within
    | Share
)
Condition = Annotated[Group | Not | Leaf, Discriminator("op")]
Group.model_rebuild()
Not.model_rebuild()


def constant(kind: FactType, value: Any, fact: str) -> Any:
    """What a node's value is compared with, as facts of this type are.

    Raises ValueError, with what would be right, for a value of another type.
    """
    match kind:
        case FactType.TEXT | FactType.TEXTS if type(value) is str:
            return value
        case FactType.NUMBER if type(value) in (int, float):
            return value
        case FactType.BOOLEAN if type(value) is bool:
            return value
        case FactType.MONEY if isinstance(value, Amount):
            return value.fact
        case FactType.DATE if type(value) is str and type(point := parse_point(value)) is date:
            return point
        case FactType.INSTANT if type(value) is str:
            point = parse_point(value)
            if isinstance(point, datetime) and point.tzinfo is not None:
                return point
    raise ValueError(f"{fact} is {_RIGHT[kind]}, which {_shown(value)} is not")


_RIGHT = {
    FactType.TEXT: "a text",
    FactType.TEXTS: "a list of texts",
    FactType.NUMBER: "a number",
    FactType.BOOLEAN: "true or false",
    FactType.MONEY: 'money, {"amount": "19.90", "currency": "EUR"}',
    FactType.DATE: "a day, 2026-12-24",
    FactType.INSTANT: "an instant, 2026-12-24T18:00+02:00",
    FactType.LOCALISED: "a text in several languages",
}


def _either(kinds: tuple[FactType, ...]) -> str:
    return ", or of ".join(_RIGHT[kind] for kind in kinds)


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Amount) else repr(value)


Point = datetime | date | Literal["now", "today"]


def parse_point(text: str) -> Point:
    """A point in time of a condition; a datetime without an offset is on the recipient's clock.

    Raises ValueError for anything else.
    """
    if text == "now":
        return "now"
    if text == "today":
        return "today"
    match = _POINT.fullmatch(text)
    try:
        if match is not None:
            return datetime.fromisoformat(text) if match["time"] else date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(
        "a time is 2026-12-24T18:00+02:00, or 2026-12-24T18:00 or 2026-12-24 where the recipient"
        f" is, or now or today, not {text!r}"
    )


def children(node: Condition) -> tuple[Condition, ...]:
    match node:
        case Group():
            return node.of
        case Not():
            return (node.of,)
        case _:
            return ()


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


RootCondition = Annotated[Condition, AfterValidator(_within_limits)]
"""A whole condition, checked against the limits of depth and size."""

_ROOT: TypeAdapter[Condition] = TypeAdapter(RootCondition)


def parse_condition(text: str | bytes, declared: Declared) -> Condition:
    """A condition from its JSON.

    Raises pydantic's ValidationError: where, what is there, and what would be right.
    """
    return _ROOT.validate_json(text, context={DECLARED: declared})


def schema() -> Mapping[str, Any]:
    """The JSON Schema of conditions. It says all but what depends on the facts' types, and the
    limits of depth and number."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"dyncontent condition, version {VERSION}",
        **_ROOT.json_schema(),
    }
