"""Completions as the API sends them, read forgivingly: an answer that was paid for is never refused.

What has another type than expected is read as nothing, what is not known is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State

__all__ = ["answer_state", "choices_state", "flag", "items", "message_state", "text", "usage_state", "whole"]

_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")


def answer_state(completion: Mapping[str, Any]) -> State:
    """What an answer says, as it stands in the state of a resource; the id apart."""
    return {
        "chat_completion_id": text(completion, "id"),
        "created": whole(completion, "created"),
        "object": text(completion, "object") or "chat.completion",
        "model_used": text(completion, "model"),
        "choices": choices_state(completion),
        "usage": usage_state(completion),
    }


def choices_state(completion: Mapping[str, Any]) -> list[State]:
    """The answers of a completion."""
    return [
        {
            "index": whole(it, "index"),
            "finish_reason": text(it, "finish_reason"),
            "message": [message_state(_mapping(it.get("message")))],
        }
        for it in items(completion, "choices")
    ]


def message_state(message: Mapping[str, Any]) -> State:
    """A message, without its name."""
    call = _mapping(message.get("function_call"))
    return {
        "role": text(message, "role") or "assistant",
        "content": _content(message.get("content")),
        "function_call": [_call(call)] if call else [],
        "tool_calls": [_tool_call(it) for it in items(message, "tool_calls")],
        "refusal": text(message, "refusal") or None,
    }


def usage_state(completion: Mapping[str, Any]) -> State:
    """Tokens spent."""
    usage = _mapping(completion.get("usage"))
    return {name: whole(usage, name) for name in _COUNTS}


def items(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    found = values.get(name)
    return [it for it in found if isinstance(it, dict)] if isinstance(found, list) else []


def text(values: Mapping[str, Any], name: str) -> str:
    """A text; "" where there is none."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number; 0 where there is none."""
    value = values.get(name)
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0


def flag(values: Mapping[str, Any], name: str) -> bool:
    """A truth value; false where there is none."""
    return values.get(name) is True


def _call(call: Mapping[str, Any]) -> State:
    return {"name": text(call, "name"), "arguments": text(call, "arguments")}


def _tool_call(call: Mapping[str, Any]) -> State:
    function = _mapping(call.get("function"))
    return {
        "id": text(call, "id"),
        "type": text(call, "type"),
        "function": [_call(function)] if function else [],
    }


def _content(value: Any) -> str:
    if isinstance(value, list):
        return "".join(text(part, "text") for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
