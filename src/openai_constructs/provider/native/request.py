"""Build the body of a request from a configuration, by the table of arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from openai_constructs.schema import Block, Encoding

__all__ = ["hashed_body", "request_body"]

_CHOICES: Final = ("none", "auto", "required")
_NO_PARAMETERS: Final = '{"type": "object", "properties": {}}'


def request_body(block: Block, config: Mapping[str, Any], *, takes_store: bool = True) -> dict[str, Any]:
    """Build the body of a request from all arguments that are sent, in the table's order.

    Null, empty lists and empty maps are omitted; zero, false and empty texts are sent.

    Args:
        block: The resource's entry in the table.
        config: The configuration.
        takes_store: Whether the host accepts `store: false`. If so, flags that are not set are sent as false.
    """
    body: dict[str, Any] = {}
    for name, encoding in block.sent_arguments.items():
        if (encoding == "flag" and takes_store) or _is_set(config[name]):
            value = _ENCODERS[encoding](config[name], config)
            body |= value if encoding == "extra" else {name: value}
    return body


def hashed_body(block: Block, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a body that determines the answer: without metadata and other settings."""
    settings = block.sent_arguments.keys() - block.hashed_arguments
    return {name: value for name, value in body.items() if name not in settings}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message["role"]}
    calls = [_tool_call(it, call) for it in message["tool_calls"] or () for call in it["function"]]
    parts = [_part(it) for it in message.get("content_parts") or ()]
    if parts:
        text = [{"type": "text", "text": message["content"]}] if message["content"] else []
        body["content"] = text + parts
    # The API expects null, not an empty text, as the content of a message that only makes calls.
    elif message["content"] or not (calls or message["function_call"]):
        body["content"] = message["content"] or ""
    for call in message["function_call"] or ():
        body["function_call"] = dict(call)
    if calls:
        body["tool_calls"] = calls
    return body | {name: it for name in ("name", "tool_call_id") if (it := message[name]) is not None}


def _tool_call(call: Mapping[str, Any], function: Mapping[str, Any]) -> dict[str, Any]:
    if call.get("type") == "custom":
        custom = {"name": function["name"], "input": function["arguments"]}
        return {"id": call["id"], "type": "custom", "custom": custom}
    return {"id": call["id"], "type": "function", "function": function}


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    if part["image_url"] is not None:
        detail = {} if part["detail"] is None else {"detail": part["detail"]}
        return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}
    file = {name: it for name in ("file_data", "file_id", "filename") if (it := part[name]) is not None}
    return {"type": "file", "file": file}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "custom":
        return {"type": "function", "function": _function(tool)}
    custom = {name: it for name in ("name", "description") if (it := tool[name]) is not None}
    if tool["grammar"] is not None:
        grammar = {"syntax": tool["syntax"] or "lark", "definition": tool["grammar"]}
        custom["format"] = {"type": "grammar", "grammar": grammar}
    return {"type": "custom", "custom": custom}


def _tool_choice(choice: str, config: Mapping[str, Any]) -> str | dict[str, Any]:
    custom = {it["name"] for it in config.get("tools") or () if it.get("type") == "custom"}
    if config.get("allowed_tools"):
        tools = [_named_tool(name, name in custom) for name in config["allowed_tools"]]
        return {"type": "allowed_tools", "allowed_tools": {"mode": choice, "tools": tools}}
    return choice if choice in _CHOICES else _named_tool(choice, choice in custom)


def _named_tool(name: str, is_custom: bool) -> dict[str, Any]:
    kind = "custom" if is_custom else "function"
    return {"type": kind, kind: {"name": name}}


def _function(function: Mapping[str, Any]) -> dict[str, Any]:
    optional = {name: it for name in ("description", "strict") if (it := function.get(name)) is not None}
    parameters = json.loads(function["parameters"] or _NO_PARAMETERS)
    return {"name": function["name"], **optional, "parameters": parameters}


def _response_format(shape: Mapping[str, Any]) -> dict[str, Any]:
    if shape["type"] != "json_schema":
        return {"type": shape["type"]}
    optional = {name: it for name in ("description", "strict") if (it := shape[name]) is not None}
    schema = {"name": shape["name"], **optional, "schema": json.loads(shape["schema"])}
    return {"type": "json_schema", "json_schema": schema}


def _is_set(value: Any) -> bool:
    return value is not None and value != [] and value != {}


_ENCODERS: Final[Mapping[Encoding, Callable[[Any, Mapping[str, Any]], Any]]] = {
    "value": lambda value, _: value,
    "json": lambda text, _: json.loads(text),
    "extra": lambda text, _: json.loads(text),
    "flag": lambda flag, _: bool(flag),
    "messages": lambda messages, _: [_message(it) for it in messages],
    "functions": lambda functions, _: [_function(it) for it in functions],
    "function_call": lambda choice, _: choice if choice in ("none", "auto") else {"name": choice},
    "tools": lambda tools, _: [_tool(it) for it in tools],
    "tool_choice": _tool_choice,
    "response_format": lambda blocks, _: _response_format(blocks[0]),
}
"""Functions that convert an argument to its value in the body, by encoding."""
