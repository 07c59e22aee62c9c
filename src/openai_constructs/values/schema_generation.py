"""JSON schemas of Python types, made by pydantic in the shape that the API takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from openai_constructs.values.json_schemas import with_schemas

__all__ = ["PlainSchema", "StrictSchema"]

_ANNOTATIONS: Final = frozenset(
    {"title", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$comment"}
)
"""Keywords that say nothing of which values are valid. Strict mode permits none of them."""

_FREE_FORMATS: Final = frozenset({"binary", "password", "path", "file-path", "directory-path"})
"""Formats of pydantic that any text satisfies."""

_JSON_TYPES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


class PlainSchema(GenerateJsonSchema):
    """Pydantic's schema without the titles that it makes up, and without ``default: null``.

    The root is always a schema, never a reference to one: the API wants ``"type": "object"`` there, and
    pydantic writes a reference for recursive models.
    """

    def generate(
        self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation"
    ) -> JsonSchemaValue:
        """Generate the schema of a type."""
        made = super().generate(schema, mode)
        definitions = made.get("$defs", {})
        for _ in definitions:
            if (reference := made.pop("$ref", None)) is None:
                break
            made = {**definitions[reference.removeprefix("#/$defs/")], **made}
        return cast("JsonSchemaValue", with_schemas(made, self.cleaned))

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Whether pydantic makes up a title for a field."""
        return False

    def cleaned(self, schema: JsonSchemaValue) -> JsonSchemaValue:
        """Remove ignored keywords from one schema, whose subschemas are already cleaned."""
        return {
            key: value
            for key, value in schema.items()
            if key != "title" and not (value is None and key in ("default", "const"))
        }


class StrictSchema(PlainSchema):
    """Convert a schema to the form of strict mode, as far as possible.

    Every property is required and there are no others, defaults and other annotations are dropped, tagged
    unions are plain ones, and a reference with a description beside it is the one member of an ``anyOf``.
    Types without a strict form (dicts, ``Any``, tuples) keep what strict mode refuses, for
    ``strict_problems`` to find.
    """

    def cleaned(self, schema: JsonSchemaValue) -> JsonSchemaValue:
        """One schema in the form of strict mode; the schemas in it have that form already."""
        made = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
        if made.get("format") in _FREE_FORMATS:
            del made["format"]
        if made.get("uniqueItems"):
            del made["uniqueItems"]  # pydantic takes duplicates in the JSON of a set
        if "type" not in made and ("enum" in made or "const" in made):
            made |= _type_of_values(made.get("enum", [made.get("const")]))
        if "$ref" in made and made.keys() - {"$ref", "$defs"}:
            made = {"anyOf": [{"$ref": made.pop("$ref")}], **made}
        if "properties" in made:
            made |= {"required": list(made["properties"]), "additionalProperties": False}
        return made

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave defaults out: strict mode has every property written."""
        return self.generate_inner(schema["schema"])

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Write a tagged union as any other one."""
        return {"anyOf": super().tagged_union_schema(schema)["oneOf"]}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Write a decimal as a number: the pattern of its text has lookaheads, which strict mode refuses."""
        bounds = (
            ("ge", "minimum"),
            ("gt", "exclusiveMinimum"),
            ("le", "maximum"),
            ("lt", "exclusiveMaximum"),
        )
        limits = {key: float(schema[name]) for name, key in bounds if name in schema}  # type: ignore[literal-required]
        return {"type": "number", **limits}

    def url_schema(self, schema: core_schema.UrlSchema) -> JsonSchemaValue:
        """Write a URL as a pattern of its schemes, because strict mode has no format for it."""
        made = {key: value for key, value in super().url_schema(schema).items() if key != "format"}
        schemes = "|".join(schema.get("allowed_schemes") or ["https?"])
        return {**made, "pattern": f"^({schemes})://[^ ]+$"}


def _type_of_values(values: list[Any]) -> dict[str, Any]:
    """The ``type`` of some constants; nothing where one is no plain value."""
    if not all(type(it) in _JSON_TYPES for it in values):
        return {}
    types = sorted({_JSON_TYPES[type(it)] for it in values})
    return {"type": types[0] if len(types) == 1 else types}
