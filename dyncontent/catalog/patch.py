"""JSON merge patches (RFC 7396) of what is stored."""

from collections.abc import Mapping
from typing import Any

import orjson

from dyncontent.catalog.kinds import Kind, Stored
from dyncontent.catalog.model import encode


def body_of(kind: Kind[Stored], stored: Stored) -> dict[str, Any]:
    """What a client would have written to have this stored."""
    fields = {field.alias or name for name, field in kind.body.model_fields.items()}
    document: dict[str, Any] = orjson.loads(encode(stored))
    return {name: value for name, value in document.items() if name in fields}


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
