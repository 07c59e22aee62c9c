"""The block `response_format`: what a format or a pydantic model is written as.

The text decides the request hash: another order of keys is another request, and asks every completion again.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from pydantic import BaseModel, Field, WithJsonSchema

from openai_constructs import ResponseFormat
from openai_constructs.values.checks import Checks
from openai_constructs.values.formats import format_arguments


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Part(BaseModel):
    """A part."""

    name: str
    weight: float | None = None


class Order(BaseModel):
    """An order."""

    note: Optional[str] = Field(default=None, description="For the kitchen.")  # noqa: UP045
    amount: Union[int, str] = 1  # noqa: UP007
    size: Size | None = None
    first: Part | None = None
    parts: list[Part | str] = []
    kind: Literal["eat", "drink"] | None = "eat"


NULLABLE_TEXT = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def blocks(value: object) -> list[dict[str, object]]:
    checks = Checks()
    rendered = format_arguments(checks, value)
    assert not checks.problems
    return rendered


def properties(model: type[BaseModel]) -> Any:
    (block,) = blocks(model)
    schema: Any = block["schema"]
    return schema["properties"]


def test_optional_fields_and_unions() -> None:
    """Of an optional field or a union every alternative is kept, with its own type; defaults are left out."""
    assert properties(Order) == {
        "note": {**NULLABLE_TEXT, "description": "For the kitchen."},
        "amount": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "size": {"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]},
        "first": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]},
        "parts": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "string"}]}},
        "kind": {"anyOf": [{"enum": ["eat", "drink"], "type": "string"}, {"type": "null"}]},
    }


def test_every_object_is_strict() -> None:
    """Nested objects too have all their properties required, and no others."""
    (block,) = blocks(Order)
    schema: Any = block["schema"]
    assert schema["required"] == ["note", "amount", "size", "first", "parts", "kind"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"] == {
        "Part": {
            "description": "A part.",
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "weight": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            },
            "required": ["name", "weight"],
            "additionalProperties": False,
        },
        "Size": {"enum": ["s", "l"], "type": "string"},
    }


def test_an_object_among_alternatives_is_strict() -> None:
    """So is an object that is written out where a field has alternatives."""
    written = {
        "anyOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}},
            {"type": "null"},
        ]
    }

    class Holder(BaseModel):
        held: Annotated[object, WithJsonSchema(written)]

    properties_ = {"a": {"type": "integer"}}
    strict = {"type": "object", "properties": properties_, "required": ["a"], "additionalProperties": False}
    assert properties(Holder) == {"held": {"anyOf": [strict, {"type": "null"}]}}


SCHEMA = {"type": "object", "properties": {"b": {"type": "string", "default": "x"}, "a": {}}}
SCHEMA_TEXT = '{"type": "object", "properties": {"b": {"type": "string", "default": "x"}, "a": {}}}'
PART_TEXT = (
    '"type": "object", "properties": {"name": {"type": "string"}, '
    '"weight": {"anyOf": [{"type": "number"}, {"type": "null"}]}}'
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (ResponseFormat("text"), '{"type": "text"}'),
        (ResponseFormat.json_object(), '{"type": "json_object"}'),
        (
            ResponseFormat("json_schema", "it", SCHEMA),
            f'{{"type": "json_schema", "name": "it", "schema": {SCHEMA_TEXT}}}',
        ),
        (
            ResponseFormat("json_schema", "it", '{ "type":"object" }', "What.", strict=False),
            (
                '{"type": "json_schema", "name": "it", "description": "What.", "strict": false, '
                '"schema": "{ \\"type\\":\\"object\\" }"}'
            ),
        ),
        (
            Part,
            (
                '{"type": "json_schema", "name": "Part", "description": "A part.", "strict": true, '
                f'"schema": {{{PART_TEXT}, "required": ["name", "weight"], "additionalProperties": false}}}}'
            ),
        ),
        (
            ResponseFormat.of(Part, name="it", strict=False),
            (
                '{"type": "json_schema", "name": "it", "description": "A part.", "strict": false, '
                f'"schema": {{{PART_TEXT}, "required": ["name"]}}}}'
            ),
        ),
    ],
)
def test_the_text_of_a_format_stays(value: object, written: str) -> None:
    """A format is written as in earlier releases, in the same order; what is not set is left out."""
    assert json.dumps(*blocks(value)) == written
