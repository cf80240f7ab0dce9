"""What an answer of a data source holds: a value for each name, or why there is none."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from dyncontent.catalog.model import ShortText, Texts
from dyncontent.catalog.source import KeptValue, RefusedValue, SourceValue
from dyncontent.errors import short
from rules.facts import FactType, Value
from rules.tree import Amount, Number
from rules.values import is_of

_INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,4})?", re.ASCII)
_NOT_THERE = object()


class NotJsonError(Exception):
    """An answer that is no JSON: why."""


@dataclass(frozen=True, slots=True)
class Extract:
    """`values` as they are stored; `absent` are the names of those that are null, which says that
    there is no value."""

    values: Mapping[str, Any]
    absent: frozenset[str]
    refused: tuple[RefusedValue, ...]


def extract(body: bytes, wanted: Mapping[str, SourceValue]) -> Extract:
    """Raises NotJsonError."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJsonError(str(error)) from error
    values: dict[str, Any] = {}
    absent: set[str] = set()
    refused: list[RefusedValue] = []
    for name, value in wanted.items():
        found = look_up(document, value.pointer)
        if found is None:
            absent.add(name)
            continue
        try:
            if found is _NOT_THERE:
                found = None
                raise ValueError("a value: the answer has nothing there")
            values[name] = _read(FactType(value.type), value.currency, found)
        except ValueError as error:
            refused.append(
                RefusedValue(
                    name=name, pointer=value.pointer, found=short(found), expected=str(error)
                )
            )
    return Extract(values, frozenset(absent), tuple(refused))


def as_fact(kind: FactType, found: Any) -> Value:
    """What a value of an answer is as a fact. Raises ValueError with what would be right."""
    return KeptValue(value=_read(kind, None, found), type=kind, at=0, mark="").fact


def look_up(document: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901), a value that is no JSON if there is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        match document:
            case dict() if name in document:
                document = document[name]
            case list() if _INDEX.fullmatch(name) and int(name) < len(document):
                document = document[int(name)]
            case _:
                return _NOT_THERE
    return document


def _read(kind: FactType, currency: str | None, found: Any) -> Any:
    """As it is stored. Raises ValueError with what would be right."""
    match kind:
        case FactType.TEXT:
            return _valid(_TEXT, found, "a text of at most 500 characters")
        case FactType.TEXTS:
            return list(_valid(_TEXTS, found, "at most 200 texts of at most 500 characters"))
        case FactType.NUMBER if type(found) is not bool:
            return _valid(_NUMBER, found, "a number")
        case FactType.BOOLEAN if type(found) is bool:
            return found
        case FactType.MONEY:
            return _amount(found, currency)
        case FactType.INSTANT:
            return _instant(found)
        case FactType.DATE if is_of(kind, found):
            return found
    raise ValueError(_EXPECTED[kind])


_EXPECTED = {
    FactType.NUMBER: "a number",
    FactType.BOOLEAN: "true or false",
    FactType.DATE: "a day such as 2026-12-24",
}
_TEXT: Callable[[Any], Any] = TypeAdapter(ShortText).validate_python
_TEXTS: Callable[[Any], Any] = TypeAdapter(Texts).validate_python
_NUMBER: Callable[[Any], Any] = TypeAdapter(Number).validate_python


def _valid(validate: Callable[..., Any], found: Any, expected: str) -> Any:
    try:
        return validate(tuple(found) if type(found) is list else found, strict=True)
    except ValidationError as error:
        raise ValueError(expected) from error


def _amount(found: Any, currency: str | None) -> dict[str, str]:
    """`{"amount": "19.90", "currency": "EUR"}`, or, where the currency is known, a number."""
    if currency is None:
        expected = 'an amount such as {"amount": "19.90", "currency": "EUR"}; or name the currency'
        written = found
    else:
        expected = "an amount that is not negative, with at most 4 decimals"
        amount = repr(found) if type(found) in (int, float) else found
        if type(amount) is not str or not _AMOUNT.fullmatch(amount):
            raise ValueError(expected)
        written = {"amount": Decimal(amount), "currency": currency}
    try:
        read = Amount.model_validate(written)
    except ValidationError as error:
        raise ValueError(expected) from error
    return {"amount": str(read.amount), "currency": read.currency}


def _instant(found: Any) -> str:
    """ISO 8601 with an offset, or seconds since the epoch."""
    if type(found) is str and is_of(FactType.INSTANT, found):
        return found
    if type(found) in (int, float):
        try:
            return datetime.fromtimestamp(found, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            pass
    raise ValueError(
        "an instant such as 2026-12-24T18:00:00+02:00, or a number of seconds since 1970"
    )
