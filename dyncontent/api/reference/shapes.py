"""JSON Schemas in words: the types of fields, what bounds them, and links to what they are of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from markupsafe import Markup, escape

from dyncontent.api.schemas import COMPONENTS

Schema = Mapping[str, Any]

MOST_CHOICES = 12
"""Values that are all named."""
LONGEST_PATTERN = 60

_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "maxProperties": "at most {} of them",
}
_NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: `type` and `about` are HTML."""

    name: str
    needed: bool
    type: Markup
    about: Markup


def anchor(name: str) -> str:
    return f"schema-{name}"


def prose(text: str) -> Markup:
    """A line of Markdown, of which code is all that is marked."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def fields(schema: Schema, components: Mapping[str, Schema]) -> Sequence[Field]:
    """The fields of an object, or of what a reference leads to."""
    whole = resolve(schema, components)
    needed = whole.get("required", ())
    return [
        Field(name, name in needed, in_words(field), about(field))
        for name, field in whole.get("properties", {}).items()
    ]


def resolve(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    while name := reference(schema):
        schema = components[name]
    return schema


def reference(schema: Schema) -> str:
    """The name of the component that a schema is, empty if it is one itself."""
    return str(schema.get("$ref", "")).removeprefix(COMPONENTS)


def in_words(schema: Schema) -> Markup:
    """What a value may be."""
    if name := reference(schema):
        return Markup('<a href="#{}">{}</a>').format(anchor(name), name)
    if "const" in schema:
        return _value(schema["const"])
    if "enum" in schema:
        named = list(map(_value, schema["enum"][:MOST_CHOICES]))
        return _either([*named, *([Markup("…")] if len(schema["enum"]) > MOST_CHOICES else [])])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _either([in_words(one) for one in schema[key] if one != _NULL])
    match schema.get("type"):
        case "array":
            return Markup("list of {}").format(in_words(schema.get("items", {})))
        case "object":
            return _object(schema)
        case None:
            return Markup("anything")
        case type_:
            return Markup("{}").format(schema.get("format") or type_)


def _object(schema: Schema) -> Markup:
    members = list(schema.get("patternProperties", {}).values())
    if isinstance(schema.get("additionalProperties"), Mapping):
        members.append(schema["additionalProperties"])
    named = [in_words(one) for one in members if one != _NULL]
    return Markup("object of {}").format(_either(named)) if named else Markup("object")


def _either(choices: Sequence[Markup]) -> Markup:
    return Markup(" or ").join(dict.fromkeys(choices))


def _value(value: Any) -> Markup:
    return Markup("<code>{}</code>").format(orjson.dumps(value).decode())


def about(schema: Schema) -> Markup:
    """What bounds a value, and what it is for."""
    told = [prose(schema["description"])] if "description" in schema else []
    bounds = list(_bounds(schema))
    if schema.get("default") not in (None, [], {}):
        bounds.append(Markup("else {}").format(_value(schema["default"])))
    if bounds:
        told.append(Markup("; ").join(dict.fromkeys(bounds)))
    return Markup(". ").join(told)


def _bounds(schema: Schema) -> Iterator[Markup]:
    for name, words in _BOUNDS.items():
        if name in schema:
            yield Markup(words).format(f"{schema[name]:,}")  # noqa: S704
    pattern = schema.get("pattern", "")
    if "description" not in schema and len(pattern) in range(1, LONGEST_PATTERN):
        yield Markup("matches <code>{}</code>").format(pattern)
    for choice in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _bounds(choice)
