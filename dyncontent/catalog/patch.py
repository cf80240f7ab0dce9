"""JSON merge patches (RFC 7396) of what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from dyncontent.catalog.kinds import Kind, Stored
from dyncontent.catalog.model import Definition, encode


def body_of(kind: Kind[Stored], stored: Stored) -> dict[str, Any]:
    """What a client would have written to have this stored."""
    fields = names_of(kind.body)
    document: dict[str, Any] = orjson.loads(encode(stored.told))
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
