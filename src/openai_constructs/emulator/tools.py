"""Functions and tools of a request: check them, and choose the one that the answer calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from openai_constructs.emulator.checks import (
    an_object,
    boolean,
    check_schema,
    one_of,
    pattern,
    required,
    size,
    string,
    unsupported_choice,
)
from openai_constructs.emulator.errors import ApiError, invalid_type
from openai_constructs.emulator.messages import text_of
from openai_constructs.schema import NATIVE
from openai_constructs.values.json_schemas import item_problems

__all__ = ["Callee", "callee", "check_calls", "check_functions", "check_tools"]

_TOOLS: Final = NATIVE.chat_completion.blocks["tools"]
_NAME: Final = _TOOLS.attributes["name"].limits.pattern or ""
_WORD: Final = re.compile(r"[a-z0-9]{3,}")


@dataclass(frozen=True, slots=True)
class Callee:
    """Function or tool that an answer calls.

    Attributes:
        name: Name of the function or tool.
        kind: ``function_call`` for a deprecated function, ``function`` or ``custom`` for a tool.
        parameters: JSON schema of its arguments; ``None`` if it takes none.
        forced: Whether the request named it; the answer's finish_reason is then ``stop``.
    """

    name: str
    kind: str
    parameters: Any
    forced: bool


def check_functions(name: str, value: Any) -> None:
    """Refuse invalid functions."""
    for where, it in _entries(name, value):
        _check_function(where, it)


def check_tools(name: str, value: Any) -> None:
    """Refuse invalid tools."""
    for where, it in _entries(name, value):
        kind = required(where, it, "type")
        one_of("function", "custom")(f"{where}.type", kind)
        inner = required(where, it, kind)
        an_object(f"{where}.{kind}", inner)
        if kind == "function":
            if inner.get("strict") is not None:
                boolean(f"{where}.function.strict", inner["strict"])
            _check_function(f"{where}.function", inner)
        else:
            _check_name(f"{where}.custom", inner)


def check_calls(body: dict[str, Any]) -> None:
    """Refuse a ``function_call`` or ``tool_choice`` that names nothing in the request."""
    call = body.get("function_call")
    if call is not None:
        _check_function_call(call, body.get("functions") or [])
    choice = body.get("tool_choice")
    if choice is not None:
        _check_tool_choice(choice, body.get("tools") or [])


def callee(body: dict[str, Any]) -> Callee | None:
    """Choose the function or tool that the answer calls; ``None`` if it is text.

    With ``auto``, a user's message leads to a call, and a result to a text. The call goes to the function or
    tool that shares the most words with the message, or else to the first, so the choice is deterministic. If
    a call is required, tools that were not called since the user's message come first: an agent with a tool
    for its output then reaches it.
    """
    tools, functions = body.get("tools"), body.get("functions")
    if tools:
        return _from_tools(body, tools)
    if functions:
        return _from_functions(body, functions)
    return None


def _from_functions(body: dict[str, Any], functions: list[dict[str, Any]]) -> Callee | None:
    call = body.get("function_call") or "auto"
    named = call.get("name") if isinstance(call, dict) else None
    if named is None and (call == "none" or not _asks(body)):
        return None
    it = _picked(body, functions, named)
    return Callee(str(it.get("name")), "function_call", it.get("parameters"), named is not None)


def _from_tools(body: dict[str, Any], tools: list[dict[str, Any]]) -> Callee | None:
    choice: Any = body.get("tool_choice") or "auto"
    named, allowed = None, None
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        subset = choice.get("allowed_tools") or {}
        allowed = {_name(it) for it in subset.get("tools") or []}
        choice = subset.get("mode", "auto")
    elif isinstance(choice, dict):
        named = _name(choice)
    if named is None and (choice == "none" or (choice != "required" and not _asks(body))):
        return None
    offered = [
        {**_inner(it), "kind": it.get("type")} for it in tools if allowed is None or _name(it) in allowed
    ]
    if choice == "required":
        called = _called_since_the_user(body["messages"])
        offered = [it for it in offered if it.get("name") not in called] or offered
    it = _picked(body, offered or [{**_inner(tools[0]), "kind": tools[0].get("type")}], named)
    return Callee(str(it.get("name")), str(it["kind"]), it.get("parameters"), named is not None)


def _called_since_the_user(messages: list[dict[str, Any]]) -> set[str | None]:
    """Return the tools that were called since the user's last message."""
    called: set[str | None] = set()
    for message in messages:
        if message.get("role") == "user":
            called.clear()
        called.update(_name(it) for it in message.get("tool_calls") or ())
    return called


