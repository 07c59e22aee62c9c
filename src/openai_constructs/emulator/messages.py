"""Checks of the conversation in a request."""

from __future__ import annotations

from typing import Any, Final

from openai_constructs.emulator.checks import (
    an_object,
    one_of,
    pattern,
    required,
    size,
    string,
    unsupported_choice,
)
from openai_constructs.emulator.errors import ApiError, invalid_type
from openai_constructs.schema import NATIVE, Limits
from openai_constructs.values.request_rules import AUTHOR_NAME, call_problems

__all__ = ["check_messages", "text_of"]

_ROLES: Final = ("system", "assistant", "user", "function", "tool", "developer")
_PARTS: Final = ("text", "image_url", "input_audio", "refusal", "file")
_MESSAGES: Final = Limits(min_items=1, max_items=1 << 20)
_CALLS: Final = NATIVE.chat_completion.blocks["messages"].blocks["tool_calls"].limits._replace(min_items=1)


def check_messages(name: str, value: Any) -> None:
    """Refuse a conversation that the API cannot read.

    Raises:
        ApiError: 400.
    """
    if not isinstance(value, list):
        raise invalid_type(name, "an array of objects", value)
    size(name, value, _MESSAGES)
    has_calls = False
    for index, message in enumerate(value):
        _check_message(name, index, message)
        has_calls = has_calls or message["role"] == "tool" or "tool_calls" in message
    if has_calls and (problem := next(call_problems(value), None)) is not None:
        if problem.key == "tool_calls":
            raise ApiError(400, problem.message, param=name)
        param = f"{name}.[{problem.position}].{problem.key}"
        raise ApiError(400, f"Invalid parameter: {problem.message}", param=param)


def text_of(message: dict[str, Any]) -> str:
    """Return the text of a message, whose content is one string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and _is_text(part))
    return ""


def _is_text(part: dict[str, Any]) -> bool:
    return isinstance(part.get("text"), str)


def _check_message(name: str, index: int, message: Any) -> None:
    # The usual message first, because naming the parameter costs more than checking it.
    if (
        isinstance(message, dict)
        and len(message) == 2
        and message.get("role") in ("user", "system", "developer", "assistant")
        and isinstance(message.get("content"), str)
    ):
        return
    where = f"{name}[{index}]"
    if not isinstance(message, dict):
        raise invalid_type(where, "an object", message)
    role = required(where, message, "role")
    string(f"{where}.role", role)
    if role not in _ROLES:
        raise unsupported_choice(f"{where}.role", role, _ROLES)
    _check_content(where, role, message)
    _check_role(where, role, message)
    if message.get("name") is not None:
        pattern(f"{where}.name", message["name"], AUTHOR_NAME)


def _check_content(where: str, role: str, message: dict[str, Any]) -> None:
    content = message.get("content")
    if content is None:
        calls = any(message.get(it) is not None for it in ("tool_calls", "function_call", "refusal", "audio"))
        if role == "function" or (role == "assistant" and calls):
            return
        if "content" not in message:
            required(where, message, "content")
        raise ApiError(
            400,
            f"Invalid value for 'content': expected a string, got null. (in '{where}')",
            param=f"{where}.content",
        )
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise invalid_type(f"{where}.content", "a string or an array of objects", content)
    for index, part in enumerate(content):
        _check_part(f"{where}.content[{index}]", part)


def _check_part(where: str, part: Any) -> None:
    an_object(where, part)
    kind = required(where, part, "type")
    string(f"{where}.type", kind)
    if kind not in _PARTS:
        raise unsupported_choice(f"{where}.type", kind, _PARTS)
    inner = required(where, part, kind)
    if kind in ("text", "refusal"):
        string(f"{where}.{kind}", inner)
        return
    an_object(f"{where}.{kind}", inner)
    if kind == "image_url":
        string(f"{where}.image_url.url", required(f"{where}.image_url", inner, "url"))


def _check_role(where: str, role: str, message: dict[str, Any]) -> None:
    if role == "function":
        string(f"{where}.name", required(where, message, "name"))
    elif role == "tool":
        string(f"{where}.tool_call_id", required(where, message, "tool_call_id"))
    call = message.get("function_call")
    if call is not None:
        inner = f"{where}.function_call"
        if not isinstance(call, dict):
            raise invalid_type(inner, "an object", call)
        for key in ("name", "arguments"):
            string(f"{inner}.{key}", required(inner, call, key))
    calls = message.get("tool_calls")
    if calls is not None:
        if not isinstance(calls, list):
            raise invalid_type(f"{where}.tool_calls", "an array of objects", calls)
        size(f"{where}.tool_calls", calls, _CALLS)
        for number, it in enumerate(calls):
            _check_tool_call(f"{where}.tool_calls[{number}]", it)


def _check_tool_call(where: str, call: Any) -> None:
    if not isinstance(call, dict):
        raise invalid_type(where, "an object", call)
    string(f"{where}.id", required(where, call, "id"))
    kind = required(where, call, "type")
    one_of("function", "custom")(f"{where}.type", kind)
    inner = required(where, call, kind)
    an_object(f"{where}.{kind}", inner)
    for key in ("name", "arguments" if kind == "function" else "input"):
        string(f"{where}.{kind}.{key}", required(f"{where}.{kind}", inner, key))
