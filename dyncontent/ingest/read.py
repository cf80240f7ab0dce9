"""Values in what others send: read as they mean it, or refused with what would be right."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dyncontent.catalog.model import Id, id_matches
from dyncontent.errors import BadField, ProblemError, short
from renderers.localised import LOCALE
from rules.tree import CURRENCY

MOST_OF_ONE = 1_000_000
DECIMALS = 4
MOST_DIGITS = 15
AN_ID = "an id: 1 to 128 of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit"
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_id = TypeAdapter(Id)


class BadError(Exception):
    """A value that is refused."""

    def __init__(self, path: str, value: Any, expected: str) -> None:
        super().__init__()
        self.field = BadField(path, short(value), expected)


def refused(*bad: BadError) -> ProblemError:
    """An event of which nothing can be taken."""
    fields = [error.field for error in bad]
    message = f"{fields[0].path} is not as it should be"
    return ProblemError(422, "INVALID", message, fields)


def an_object(value: Any, path: str) -> Mapping[str, Any]:
    """What is not there is empty. Raises BadError for anything else than an object."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadError(path, value, "an object: {...}")
    return value


def an_id(value: Any, path: str) -> str:
    """Raises BadError."""
    text = str(value) if type(value) is int else value
    try:
        return _id.validate_python(text, strict=True)
    except ValidationError as error:
        raise BadError(path, value, AN_ID) from error


def a_person(value: Any, path: str) -> str:
    """The id of a person. An address is never an id: the SHA-256 of it is, of small letters and
    without blanks around it, after `sha256-`. Raises BadError."""
    if isinstance(value, str) and "@" in value:
        return person_of_address(value)
    return an_id(value, path)


def person_of_address(address: str) -> str:
    return f"sha256-{hashlib.sha256(address.strip().lower().encode()).hexdigest()}"


def an_instant(value: Any, path: str) -> datetime:
    """ISO 8601 with an offset; without one it is UTC. Raises BadError."""
    expected = "an instant such as 2026-11-21T10:00:00Z"
    if not isinstance(value, str):
        raise BadError(path, value, expected)
    text = re.sub(r"(\.\d{6})\d+", r"\1", value.strip())
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadError(path, value, expected) from error
    if at < EARLIEST:
        raise BadError(path, value, f"{expected}, not before 1970")
    return at


def a_quantity(value: Any, path: str, otherwise: int = 1) -> int:
    """A whole number, as such or in a text; `otherwise` where nothing is said. Raises BadError."""
    if value is None or value == "":
        return otherwise
    number = value
    if isinstance(value, str) and re.fullmatch(r"\d{1,7}", value.strip()):
        number = int(value)
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    if type(number) is not int or not 0 <= number <= MOST_OF_ONE:
        raise BadError(path, value, f"a whole number from 0 to {MOST_OF_ONE}")
    return number


def money(amount: Any, currency: Any) -> dict[str, str] | None:
    """An amount with its currency as a document holds it; None if either is not known."""
    if not isinstance(currency, str) or not re.fullmatch(CURRENCY, currency.upper()):
        return None
    if type(amount) not in (int, float, str):
        return None
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0 or number.adjusted() > MOST_DIGITS:
        return None
    if number != (rounded := round(number, DECIMALS)):
        number = rounded
    return {"amount": format(number, "f"), "currency": currency.upper()}


def a_locale(value: Any) -> str | None:
    """`et` or `et-EE` of `et`, `et_EE` or `et-Latn-EE`; None of anything else."""
    if not isinstance(value, str):
        return None
    language, *rest = re.split(r"[-_]", value)
    region = next((part.upper() for part in rest if re.fullmatch("[A-Za-z]{2}", part)), None)
    locale = "-".join(part for part in (language.lower(), region) if part)
    return locale if re.fullmatch(LOCALE, locale) else None


def attribute_name(name: str) -> str:
    """`plan_name` of `planName`, `Plan Name` or `plan-name`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def is_id(value: Any) -> bool:
    return isinstance(value, str) and id_matches(value) is not None


def members(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What is in a list, each with its path; nothing of what is not there. Raises BadError for
    anything else than a list."""
    if value is None:
        return
    if not isinstance(value, list):
        raise BadError(path, value, "a list: [...]")
    for number, member in enumerate(value):
        yield f"{path}.{number}", member