def _asks(body: dict[str, Any]) -> bool:
    messages = body["messages"]
    return not messages or messages[-1].get("role") not in ("function", "tool", "assistant")


def _picked(body: dict[str, Any], offered: list[dict[str, Any]], named: str | None) -> dict[str, Any]:
    if named is not None:
        return next((it for it in offered if it.get("name") == named), offered[0])
    asked = set(_WORD.findall(text_of(body["messages"][-1]).lower())) if body["messages"] else set()
    if not asked or len(offered) == 1:
        return offered[0]

    def shared(it: dict[str, Any]) -> int:
        words = f"{it.get('name')} {it.get('description')}".replace("_", " ").lower()
        return len(asked.intersection(_WORD.findall(words)))

    return max(offered, key=shared)  # the first of the best


def _inner(tool: dict[str, Any]) -> dict[str, Any]:
    inner = tool.get(str(tool.get("type")))
    return inner if isinstance(inner, dict) else {}


def _name(tool: Any) -> str | None:
    return _inner(tool).get("name") if isinstance(tool, dict) else None


def _entries(name: str, value: Any) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(value, list):
        raise invalid_type(name, "an array of objects", value)
    size(name, value, _TOOLS.limits)
    for index, it in enumerate(value):
        an_object(f"{name}[{index}]", it)
    return [(f"{name}[{index}]", it) for index, it in enumerate(value)]


def _check_name(where: str, it: dict[str, Any]) -> None:
    pattern(f"{where}.name", required(where, it, "name"), _NAME)


def _check_function(where: str, it: dict[str, Any]) -> None:
    _check_name(where, it)
    if it.get("description") is not None:
        string(f"{where}.description", it["description"])
    parameters = it.get("parameters")
    if parameters is None:
        return
    an_object(f"{where}.parameters", parameters)
    if parameters and parameters.get("type") != "object":
        given = str(parameters.get("type"))
        raise ApiError(
            400,
            f"Invalid schema for function '{it['name']}': schema must be a JSON Schema of "
            f"'type: \"object\"', got 'type: \"{given}\"'.",
            param=f"{where}.parameters",
            code="invalid_function_parameters",
        )
    called, code = f"function '{it['name']}'", "invalid_function_parameters"
    check_schema(called, parameters, f"{where}.parameters", strict=it.get("strict") is True, code=code)
    for problem in item_problems(parameters):
        text = f"Invalid schema for {called}: In context={problem.path}, {problem.message}"
        raise ApiError(400, text, param=f"{where}.parameters", code=code)


def _check_function_call(call: Any, functions: list[dict[str, Any]]) -> None:
    if isinstance(call, str):
        if call not in ("none", "auto"):
            raise unsupported_choice("function_call", call, ("none", "auto"))
        if not functions:
            raise ApiError(
                400, "'function_call' is only allowed when 'functions' are specified.", param="function_call"
            )
        return
    an_object("function_call", call)
    name = required("function_call", call, "name")
    if name not in [it.get("name") for it in functions]:
        raise ApiError(
            400,
            f"Invalid value for 'function_call': no function named '{name}' was specified in the "
            "'functions' parameter.",
            param="function_call",
        )


def _check_tool_choice(choice: Any, tools: list[dict[str, Any]]) -> None:
    if isinstance(choice, str):
        if choice not in ("none", "auto", "required"):
            raise unsupported_choice("tool_choice", choice, ("none", "auto", "required"))
        if not tools:
            raise ApiError(
                400, "'tool_choice' is only allowed when 'tools' are specified.", param="tool_choice"
            )
        return
    an_object("tool_choice", choice)
    kind = required("tool_choice", choice, "type")
    one_of("allowed_tools", "function", "custom")("tool_choice.type", kind)
    inner = required("tool_choice", choice, kind)
    an_object(f"tool_choice.{kind}", inner)
    if kind == "allowed_tools":
        return
    name = required(f"tool_choice.{kind}", inner, "name")
    if name not in [_name(it) for it in tools]:
        raise ApiError(
            400,
            f"Invalid value for 'tool_choice': no {kind} named '{name}' was specified in the 'tools' "
            "parameter.",
            param="tool_choice",
        )
