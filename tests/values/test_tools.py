"""The blocks `tools` and `tool_calls`: what tools are written as.

The text decides the request hash: another order of keys is another request, and asks every completion again.
"""

from __future__ import annotations

import json

import pytest

from openai_constructs import Function, Tool, ToolCall, ToolChoice
from openai_constructs.values.checks import Checks
from openai_constructs.values.tools import tool_arguments, tool_call_arguments

SCHEMA = {"type": "object", "properties": {"b": {"type": "string", "default": "x"}, "a": {}}}
SCHEMA_TEXT = '{"type": "object", "properties": {"b": {"type": "string", "default": "x"}, "a": {}}}'
STRICT_TEXT = '{ "type":"object", "properties": {}, "additionalProperties":false }'
STRICT = {
    "type": "object",
    "properties": {"b": {"type": "string"}},
    "required": ["b"],
    "additionalProperties": False,
}
NONE_TEXT = '{"type": "object", "properties": {}}'


def book(city: str, nights: int | None = None) -> None:
    """Book a hotel.

    Args:
        city: Where.
    """


BOOK_TEXT = (
    '{"type": "object", "properties": {"city": {"description": "Where.", "type": "string"}, "nights": '
    '{"anyOf": [{"type": "integer"}, {"type": "null"}]}}, '
    '"additionalProperties": false, "required": ["city"]}'
)
BOOK_TOOL_TEXT = (
    f'{{"name": "book", "description": "Book a hotel.", "strict": true, "parameters": {BOOK_TEXT}}}'
)
CITY_ONLY, BOTH = '"required": ["city"]', '"required": ["city", "nights"]'


@pytest.mark.parametrize(
    ("tool", "written"),
    [
        (Tool("f"), f'{{"name": "f", "parameters": {NONE_TEXT}}}'),
        (Function("f"), f'{{"name": "f", "parameters": {NONE_TEXT}}}'),
        (
            Tool("f", "What.", SCHEMA, strict=False),
            f'{{"name": "f", "description": "What.", "strict": false, "parameters": {SCHEMA_TEXT}}}',
        ),
        (
            Tool("f", parameters=STRICT_TEXT, strict=True),
            f'{{"name": "f", "strict": true, "parameters": {json.dumps(STRICT_TEXT)}}}',
        ),
        (
            Function("f", "What.", SCHEMA),
            f'{{"name": "f", "description": "What.", "parameters": {SCHEMA_TEXT}}}',
        ),
        (
            {"type": "function", "function": {"strict": True, "name": "f", "parameters": STRICT}},
            f'{{"name": "f", "strict": true, "parameters": {json.dumps(STRICT)}}}',
        ),
        (
            {"name": "f", "description": "What.", "parameters": None},
            f'{{"name": "f", "description": "What.", "parameters": {NONE_TEXT}}}',
        ),
        (
            Tool.of(book, strict=True),
            BOOK_TOOL_TEXT.replace(CITY_ONLY, BOTH),
        ),
        (
            Tool.of(book, name="f", description="What."),
            f'{{"name": "f", "description": "What.", "parameters": {BOOK_TEXT}}}',
        ),
    ],
)
def test_the_text_of_a_tool_stays(tool: object, written: str) -> None:
    """A tool is written as in earlier releases, in the same order; what is not set is left out."""
    checks = Checks()
    ((block,), choice) = tool_arguments(checks, [tool], None)
    assert not checks.problems
    assert json.dumps(block) == written
    assert choice is None


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (ToolChoice.auto(), "auto"),
        (ToolChoice.none(), "none"),
        (ToolChoice.required(), "required"),
        (ToolChoice.of(Tool("f")), "f"),
        (ToolChoice.of(Function("f")), "f"),
        (ToolChoice.of("f"), "f"),
        ("f", "f"),
        (None, None),
    ],
)
def test_the_text_of_a_choice_stays(choice: object, written: str | None) -> None:
    """A choice is one of the three words, or the name of a tool; tools keep their order."""
    checks = Checks()
    blocks, rendered = tool_arguments(checks, [Tool("g"), Tool("f")], choice)
    assert not checks.problems
    assert [it["name"] for it in blocks] == ["g", "f"]
    assert rendered == written


@pytest.mark.parametrize(
    "call",
    [
        ToolCall("call_1", "f", '{"b": 1}'),
        {"id": "call_1", "type": "function", "function": {"arguments": '{"b": 1}', "name": "f"}},
    ],
)
def test_the_text_of_a_call_stays(call: object) -> None:
    """A call of an earlier turn is its id, and the function with its arguments as the model wrote them."""
    checks = Checks()
    blocks = tool_call_arguments(checks, "tool_calls", [call])
    assert not checks.problems
    assert json.dumps(blocks) == (
        '[{"id": "call_1", "function": [{"name": "f", "arguments": "{\\"b\\": 1}"}]}]'
    )
