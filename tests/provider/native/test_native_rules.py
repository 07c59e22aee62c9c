"""What the native provider's `validate` refuses because the API always does, before anything is planned."""

from __future__ import annotations

from typing import Any

import pytest
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import Unknown
from openai_constructs.provider.native.checks import check_request
from openai_constructs.schema import NATIVE, Block

STRICT = '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}'
OPEN = '{"type": "object", "properties": {"a": {"type": "string"}}}'


def completed(block: Block, values: dict[str, Any]) -> dict[str, Any]:
    attributes = {name: values.get(name) for name in block.attributes}
    blocks = {
        name: it if (it := values.get(name, [])) is Unknown else [completed(nested, inner) for inner in it]
        for name, nested in block.blocks.items()
    }
    return attributes | blocks


def problems(**given: Any) -> list[str]:
    messages = [{"role": "user", "content": "Hi"}]
    config = completed(NATIVE.chat_completion, {"model": "m", "messages": messages, **given})
    diagnostics = Diagnostics()
    check_request(diagnostics, NATIVE.chat_completion, config)
    return [it.summary.removeprefix("Invalid value for ") for it in diagnostics.diagnostics]


USER = {"role": "user", "content": "Hi"}
CALL = {"id": "c1", "function": [{"name": "f", "arguments": "{}"}]}
CALLING = {"role": "assistant", "content": "", "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "1", "tool_call_id": "c1"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"messages": [USER, CALLING, RESULT]}, []),
        ({"messages": [USER, RESULT]}, ["messages[1].role"]),
        ({"messages": [USER, CALLING]}, ["messages[1].tool_calls"]),
        ({"messages": [USER, {**CALLING, "tool_calls": Unknown}, RESULT]}, []),
        ({"messages": [USER, CALLING, {**RESULT, "tool_call_id": Unknown}]}, []),
        ({"messages": [{**USER, "name": "a b"}]}, ["messages[0].name"]),
        ({"messages": [{**USER, "name": Unknown}]}, []),
        ({"messages": Unknown}, []),
        ({"response_format": [{"type": "json_object"}]}, ["response_format"]),
        ({"response_format": [{"type": "json_object"}], "messages": [{**USER, "content": Unknown}]}, []),
        ({"response_format": Unknown}, []),
        ({"parallel_tool_calls": True}, ["parallel_tool_calls"]),
        ({"parallel_tool_calls": Unknown}, []),
        ({"parallel_tool_calls": True, "tools": Unknown}, []),
        ({"tools": [{"name": "f", "parameters": STRICT, "strict": True}]}, []),
        ({"tools": [{"name": "f", "parameters": OPEN, "strict": True}]}, ["tools[0].parameters"]),
        ({"tools": [{"name": "f", "parameters": OPEN}]}, []),
        (
            {"tools": [{"name": "f", "parameters": '{"type": "object", "properties": []}'}]},
            ["tools[0].parameters.properties"],
        ),
        ({"functions": [{"name": "f", "parameters": "[]"}]}, ["functions[0].parameters"]),
        (
            {"response_format": [{"type": "json_schema", "name": "s", "schema": OPEN, "strict": True}]},
            ["response_format.schema"],
        ),
        (
            {"response_format": [{"type": "json_schema", "name": "a b", "schema": STRICT}]},
            ["response_format[0].name"],
        ),
    ],
    ids=lambda it: str(it)[:70],
)
def test_refused_at_validation(given: dict[str, Any], expected: list[str]) -> None:
    """Each is found before a plan; what is not known yet passes."""
    assert problems(**given) == expected
