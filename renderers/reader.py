"""What a layer shows of a person's values."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Annotated, Self

from pydantic import Field, PlainSerializer, ValidationInfo, model_validator

from renderers.fields import Part
from renderers.fonts import can_draw
from renderers.localised import pick
from renderers.template import (
    ALLOWED_VALUES,
    Lookup,
    MissingValueError,
    Template,
    TemplateError,
    Value,
)
from renderers.text.breaks import MOST_CHARACTERS, clean

Content = tuple[str, ...]
"""What a layer shows: equal contents, equal pixels."""


Finite = Annotated[float, Field(allow_inf_nan=False)]
Expected = Annotated[str | Finite | bool, PlainSerializer(lambda value: value)]
"""It is written as it is: by these types alone pydantic writes `false` as 0.0 within a layer."""


class When(Part):
    """When a layer is shown: a value `equals` something, is `one_of` several, `at_least` or
    `at_most` so much, or just `is_set`. A value that is absent is none of these."""

    value: str = Field(max_length=220, examples=["offer.stock"])
    is_set: bool | None = None
    equals: Expected | None = None
    one_of: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=50)
    at_least: Finite | None = None
    at_most: Finite | None = None

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        tests = (self.is_set, self.equals, self.one_of, self.at_least, self.at_most)
        if all(test is None for test in tests):
            raise ValueError("one of is_set, equals, one_of, at_least, at_most is needed")
        if self.is_set is False and sum(test is not None for test in tests) > 1:
            raise ValueError("a value that is not set is nothing else")
        allowed: Callable[[str], bool] | None = (info.context or {}).get(ALLOWED_VALUES)
        if allowed is not None and not allowed(self.value):
            raise TemplateError(f"{self.value!r} is no value that a layer can depend on")
        return self

    def holds(self, value: Value) -> bool:
        if value is None or self.is_set is False:
            return (value is None) is (self.is_set is False)
        if self.equals is not None and not _equal(value, self.equals):
            return False
        if self.one_of is not None and value not in self.one_of:
            return False
        if self.at_least is None and self.at_most is None:
            return True
        number = as_number(value)
        return (
            number is not None
            and (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
        )


def _equal(value: Value, expected: str | float | bool) -> bool:
    """A text is no number, and `true` is not 1."""
    match expected:
        case bool() | str():
            return isinstance(value, type(expected)) and bool(value == expected)
        case _:
            return as_number(value) == expected


def as_number(value: Value) -> float | None:
    """A number, or the amount of money; None for anything else, and for what is beyond all that can
    be counted with."""
    match value:
        case bool():
            return None
        case int() | float() | Decimal():
            return _finite(value)
        case (Decimal() as amount, str()):
            return _finite(amount)
        case _:
            return None


def _finite(value: float | Decimal) -> float | None:
    try:
        number = float(value)
    except (OverflowError, ValueError):  # a huge int; a signalling NaN
        return None
    return number if isfinite(number) else None


class Reader:
    """Values in the way of a language; `templates` are those of all texts. A text that cannot be
    drawn, of which `draws` is asked, is as good as absent. `asked` tells whether a value was looked
    up."""

    def __init__(
        self,
        lookup: Lookup,
        locale: str,
        templates: Mapping[str, Template],
        draws: Callable[[str], bool] = can_draw,
    ) -> None:
        self._lookup = lookup
        self._draws = draws
        self._templates = templates
        self.locale = locale
        self.asked = False

    def text(self, texts: Mapping[str, str], most: int = MOST_CHARACTERS) -> str:
        """Raises MissingValueError if a value without a default is absent, as all others do."""
        return "".join(text for text, _ in self.parts(texts, most))

    def parts(
        self, texts: Mapping[str, str], most: int = MOST_CHARACTERS
    ) -> Iterator[tuple[str, bool]]:
        """A text in parts, with whether each is a value, up to so many characters."""
        left = most
        template = self._templates[pick(texts, self.locale)]
        for text, is_value in template.write_parts(self._look_up, self.locale, self._can_draw):
            yield text[:left], is_value
            left -= len(text)
            if left <= 0:
                return

    def value(self, source: str) -> Value:
        """The value of a text that is one, as it is."""
        return self._templates[source].value(self._look_up, self.locale)

    def number(self, source: float | str) -> float:
        """A number, or a value that is one: any other is as good as absent."""
        if not isinstance(source, str):
            return source
        number = as_number(self.value(source))
        if number is None:
            raise MissingValueError(source)
        return number

    def holds(self, when: When) -> bool:
        return when.holds(self._look_up(when.value))

    def _look_up(self, path: str) -> Value:
        self.asked = True
        value = self._lookup(path)
        return pick(value, self.locale) if isinstance(value, Mapping) else value

    def _can_draw(self, text: str) -> bool:
        return self._draws(clean(text))
