"""Rules of the API that involve more than one argument of a request.

Constructs, the native provider and the emulator share these rules. Sources: API reference, create chat
completion; observed errors of the API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from openai_constructs.schema import NATIVE
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import has_token

__all__ = ["AUTHOR_NAME", "MessageProblem", "asks_for_json", "call_problems", "check_authors", "check_rules"]

AUTHOR_NAME: Final = r"[^\s<|\\/>]+"
"""Pattern of a message's ``name``."""


class MessageProblem(NamedTuple):
    """A problem of a message in its conversation.

    Attributes:
        position: Index of the message.
        key: Key of the message that the problem is about.
        message: Description of the problem, in the API's wording.
    """

    position: int
    key: str
    message: str


def call_problems(messages: Sequence[Mapping[str, Any]]) -> Iterator[MessageProblem]:
    """Report tool messages without a preceding call, and calls without following tool messages.

    Args:
        messages: The conversation. Roles and ids that are not literal texts are not checked.
    """
    if not any("tool_calls" in message or message.get("role") == "tool" for message in messages):
        return
    calling, open_ids = -1, list[Any]()
    for index, message in enumerate([*messages, {"role": "user"}]):
        role = message.get("role")
        if not _is_literal(role):
            return
        if role == "tool" and calling < 0:
            text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            yield MessageProblem(index, "role", text)
        elif role == "tool":
            yield from _answered(index, message.get("tool_call_id"), open_ids)
        else:
            if open_ids:
                listed = ", ".join(
                    it if _is_literal(it) else "an id that is not known yet" for it in open_ids
                )
                yield MessageProblem(
                    calling,
                    "tool_calls",
                    "An assistant message with 'tool_calls' must be followed by tool messages responding to "
                    "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
                    f"{listed}",
                )
            calls: Any = message.get("tool_calls") if role == "assistant" else None
            if calls is not None and not _are_blocks(calls):
                return
            open_ids = [it.get("id") for it in calls or ()]
            calling = index if calls else -1


def _answered(index: int, answered: Any, open_ids: list[Any]) -> Iterator[MessageProblem]:
    """Remove an answered call from the open calls; an unknown id may answer any of them."""
    if answered in open_ids:
        open_ids.remove(answered)
        return
    unknown = [it for it in open_ids if not _is_literal(it)]
    if unknown:
        open_ids.remove(unknown[0])
    elif _is_literal(answered):
        message = f"'tool_call_id' of '{answered}' not found in 'tool_calls' of previous message."
        yield MessageProblem(index, "tool_call_id", message)
    elif open_ids:
        open_ids.pop(0)


def asks_for_json(texts: Iterable[Any]) -> bool:
    """Whether a text of a conversation contains the word JSON, or may do so once it is known."""
    return any(it is not None and (not _is_literal(it) or "json" in it.lower()) for it in texts)


def check_authors(checks: Checks, messages: Iterable[Mapping[str, Any]]) -> None:
    """Report invalid names of the authors of messages."""
    for index, message in enumerate(messages):
        name = message.get("name")
        if isinstance(name, str) and not has_token(name) and not re.fullmatch(AUTHOR_NAME, name):
            allowed = r"text without spaces and < > | \ /"
            checks.refuse(f"messages[{index}].name", name, allowed, "Rename the author, or omit it.")


def check_rules(checks: Checks, arguments: Mapping[str, Any]) -> None:
    """Report invalid combinations of a completion's arguments.

    Args:
        checks: Collector of the problems.
        arguments: Arguments by Terraform name, with blocks as lists of dicts.
    """
    messages = [it for it in arguments.get("messages") or () if isinstance(it, Mapping)]
    check_authors(checks, messages)
    for problem in call_problems(messages):
        value = messages[problem.position].get(problem.key)
        fix = "Add a Message.tool(...) for each call, right after it."
        allowed = f"part of a call and its results; {problem.message.rstrip('.')}"
        checks.refuse(f"messages[{problem.position}].{problem.key}", value, allowed, fix)
    for shape in arguments.get("response_format") or ():
        if shape.get("type") == "json_object" and not asks_for_json(it.get("content") for it in messages):
            fix = "Ask for JSON in a message."
            checks.refuse("response_format", "json_object", "used with the word JSON in a message", fix)
    parallel = arguments.get("parallel_tool_calls")
    if parallel is not None and arguments.get("tools") in (None, []):
        checks.refuse("parallel_tool_calls", parallel, "used with tools", "Add tools, or omit it.")
    _check_allowed_tools(checks, arguments)
    _check_extra(checks, arguments.get("extra"))


def _check_allowed_tools(checks: Checks, arguments: Mapping[str, Any]) -> None:
    """Report allowed tools that are not in ``tools``, or a ``tool_choice`` that excludes them."""
    allowed, choice = arguments.get("allowed_tools"), arguments.get("tool_choice")
    if not isinstance(allowed, list | tuple):
        return
    if choice is None or (_is_literal(choice) and choice not in ("auto", "required")):
        checks.refuse("tool_choice", choice, "auto or required, with allowed_tools", "Set it.")
    tools = arguments.get("tools") or ()
    names: list[Any] = [it.get("name") for it in tools] if _are_blocks(tools) else []
    if all(map(_is_literal, names)):
        for index, name in enumerate(allowed):
            if _is_literal(name) and name not in names:
                allowed_names = f"the name of a tool: {', '.join(names)}"
                checks.refuse(
                    f"allowed_tools[{index}]", name, allowed_names, "Use the name of an entry of tools."
                )


def _check_extra(checks: Checks, extra: Any) -> None:
    """Report fields in ``extra`` that have an argument of their own."""
    if _is_literal(extra):
        try:
            extra = json.loads(extra)
        except ValueError:
            return  # already reported
    if isinstance(extra, Mapping):
        for name in NATIVE.chat_completion.arguments & extra.keys():
            fix = f"Use the argument {name} instead."
            checks.refuse(f"extra[{name!r}]", extra[name], "a name that no argument has", fix)


def _are_blocks(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(it, Mapping) for it in value)


def _is_literal(value: Any) -> bool:
    return isinstance(value, str) and not has_token(value)
