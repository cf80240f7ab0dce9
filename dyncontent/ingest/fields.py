"""Fields of documents, as events tell them: checked one by one, and taken where they are news."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import orjson
from pydantic import ValidationError

from dyncontent.api.problems import refused
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.dated import Dated
from dyncontent.catalog.kinds import Kind
from dyncontent.errors import BadField
from dyncontent.ingest.stamps import Ledger, Stamp
from rules.facts import ATTRIBUTE_GROUPS

Stored = TypeVar("Stored", bound=Dated)
_NEEDED: Mapping[str, Mapping[str, Any]] = {
    "order": {"status": "received"},
    "message": {"class": "marketing"},
}
"""Without which no field of such a document can be checked by itself."""


class Checked(NamedTuple):
    """The values of fields as a document holds them, and those that are refused."""

    good: Mapping[str, Any]
    refused: tuple[BadField, ...]


def check(
    kind: Kind[Any], fields: Mapping[str, Any], types: AttributeTypes, context: dict[str, Any]
) -> Checked:
    """Each by itself, so that one that is ill-formed keeps no other from being taken."""
    good: dict[str, Any] = {}
    bad: list[BadField] = []
    for field, value in fields.items():
        try:
            good[field] = _checked(kind, field, value, types, context)
        except _RefusedError as error:
            bad += error.fields
    return Checked(good, tuple(bad))


class _RefusedError(Exception):
    def __init__(self, *fields: BadField) -> None:
        super().__init__()
        self.fields = fields


def _checked(
    kind: Kind[Any], field: str, value: Any, types: AttributeTypes, context: dict[str, Any]
) -> Any:
    group, _, attribute = field.partition(".")
    if value is None:
        if field in _NEEDED.get(kind.name, ()):
            raise _RefusedError(BadField(field, None, "a value: this field is needed"))
        return None
    document = {group: {attribute: value} if attribute else value}
    try:
        raw = orjson.dumps({**_NEEDED.get(kind.name, {}), **document})
        body = kind.body.model_validate_json(raw, context=context)
    except ValidationError as error:
        raise _RefusedError(*refused(error, document).fields) from error
    found = getattr(body, python_name(group))
    if not attribute:
        return found
    for _, type_ in types.wrong(kind.name, found):
        raise _RefusedError(BadField(field, value, f"{type_}, as it was declared"))
    return found[attribute]


def python_name(field: str) -> str:
    return "class_" if field == "class" else field


def take(
    kind: Kind[Stored],
    document: Stored | None,
    ledger: Ledger,
    fields: Mapping[str, Any],
    stamp: Callable[[str, Any], Stamp],
) -> Stored | None:
    """The document with those of the checked fields that are newer than what is known of them.
    `stamp` gives the stamp of each field and value. Raises ValidationError if the fields do not go
    together."""
    group = ATTRIBUTE_GROUPS[kind.name]
    changes: dict[str, Any] = {}
    stamps: dict[str, Stamp] = {}
    attributes: dict[str, Any] = dict(getattr(document, group)) if document else {}
    for field, value in fields.items():
        if not ledger.accepts(document, field, stamp(field, value)):
            continue
        stamps[field] = stamp(field, value)
        name = field.removeprefix(f"{group}.")
        if name == field:
            changes[python_name(field)] = value
        elif value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    if not stamps:
        return document
    changes[group] = attributes
    if document is None:
        document = kind.stored(**kind.stored.by_alias(changes))
    else:
        document = document.replace(**changes)
    ledger.fields |= stamps
    return document
