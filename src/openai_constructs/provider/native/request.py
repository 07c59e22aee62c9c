"""The body of a request, out of a configuration: what is set is sent, zeros and false too, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = ["call_choice", "request_body"]

_PLAIN: Final = (
    "temperature",
    "top_p",
    "n",
    "max_tokens",
    "max_completion_tokens",
    "presence_penalty",
    "frequency_penalty",
    "user",
    "parallel_tool_calls",
    "seed",
    "reasoning_effort",
    "service_tier",
)
_COLLECTIONS: Final = ("stop", "logit_bias")
_NO_PARAMETERS: Final = '{"type": "object", "properties": {}}'


def request_body(config: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent, metadata left out: they are no part of what the model is asked.

    ``store`` is always sent: what it is where it is left out depends on the account, and the state says
    false. ``stream`` never is: the answer is the same, and Terraform waits for all of it in any case.
    """
    body: dict[str, Any] = {
        "model": config["model"],
        "messages": [_message(it) for it in config["messages"]],
        "store": bool(config["store"]),
    }
    body |= {name: config[name] for name in _PLAIN if config[name] is not None}
    body |= {name: config[name] for name in _COLLECTIONS if config[name]}
    if config["functions"]:
        body["functions"] = [_function(it) for it in config["functions"]]
    if config["function_call"] is not None:
        body["function_call"] = call_choice(config["function_call"], ("none", "auto"), bare=True)
    if config["tools"]:
        body["tools"] = [{"type": "function", "function": _function(it)} for it in config["tools"]]
    if config["tool_choice"] is not None:
        body["tool_choice"] = call_choice(config["tool_choice"], ("none", "auto", "required"))
    for shape in config["response_format"] or ():
        body["response_format"] = _response_format(shape)
    return body


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
