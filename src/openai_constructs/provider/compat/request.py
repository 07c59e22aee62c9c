"""The body of a request, out of a planned completion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.provider.compat.wire import WireError

__all__ = ["request_body"]

_PLAIN: Final = (
    "temperature",
    "top_p",
    "n",
    "stream",
    "stop",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "user",
    "store",
    "metadata",
)


def request_body(planned: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent, in the provider's order.

    Its SDK cannot tell a zero from nothing: 0, false, "" and what is empty are not sent. So a temperature of
    0 is the API's default, and of the schema's defaults temperature, top_p and n are sent, which are 1.
    ``project_id`` has no place in a request.

    Raises:
        WireError: The parameters of a function are no JSON.
    """
    body: dict[str, Any] = {
        "model": planned["model"],
        "messages": [_message(it) for it in planned["messages"]],
        "functions": [_function(it) for it in planned["functions"] or []],
        "function_call": _function_call(planned["function_call"]),
        **{name: planned[name] for name in _PLAIN},
    }
    return {name: it for name, it in body.items() if it or name in {"model", "messages"}}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    body = {"role": message["role"], "content": message["content"] or ""}
    for call in message["function_call"] or []:
        body["function_call"] = {"name": call["name"], "arguments": call["arguments"]}
    if message["name"]:
        body["name"] = message["name"]
    return body


def _function(function: Mapping[str, Any]) -> dict[str, Any]:
    body = {"name": function["name"]}
    if function["description"]:
        body["description"] = function["description"]
    return {**body, "parameters": _raw(function["parameters"])}


def _raw(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise WireError(str(error)) from error


def _function_call(value: str | None) -> str | dict[str, str] | None:
    """``none`` and ``auto`` are words; anything else is the name of a function."""
    return value if not value or value in {"none", "auto"} else {"name": value}
