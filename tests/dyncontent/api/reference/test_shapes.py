"""JSON Schemas in words."""

from typing import Any

import pytest

from dyncontent.api.reference.shapes import about, fields, in_words, prose

THREE = "at most 3 of them"
COMPONENTS: dict[str, Any] = {
    "Thing": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "stock": {"type": "integer", "minimum": 0}},
    },
    "Alias": {"$ref": "#/components/schemas/Thing"},
}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date"}, "date"),
        ({"const": "a<b"}, "<code>&#34;a&lt;b&#34;</code>"),
        ({"enum": ["en", "fi"]}, "<code>&#34;en&#34;</code> or <code>&#34;fi&#34;</code>"),
        ({"enum": list(range(20))}, " or ".join(f"<code>{n}</code>" for n in range(12)) + " or …"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"type": "object"}, "object"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        ({"type": "object", "additionalProperties": {"type": "null"}}, "object"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string"),
        ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "string"),
        ({"$ref": "#/components/schemas/Thing"}, '<a href="#schema-Thing">Thing</a>'),
    ],
)
def test_a_type(schema: dict[str, Any], words: str) -> None:
    assert in_words(schema) == words


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, ""),
        ({"minimum": 1, "maximum": 1000}, "at least 1; at most 1,000"),
        ({"description": "A `note`", "maxLength": 5}, "A <code>note</code>. at most 5 characters"),
        ({"pattern": "^<"}, "matches <code>^&lt;</code>"),
        ({"pattern": "^<", "description": "Letters"}, "Letters"),
        (
            {"anyOf": [{"maxItems": 3, "items": {"maxLength": 2}}]},
            "at most 3 of them; at most 2 characters",
        ),
        ({"default": "png"}, "else <code>&#34;png&#34;</code>"),
        ({"default": None}, ""),
    ],
)
def test_what_bounds_it(schema: dict[str, Any], words: str) -> None:
    assert about(schema) == words


def test_the_fields_of_what_a_reference_leads_to() -> None:
    found = fields({"$ref": "#/components/schemas/Alias"}, COMPONENTS)
    assert [(field.name, field.needed, field.type) for field in found] == [
        ("id", True, "string"),
        ("stock", False, "integer"),
    ]


def test_prose_is_escaped() -> None:
    assert prose("`<a>` & b") == "<code>&lt;a&gt;</code> &amp; b"
