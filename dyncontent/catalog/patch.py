"""JSON merge patches (RFC 7396) of what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from dyncontent.catalog.kinds import Kind, Stored
from dyncontent.catalog.model import Definition

DEEPEST = 50
"""Objects and lists in one another: more than any document has."""


def is_deep(patch: Mapping[str, Any]) -> bool:
    """Whether a patch is nested more deeply than any document."""
    here: list[Any] = [patch]
    for _ in range(DEEPEST):
        inner = [value for one in here for value in (one.values() if type(one) is dict else one)]
        here = [value for value in inner if isinstance(value, dict | list)]
        if not here:
            return False
    return True


def body_of(kind: Kind[Stored], stored: Stored) -> dict[str, Any]:
    """What a client would have written to have this stored."""
    fields = names_of(kind.body)
    document: dict[str, Any] = orjson.loads(stored.told.readable)
    return {name: value for name, value in document.items() if name in fields}


def names_of(body: type[Definition]) -> Sequence[str]:
    """The fields as clients name them."""
    return [field.alias or name for name, field in body.model_fields.items()]


def merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged
