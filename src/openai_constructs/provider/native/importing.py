"""Importing a stored completion, with the parts of its request that the store returns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State
from openai_constructs.provider.native.answers import answer_state, items, mapping, message_state, text
from openai_constructs.provider.native.client import Api, Json
from openai_constructs.provider.native.creation import StoredRef
from openai_constructs.provider.native.tags import unlabelled
from openai_constructs.schema import NATIVE, Block, Encoding, TerraformType

__all__ = ["IMPORTED", "imported_state"]

IMPORTED: Final = "import"
"""Marks an imported state: adding arguments that the store does not return is not an edit."""

_PAGE: Final = NATIVE.data_sources["chat_completion_messages"].attributes["limit"].limits.maximum


async def imported_state(api: Api, block: Block, completion_id: str) -> State:
    """Return the state of a stored completion.

    Raises:
        ApiProblem: If the completion or its messages cannot be read.
    """
    completion = await api.send("GET", StoredRef(completion_id).path)
    messages = _sent(await _messages(api, completion_id), completion)
    own, tag = unlabelled(mapping(completion.get("metadata")))
    state: State = {**dict.fromkeys(block.attributes), **{name: [] for name in block.blocks}}
    state |= {name: it.default for name, it in block.attributes.items() if it.default is not None}
    return {
        **state,
        **_echoed(block, completion),
        **answer_state(completion),
        "id": completion_id,
        "_imported_resource": IMPORTED,
        "model": text(completion, "model"),
        "n": max(len(items(completion, "choices")), 1),
        "store": True,
        "metadata": own or None,
        "request_tag": tag,
        "messages": [_message(it) for it in messages],
    }


def _echoed(block: Block, completion: Json) -> State:
    """Return the arguments that the store echoes, ignoring values of an unexpected type."""
    found = {}
    for name, line in block.lines.items():
        if line.echoed is None or line.sent is None:
            continue
        value = _DECODERS[line.sent](completion.get(line.echoed))
        if isinstance(line, Block):
            found[name] = [_typed(line, it) for it in value]
        elif value != "" and _is_of_type(line.type, value):
            found[name] = value
    return found


def _typed(block: Block, row: State) -> State:
    """Return a block with null for each value of an unexpected type."""
    return {
        name: value if _is_of_type(block.attributes[name].type, value) else None
        for name, value in row.items()
    }


def _is_of_type(kind: TerraformType, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ("list", inner):
            return isinstance(value, list) and all(_is_of_type(inner, it) for it in value)
        case ("map", inner):
            return isinstance(value, dict) and all(_is_of_type(inner, it) for it in value.values())
        case _:
            return False


async def _messages(api: Api, completion_id: str) -> list[Mapping[str, Any]]:
    messages: list[Mapping[str, Any]] = []
    seen = {""}
    after: dict[str, str] = {}
    while True:
        query = {"limit": _PAGE, "order": "asc", **after}
        page = await api.send("GET", f"{StoredRef(completion_id).path}/messages", query=query)
        messages += items(page, "data")
        last = text(page, "last_id")
        if not page.get("has_more") or last in seen:
            return messages
        seen.add(last)
        after = {"after": last}


def _sent(messages: list[Mapping[str, Any]], completion: Json) -> list[Mapping[str, Any]]:
    """Return the messages without the answer, which some servers list as well."""
    answers = [message_state(mapping(it.get("message"))) for it in items(completion, "choices")]
    if messages and text(messages[-1], "role") == "assistant" and message_state(messages[-1]) in answers:
        return messages[:-1]
    return messages


def _message(message: Mapping[str, Any]) -> State:
    state = message_state(message)
    calls = [
        {"id": it["id"], "type": it["type"] if it["type"] == "custom" else None, "function": it["function"]}
        for it in state["tool_calls"]
    ]
    return {
        "role": text(message, "role"),
        "content": state["content"],
        "name": text(message, "name") or None,
        "tool_call_id": text(message, "tool_call_id") or None,
        "function_call": state["function_call"],
        "tool_calls": calls,
        "content_parts": [_part(it) for it in _parts(message) if text(it, "type") in ("image_url", "file")],
    }


def _parts(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of a message: ``content_parts`` in OpenAI's store, ``content`` on other servers."""
    return items(message, "content_parts") or items(message, "content")


def _part(part: Mapping[str, Any]) -> State:
    image, file = mapping(part.get("image_url")), mapping(part.get("file"))
    return {
        "image_url": text(image, "url") or None,
        "detail": text(image, "detail") or None,
        **{name: text(file, name) or None for name in ("file_data", "file_id", "filename")},
    }


def _tool(tool: Mapping[str, Any]) -> State:
    custom = mapping(tool.get("custom"))
    function = custom or mapping(tool.get("function"))
    parameters = function.get("parameters")
    grammar = mapping(mapping(custom.get("format")).get("grammar"))
    return {
        "name": function.get("name"),
        "description": function.get("description"),
        "parameters": None if parameters is None else _json(parameters),
        "strict": function.get("strict"),
        "type": "custom" if custom else None,
        "grammar": grammar.get("definition"),
        "syntax": grammar.get("syntax"),
    }


def _choice(choice: Any) -> str | None:
    if not isinstance(choice, dict):
        return choice if isinstance(choice, str) else None
    if allowed := mapping(choice.get("allowed_tools")):
        return text(allowed, "mode")
    return text(mapping(choice.get("custom")) or mapping(choice.get("function")), "name")


def _response_format(shape: Any) -> list[State]:
    if not isinstance(shape, dict):
        return []
    json_schema = mapping(shape.get("json_schema"))
    schema = json_schema.get("schema")
    return [
        {
            "type": text(shape, "type"),
            **{name: json_schema.get(name) for name in ("name", "description", "strict")},
            "schema": None if schema is None else _json(schema),
        }
    ]


def _json(value: Any) -> str:
    """Return JSON in the format of Terraform's ``jsonencode``, so that it equals the configuration's."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


_DECODERS: Final[Mapping[Encoding, Callable[[Any], Any]]] = {
    "value": lambda value: value,
    "json": lambda value: None if value is None else _json(value),
    "flag": lambda value: value,
    "tools": lambda tools: [_tool(it) for it in items({"tools": tools}, "tools")],
    "tool_choice": _choice,
    "response_format": _response_format,
}
"""Decoder of each encoding in a stored completion. Messages are listed separately."""
