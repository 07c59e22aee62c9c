"""Build the body of a request from a planned completion, by the table of arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from openai_constructs.provider.compat.wire import RawJson
from openai_constructs.schema import Block, Encoding

__all__ = ["crash", "request_body"]

_ALWAYS: Final = frozenset({"model", "messages"})


def request_body(block: Block, planned: Mapping[str, Any]) -> dict[str, Any]:
    """Build the body of a request, in the order of the public provider.

    SDKv2 cannot distinguish zero from null, so 0, false, "" and empty collections are not sent. A temperature
    of 0 therefore means the API's default. Of the schema's own defaults, temperature, top_p and n are sent:
    they are 1.

    Args:
        block: The resource's entry in the table.
        planned: The planned completion.

    Raises:
        WireError: If the parameters of a function are not JSON.
    """
    return {
        name: _ENCODERS[encoding](planned[name])
        for name, encoding in block.sent_arguments.items()
        if planned[name] or name in _ALWAYS
    }


def crash(planned: Mapping[str, Any]) -> str | None:
    """Return why the public provider would crash before this request; ``None`` if it would not.

    SDKv2 passes empty entries as Go's nil, which the public provider does not expect.
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
        "every other completion of the same apply ends in 'Request cancelled'. No request was sent. "
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
    """Return ``none`` or ``auto`` as a text, and any other value as the name of a function."""
    return value if value in {"none", "auto"} else {"name": value}


_ENCODERS: Final[Mapping[Encoding, Callable[[Any], Any]]] = {
    "value": lambda value: value,
    "messages": lambda messages: [_message(it) for it in messages],
    "functions": lambda functions: [_function(it) for it in functions],
    "function_call": _function_call,
}
