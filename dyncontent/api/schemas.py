"""The JSON Schemas of models, as OpenAPI 3.1 has them.

All are those of what is validated, also where a model is answered: what comes back is written as a
client would write it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import DictSchema

Schema = dict[str, Any]

COMPONENTS = "#/components/schemas/"
_NOTHING: Schema = {"type": "null"}


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, _: Any) -> bool:
        """The name of a field says enough."""
        return False

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        """A name that does not match is refused, not let pass."""
        written = super().dict_schema(schema)
        if "patternProperties" in written:
            written["additionalProperties"] = False
        return written


def schema_of(type: Any) -> Schema:
    """The JSON Schema of a type without models."""
    return TypeAdapter(type).json_schema(schema_generator=_Generator)


class Schemas:
    """The schemas of some models and of all that they are made of, under their names."""

    def __init__(self, models: Iterable[type[BaseModel]]) -> None:
        asked = [(model, "validation") for model in dict.fromkeys(models)]
        refs, whole = models_json_schema(
            asked,  # type: ignore[arg-type]
            schema_generator=_Generator,
            ref_template=f"{COMPONENTS}{{model}}",
        )
        self._refs = {model: ref for (model, _), ref in refs.items()}
        self.components: dict[str, Schema] = whole.get("$defs", {})
        for schema in self.components.values():
            if "description" in schema:
                schema["description"] = " ".join(schema["description"].split())

    def ref(self, model: type[BaseModel]) -> Schema:
        return dict(self._refs[model])

    def patch_ref(self, model: type[BaseModel]) -> Schema:
        """Of a JSON merge patch (RFC 7396) of the model."""
        return self._patch(self.ref(model))

    def _patch(self, schema: Schema) -> Schema:
        """Nothing is needed, and null removes, also what is not there. Lists are replaced."""
        match schema:
            case {"$ref": str(ref)}:
                return {"$ref": self._patch_component(ref)}
            case {"anyOf": [*choices]}:
                return {"anyOf": [self._patch(choice) for choice in choices]}
            case {"oneOf": [*choices]}:
                return {"anyOf": [self._patch(choice) for choice in choices]}
            case {"type": "object"}:
                return self._patch_object(schema)
            case _:
                return {name: value for name, value in schema.items() if name != "default"}

    def _patch_component(self, ref: str) -> str:
        name = ref.removeprefix(COMPONENTS)
        patched = f"{name}Patch"
        if patched not in self.components:
            self.components[patched] = {}
            self.components[patched] |= self._patch(self.components[name])
        return f"{COMPONENTS}{patched}"

    def _patch_object(self, schema: Schema) -> Schema:
        patched: Schema = {"type": "object"}
        for kind in ("properties", "patternProperties"):
            if members := schema.get(kind):
                patched[kind] = {name: self._or_null(member) for name, member in members.items()}
        match schema.get("additionalProperties"):
            case False:
                patched["additionalProperties"] = _NOTHING
            case Mapping() as member:
                patched["additionalProperties"] = self._or_null(dict(member))
        return patched

    def _or_null(self, schema: Schema) -> Schema:
        patched = self._patch(schema)
        choices = patched.pop("anyOf", [patched])
        if _NOTHING in choices:
            return {"anyOf": choices}
        return {"anyOf": [*choices, _NOTHING]}
