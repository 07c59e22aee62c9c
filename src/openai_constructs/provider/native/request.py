"""The body of a request, made from a configuration by the table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from openai_constructs.schema import Block, Encoding

__all__ = ["call_choice", "hashed_body", "request_body"]

_NO_PARAMETERS: Final = '{"type": "object", "properties": {}}'


def request_body(block: Block, config: Mapping[str, Any], *, takes_store: bool = True) -> dict[str, Any]:
    """The body of a request: every argument of the table that is sent, in its order.

    Null and empty lists and maps are omitted; zeros, false and empty texts are not.

    Args:
        block: The resource, as the table has it.
        config: The configuration.
        takes_store: The host is known to take `store: false`: flags that are not set are sent as false.
    """
    body: dict[str, Any] = {}
    for name, encoding in block.sent_arguments.items():
        if (encoding == "flag" and takes_store) or _is_set(config[name]):
            value = _ENCODERS[encoding](config[name])
            body |= value if encoding == "extra" else {name: value}
    return body


def hashed_body(block: Block, body: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a body that makes the request another one: without labels and other settings."""
    settings = block.sent_arguments.keys() - block.hashed_arguments
    return {name: value for name, value in body.items() if name not in settings}


def call_choice(value: str, words: Iterable[str], *, bare: bool = False) -> str | dict[str, Any]:
    """A word of the API, or the name of a function as the API wants it.

    Args:
        value: The word, or the name.
        words: The words.
        bare: The name is written as ``function_call`` has it, not as ``tool_choice``.
    """
    if value in words:
        return value
    return {"name": value} if bare else {"type": "function", "function": {"name": value}}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message["role"]}
    calls = [
        {"id": it["id"], "type": "function", "function": call}
        for it in message["tool_calls"] or ()
        for call in it["function"]
    ]
    # A message that is a call says nothing: the API has null for that, and no empty text.
    if message["content"] or not (calls or message["function_call"]):
        body["content"] = message["content"] or ""
    for call in message["function_call"] or ():
        body["function_call"] = dict(call)
    if calls:
        body["tool_calls"] = calls
    return body | {name: it for name in ("name", "tool_call_id") if (it := message[name]) is not None}


def _function(function: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: it for name in ("description", "strict") if (it := function.get(name)) is not None}
    parameters = json.loads(function["parameters"] or _NO_PARAMETERS)
    return {"name": function["name"], **told, "parameters": parameters}


def _response_format(shape: Mapping[str, Any]) -> dict[str, Any]:
    if shape["type"] != "json_schema":
        return {"type": shape["type"]}
    told = {name: it for name in ("description", "strict") if (it := shape[name]) is not None}
    schema = {"name": shape["name"], **told, "schema": json.loads(shape["schema"])}
    return {"type": "json_schema", "json_schema": schema}


def _is_set(value: Any) -> bool:
    return value is not None and value != [] and value != {}


_ENCODERS: Final[Mapping[Encoding, Callable[[Any], Any]]] = {
    "value": lambda value: value,
    "json": json.loads,
    "extra": json.loads,
    "flag": bool,
    "messages": lambda messages: [_message(it) for it in messages],
    "functions": lambda functions: [_function(it) for it in functions],
    "function_call": lambda choice: call_choice(choice, ("none", "auto"), bare=True),
    "tools": lambda tools: [{"type": "function", "function": _function(it)} for it in tools],
    "tool_choice": lambda choice: call_choice(choice, ("none", "auto", "required")),
    "response_format": lambda blocks: _response_format(blocks[0]),
}
