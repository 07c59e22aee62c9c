"""Messages: value objects and the SDK's dicts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from openai_constructs import FunctionCall, Message
from openai_constructs.values.checks import Checks
from openai_constructs.values.messages import conversation, message_arguments


def blocks(*messages: Any) -> tuple[list[dict[str, object]], list[str]]:
    checks = Checks()
    return message_arguments(checks, list(messages)), [it.argument for it in checks.problems]


def test_roles_have_constructors() -> None:
    """Each role has a constructor that names it."""
    call = FunctionCall("f", "{}")
    assert Message.system("s") == Message("system", "s")
    assert Message.user("u", name="ann") == Message("user", "u", "ann")
    assert Message.assistant("a", function_call=call) == Message("assistant", "a", None, call)
    assert Message.function("1", name="f") == Message("function", "1", "f")
    assert Message.developer("d") == Message("developer", "d")


def test_messages_are_frozen_and_comparable() -> None:
    """A message can be shared: it is hashable and nothing can change it."""
    message = Message.user("u")
    assert {message} == {Message.user("u")}
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.content = "v"  # type: ignore[misc]


def test_blocks_hold_what_was_set() -> None:
    """A block has the role, the content, and nothing that was left out."""
    given = [Message.system("s"), Message.assistant(function_call=FunctionCall("f", '{"a":1}'))]
    assert blocks(*given) == (
        [
            {"role": "system", "content": "s"},
            {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": '{"a":1}'}},
        ],
        [],
    )


@pytest.mark.parametrize(
    ("given", "block"),
    [
        ({"role": "user", "content": "x"}, {"role": "user", "content": "x"}),
        ({"role": "user", "content": "x", "name": None}, {"role": "user", "content": "x"}),
        ({"role": "user", "content": [{"type": "text", "text": "x"}]}, {"role": "user", "content": "x"}),
        (
            {
                "role": "assistant",
                "content": None,
                "function_call": {"name": "f", "arguments": "{}"},
                "refusal": None,
            },
            {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}},
        ),
        (
            {"role": "function", "content": "1", "name": "f"},
            {"role": "function", "content": "1", "name": "f"},
        ),
    ],
)
def test_dicts_of_the_sdk_are_taken(given: dict[str, object], block: dict[str, object]) -> None:
    """What the SDK writes is taken, as far as the provider has a place for it."""
    assert blocks(given) == ([block], [])


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        (
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            ["content"],
        ),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, ["content"]),
        ({"role": "assistant", "content": "x", "tool_calls": [{"id": "1"}]}, ["tool_calls"]),
        ({"role": "tool", "content": "x", "tool_call_id": "1"}, ["tool_call_id", "role"]),
        ({"role": "assistant", "content": None}, ["content"]),
        ({"role": "assistant", "content": "x", "function_call": {"name": "f"}}, ["function_call"]),
        (
            {"role": "assistant", "content": "x", "function_call": FunctionCall("a b", "")},
            ["function_call.name"],
        ),
        (
            {"role": "assistant", "content": "x", "function_call": FunctionCall("a", 1)},
            ["function_call.arguments"],
        ),
        ({"content": "x"}, ["role"]),
        ({"role": "function", "content": "x", "name": ""}, ["name"]),
        ({"role": "user", "content": "x", "function_call": FunctionCall("f", "{}")}, ["function_call"]),
    ],
)
def test_what_the_provider_has_no_place_for_is_refused(
    given: dict[str, object], arguments: list[str]
) -> None:
    """Nothing of a dict is dropped in silence."""
    assert blocks(given)[1] == [f"messages[0].{it}" for it in arguments]


@pytest.mark.parametrize("given", [None, "text", b"bytes", 5, {"role": "user"}])
def test_messages_are_a_list(given: Any) -> None:
    """A text or a single message is no list of messages."""
    checks = Checks()
    assert message_arguments(checks, given) == []
    assert [it.argument for it in checks.problems] == ["messages"]


def test_a_call_needs_no_content() -> None:
    """Beside a call the API writes null, in a dict and in a Message alike."""
    call = FunctionCall("f", "{}")
    assert blocks(Message("assistant", None, None, call)) == blocks(Message.assistant(function_call=call))  # type: ignore[arg-type]


def test_a_conversation_is_messages_or_a_prompt() -> None:
    """A prompt makes a user message, with the system message before it."""
    checks = Checks()
    expected = [{"role": "system", "content": "s"}, {"role": "user", "content": "p"}]
    assert conversation(checks, messages=None, prompt="p", system="s") == expected
    messages = [Message.system("s"), Message.user("p")]
    assert conversation(checks, messages=messages, prompt=None, system=None) == expected
    assert not checks.problems


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"messages": None, "prompt": None, "system": "s"}, ["prompt"]),
        ({"messages": None, "prompt": None, "system": None}, ["prompt"]),
        ({"messages": [Message.user("x")], "prompt": "p", "system": "s"}, ["prompt", "system"]),
        ({"messages": None, "prompt": 5, "system": ["s"]}, ["system", "prompt"]),
    ],
)
def test_a_conversation_of_neither_or_both_is_refused(given: dict[str, Any], refused: list[str]) -> None:
    """Each argument is named as the user wrote it."""
    checks = Checks()
    conversation(checks, **given)
    assert [it.argument for it in checks.problems] == refused
