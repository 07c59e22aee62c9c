"""What constructs refuse of a request because the API always does."""

from __future__ import annotations

from typing import Any

import pytest

from openai_constructs import Message, ResponseFormat, Tool, ToolCall
from openai_constructs.schema import COMPAT, NATIVE
from openai_constructs.values.checks import Checks
from openai_constructs.values.request import request_arguments

CALL = ToolCall("c1", "f", "{}")
ASKED, CALLING, RESULT = (
    Message.user("Hi"),
    Message.assistant(tool_calls=[CALL]),
    Message.tool("1", tool_call_id="c1"),
)
TOKEN = "${TfToken[TOKEN.1]}"
STRICT = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}


def problems(edition: Any = NATIVE, **given: Any) -> list[str]:
    checks = Checks()
    request_arguments(checks, {"model": "m", "messages": [ASKED], **given}, edition)
    return [it.argument for it in checks.problems]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([ASKED, CALLING, RESULT], []),
        ([ASKED, RESULT], ["messages[1].role"]),
        ([ASKED, CALLING], ["messages[1].tool_calls"]),
        ([ASKED, CALLING, ASKED], ["messages[1].tool_calls"]),
        (
            [ASKED, CALLING, Message.tool("1", tool_call_id="c2")],
            ["messages[2].tool_call_id", "messages[1].tool_calls"],
        ),
        ([ASKED, CALLING, Message.tool("1", tool_call_id=TOKEN)], []),
        ([ASKED, Message.assistant(tool_calls=[ToolCall(TOKEN, "f", "{}")]), RESULT], []),
        ([ASKED, Message.assistant(tool_calls=[ToolCall(TOKEN, "f", "{}")])], ["messages[1].tool_calls"]),
        ([Message.user("Hi", name="a b")], ["messages[0].name"]),
        ([Message.user("Hi", name="Jürgen-1")], []),
        ([Message.user("Hi", name=f"a {TOKEN}")], []),
    ],
)
def test_conversations(messages: list[Message], expected: list[str]) -> None:
    """Calls and results belong together; what only Terraform knows is not held against anyone."""
    assert problems(messages=messages) == expected


def test_names_are_checked_for_the_public_provider_too() -> None:
    """The API refuses a name with a space whoever sends it."""
    assert problems(COMPAT, messages=[Message.user("Hi", name="a b")]) == ["messages[0].name"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"response_format": ResponseFormat.json_object()}, ["response_format"]),
        ({"response_format": ResponseFormat.json_object(), "messages": [Message.user("As JSON.")]}, []),
        ({"response_format": ResponseFormat.json_object(), "messages": [Message.user(TOKEN)]}, []),
        ({"parallel_tool_calls": True}, ["parallel_tool_calls"]),
        ({"parallel_tool_calls": False, "tools": [Tool("f")]}, []),
        ({"tools": [Tool("f", None, STRICT, strict=True)]}, []),
        ({"tools": [Tool("f", None, OPEN, strict=False)]}, []),
        ({"tools": [Tool("f", None, OPEN, strict=True)]}, ["tools[0].parameters"]),
        (
            {"tools": [Tool("f", None, {"type": "object", "properties": {"a": 3}})]},
            ["tools[0].parameters.properties.a"],
        ),
        (
            {"response_format": ResponseFormat("json_schema", "s", OPEN, None, True)},
            ["response_format.schema"],
        ),
        ({"response_format": ResponseFormat("json_schema", "s", OPEN)}, []),
        ({"response_format": ResponseFormat("json_schema", "a b", STRICT)}, ["response_format.name"]),
    ],
    ids=str,
)
def test_arguments_together(given: dict[str, Any], expected: list[str]) -> None:
    """Arguments that the API never takes together, and schemas that strict mode refuses."""
    assert problems(**given) == expected
