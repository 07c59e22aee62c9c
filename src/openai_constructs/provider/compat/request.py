"""The body of a request, made from a planned completion by the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from openai_constructs.provider.compat.wire import RawJson
from openai_constructs.schema import Block, Encoding

__all__ = ["crash", "request_body"]

_ALWAYS: Final = frozenset({"model", "messages"})


def request_body(block: Block, planned: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request, in the provider's order.

    Its SDK cannot tell a zero from nothing: 0, false, "" and empty collections are not sent. So a temperature
    of 0 is the API's default, and of the schema's defaults temperature, top_p and n are sent, which are 1.

    Args:
        block: The resource, as the table has it.
        planned: The planned completion.

    Raises:
        WireError: The parameters of a function are no JSON.
    """
    return {
        name: _ENCODERS[encoding](planned[name])
        for name, encoding in block.sent_arguments.items()
        if planned[name] or name in _ALWAYS
    }


def crash(planned: Mapping[str, Any]) -> str | None:
    """Why the released provider would crash before this request; ``None`` where it would not.

    Its SDK hands over empty entries as Go's nil, and the provider takes them for what they should be.
    """
    places = [f"stop.{index}" for index, text in enumerate(planned["stop"] or []) if not text]
    nested = [("functions", planned["functions"] or [])] + [
        (f"messages.{index}.function_call", message["function_call"] or [])
        for index, message in enumerate(planned["messages"])
    ]
    places += [
        f"{path}.{index}"
        for path, items in nested
        for index, item in enumerate(items)
        if not any(item.values())
    ]
    if not places:
        return None
    return (
        f"{', '.join(places)}: empty. mkdev-me/openai 1.2.0 crashes here ('Plugin did not respond'), and "
        "every other completion of the same apply ends in 'Request cancelled'. Nothing was requested. "
        "Remove the empty entry."
    )


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    body = {"role": message["role"], "content": message["content"]}
    for call in message["function_call"] or []:
        body["function_call"] = {"name": call["name"], "arguments": call["arguments"]}
    if message["name"]:
        body["name"] = message["name"]
    return body


def _function(function: Mapping[str, Any]) -> dict[str, Any]:
    body = {"name": function["name"]}
    if function["description"]:
        body["description"] = function["description"]
    return {**body, "parameters": RawJson(function["parameters"])}


def _function_call(value: str) -> str | dict[str, str]:
    """``none`` and ``auto`` are words; anything else is the name of a function."""
    return value if value in {"none", "auto"} else {"name": value}


_ENCODERS: Final[Mapping[Encoding, Callable[[Any], Any]]] = {
    "value": lambda value: value,
    "messages": lambda messages: [_message(it) for it in messages],
    "functions": lambda functions: [_function(it) for it in functions],
    "function_call": _function_call,
}
