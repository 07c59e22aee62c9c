"""Arguments that satisfy the JSON schema of a function."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openai_constructs.emulator.schema_values import TooLargeError, satisfying

NODE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["value", "next", "children"],
            "additionalProperties": False,
        }
    },
}

SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "object"},
    {"enum": ["a", 2, None]},
    {"const": {"a": [1]}},
    {"type": "string", "minLength": 30},
    {"type": "string", "minLength": 2, "maxLength": 2},
    {"type": "string", "maxLength": 0},
    {"type": "integer", "minimum": 5},
    {"type": "integer", "maximum": -3},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": 7, "multipleOf": 5},
    {"type": "integer", "minimum": 0, "maximum": 0},
    {"type": "integer", "maximum": 9, "multipleOf": 5},
    {"type": "integer", "maximum": -1, "multipleOf": 4},
    {"type": "number", "minimum": 0.1, "maximum": 0.2},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
    {"type": "number", "maximum": -0.5},
    {"type": "number", "minimum": 2.5},
    {"type": "number", "multipleOf": 0.25, "minimum": 0.3},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "integer", "minimum": 3}, "minItems": 4, "uniqueItems": True},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "maxItems": 0, "items": {"type": "string"}},
    {"type": "array", "minItems": 2.0, "maxItems": 3.0, "items": {"type": "string", "minLength": 9.0}},
    {"type": "object", "minProperties": 2.0, "properties": {"a": {"type": "string", "maxLength": 3.0}}},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"type": "array"},
    {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]},
    {"allOf": [{"type": "integer", "minimum": 3}, {"minimum": 8}, {"maximum": 8}]},
    {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "string"}]},
    {"oneOf": [{"type": "string", "minLength": 3}, {"type": "integer"}]},
    {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer"}},
    {"type": "object", "minProperties": 3, "additionalProperties": {"type": "boolean"}},
    {"type": "object", "properties": {"a": {"type": "string", "default": "d"}, "b": {"examples": ["e"]}}},
    {"type": "object", "properties": {"a/b": {"$ref": "#/properties/c~0d"}, "c~d": {"type": "integer"}}},
    {"type": "string", "pattern": "^[A-Z]{3}$"},
    {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    *[
        {"type": "string", "format": it}
        for it in (
            "date",
            "date-time",
            "time",
            "email",
            "uri",
            "uuid",
            "ipv4",
            "ipv6",
            "hostname",
            "duration",
        )
    ],
    NODE,
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda it: str(it)[:60])
def test_the_value_satisfies_the_schema(schema: dict[str, Any]) -> None:
    """The value is valid by an independent validator, formats included, and is the same every time."""
    value = satisfying(schema)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    assert satisfying(schema) == value


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/nowhere"},
        {"pattern": "("},
        {"properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    ],
)
def test_schemas_without_a_value_end(schema: dict[str, Any]) -> None:
    """A schema that nothing satisfies, or that only points to itself, is given up on in the end."""
    satisfying(schema)


SUM = {
    "type": "object",
    "properties": {"expression": {"anyOf": [{"$ref": "#/$defs/Add"}, {"$ref": "#/$defs/Number"}]}},
    "required": ["expression"],
    "$defs": {
        "Add": {
            "type": "object",
            "properties": {
                "left": {"anyOf": [{"$ref": "#/$defs/Add"}, {"$ref": "#/$defs/Number"}]},
                "right": {"anyOf": [{"$ref": "#/$defs/Add"}, {"$ref": "#/$defs/Number"}]},
            },
            "required": ["left", "right"],
        },
        "Number": {"type": "object", "properties": {"value": {"type": "number"}}, "required": ["value"]},
    },
}


def test_a_union_of_objects_that_hold_each_other_ends() -> None:
    """Deep down, the alternative with the least nesting is taken, so the value stays small."""
    value = satisfying(SUM)
    Draft202012Validator(SUM).validate(value)
    assert len(str(value)) < 2000


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 10**8},
        {"type": "string", "minLength": 10**9},
        {"type": "object", "minProperties": 10**8},
        {"type": "array", "minItems": 99, "items": {"type": "array", "minItems": 999}},
        {"allOf": [{"$ref": "#"}]},
        {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 2}}, "$ref": "#/$defs/a"},
        {
            "$ref": "#/$defs/0",
            "$defs": {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(40)},
        },
    ],
    ids=lambda it: str(it)[:40],
)
def test_values_that_would_be_too_large_are_refused(schema: dict[str, Any]) -> None:
    """A schema whose smallest value is huge, or that never ends, is refused at once."""
    with pytest.raises(TooLargeError):
        satisfying(schema)


def test_no_schema() -> None:
    """Without a schema the value is an empty object."""
    assert satisfying(None) == {}
