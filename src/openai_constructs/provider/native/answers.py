"""Lenient parsing of completions: an answer that was paid for is never rejected for its form.

A value of an unexpected type is treated as missing; unknown fields are ignored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State

__all__ = [
    "answer_state",
    "choices_state",
    "flag",
    "items",
    "mapping",
    "message_state",
    "shortcomings",
    "text",
    "usage_state",
    "whole",
]

_BEYOND: Final = 2**63
_ENDS: Final = {
    "length": "was cut at the token limit (finish_reason length)",
    "content_filter": "was stopped by the content filter (finish_reason content_filter)",
    "error": "failed half way (finish_reason error)",
}
_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
_DETAILS: Final = {
    "cached_tokens": ("prompt_tokens_details", "cached_tokens"),
    "prompt_audio_tokens": ("prompt_tokens_details", "audio_tokens"),
    "reasoning_tokens": ("completion_tokens_details", "reasoning_tokens"),
    "completion_audio_tokens": ("completion_tokens_details", "audio_tokens"),
}
"""Optional token counts: attribute in the state, and path below `usage` in a completion."""


def answer_state(completion: Mapping[str, Any]) -> State:
    """Convert an answer to the attributes of a resource's state, without the id."""
    return {
        "chat_completion_id": text(completion, "id"),
        "created": whole(completion, "created"),
        "object": text(completion, "object") or "chat.completion",
        "model_used": text(completion, "model"),
        "service_tier_used": text(completion, "service_tier") or None,
        "choices": choices_state(completion),
        "usage": usage_state(completion),
    }


def shortcomings(completion: Mapping[str, Any]) -> list[str]:
    """List the reasons why an answer is incomplete; empty if it is complete."""
    choices = items(completion, "choices")
    if not choices:
        return ["It has no choices."]
    return [
        f"choices[{number}] {reason}."
        for number, choice in enumerate(choices)
        if (reason := _shortcoming(choice)) is not None
    ]


def choices_state(completion: Mapping[str, Any]) -> list[State]:
    """Convert the choices of a completion to blocks of the state."""
    return [
        {
            "index": whole(it, "index"),
            "finish_reason": text(it, "finish_reason"),
            "logprobs": json.dumps(logprobs) if (logprobs := mapping(it.get("logprobs"))) else None,
            "message": [message_state(mapping(it.get("message")))],
        }
        for it in items(completion, "choices")
    ]


def message_state(message: Mapping[str, Any]) -> State:
    """Convert a message to a block of the state, without its name."""
    call = mapping(message.get("function_call"))
    return {
        "role": text(message, "role") or "assistant",
        "content": _content(message.get("content")),
        "function_call": [_call(call)] if call else [],
        "tool_calls": [_tool_call(it) for it in items(message, "tool_calls")],
        "refusal": text(message, "refusal") or None,
        "annotations": [_annotation(it) for it in items(message, "annotations")],
    }


def usage_state(completion: Mapping[str, Any]) -> State:
    """Convert the usage to token counts, with the details that the host reports."""
    usage = mapping(completion.get("usage"))
    counts = {name: whole(usage, name) for name in _COUNTS}
    for name, (part, detail) in _DETAILS.items():
        details = mapping(usage.get(part))
        if isinstance(details.get(detail), int):
            counts[name] = whole(details, detail)
    return counts


def items(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the JSON objects in a list; empty if the value is not a list."""
    value = values.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(values: Mapping[str, Any], name: str) -> str:
    """Return a text; "" if the value is not one."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


def whole(values: Mapping[str, Any], name: str) -> int:
    """Return a whole number of at most 64 bits; 0 if the value is not one."""
    value = values.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0
    return int(value) if math.isfinite(value) and abs(value) < _BEYOND else 0


def flag(values: Mapping[str, Any], name: str) -> bool:
    """Return a boolean; false if the value is not one."""
    return values.get(name) is True


def _shortcoming(choice: Mapping[str, Any]) -> str | None:
    message = message_state(mapping(choice.get("message")))
    functions = [it for it in message["tool_calls"] if it["type"] != "custom"]
    calls = [call for it in functions for call in it["function"]] + message["function_call"]
    end = text(choice, "finish_reason")
    if end in _ENDS:
        return _ENDS[end]
    if choice.get("error"):
        return "failed half way: it has an error"
    if message["refusal"]:
        return "is a refusal of the model"
    for call in calls:
        if not _is_json(call["arguments"]):
            return f"calls {call['name']} with arguments that are not JSON"
    is_empty = not (message["content"] or message["tool_calls"] or calls)
    return "has neither text nor calls" if is_empty else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text or "{}")
    except (ValueError, RecursionError):
        return False
    return True


def _call(call: Mapping[str, Any]) -> State:
    return {"name": text(call, "name"), "arguments": text(call, "arguments")}


def _tool_call(call: Mapping[str, Any]) -> State:
    function, custom = mapping(call.get("function")), mapping(call.get("custom"))
    if custom and not function:
        function = {"name": custom.get("name"), "arguments": custom.get("input")}
    return {
        "id": text(call, "id"),
        "type": text(call, "type"),
        "function": [_call(function)] if function else [],
    }


def _annotation(annotation: Mapping[str, Any]) -> State:
    citation = mapping(annotation.get("url_citation"))
    return {
        "type": text(annotation, "type"),
        "url": text(citation, "url"),
        "title": text(citation, "title"),
        "start_index": whole(citation, "start_index"),
        "end_index": whole(citation, "end_index"),
    }


def _content(value: Any) -> str:
    if isinstance(value, list):
        return "".join(text(part, "text") for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; an empty one if the value is not an object."""
    return value if isinstance(value, dict) else {}
