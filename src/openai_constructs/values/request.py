"""A request to the Chat Completions API as checked Terraform arguments, which are not yet escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openai_constructs.schema import COMPAT, NATIVE, Edition
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import function_arguments
from openai_constructs.values.messages import conversation, message_arguments
from openai_constructs.values.request_rules import check_authors, check_rules

__all__ = ["request_arguments", "to_native_arguments"]

_NATIVE_ONLY: Final = NATIVE.chat_completion.arguments - COMPAT.chat_completion.arguments
"""Arguments that only the native provider supports."""

_FIX: Final = 'Create OpenaiProvider(self, "openai", native=True) before this, or omit the argument.'


def request_arguments(
    checks: Checks, given: Mapping[str, object], edition: Edition = COMPAT
) -> dict[str, object]:
    """Return the arguments of ``openai_chat_completion``, or of the module around it.

    Args:
        checks: Collector of the problems.
        given: Arguments by Terraform name, and ``prompt`` and ``system`` if the construct has them. ``None``
            means that an argument is not set.
        edition: Edition of the stack's provider.

    Returns:
        The arguments that are set, with messages, functions and tools as lists of dicts.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    if "prompt" in given:
        messages = conversation(
            checks,
            messages=arguments.get("messages"),
            prompt=arguments.pop("prompt", None),
            system=arguments.pop("system", None),
            edition=edition,
            takes_messages="messages" in given,
        )
    else:
        messages = message_arguments(checks, given["messages"], edition)
    arguments["messages"] = messages
    _check_attributes(checks, given, edition)
    functions, function_call = given.get("functions"), given.get("function_call")
    if functions is not None or function_call is not None:
        blocks = function_arguments(checks, [] if functions is None else functions, function_call)
        arguments["functions"] = blocks
    if edition.is_native:
        arguments |= _native_arguments(checks, given)
        check_rules(checks, arguments)
    else:
        check_authors(checks, messages)
    return arguments


def _check_attributes(checks: Checks, given: Mapping[str, object], edition: Edition) -> None:
    attributes = edition.chat_completion.attributes
    for name, value in given.items():
        if (attribute := attributes.get(name)) is not None and name != "tool_choice":
            checks.attribute(name, value, attribute)
        elif not edition.is_native and value is not None and name in _NATIVE_ONLY:
            checks.refuse(name, value, "omitted: the public provider has no such argument", _FIX)


def to_native_arguments(given: Mapping[str, object], key: str) -> dict[str, object]:
    """Convert a construct's arguments for the native provider: functions become tools, and a key is added.

    Args:
        given: Arguments by Terraform name.
        key: Default idempotency key.
    """
    made = dict(given)
    if made.get("functions") is not None and made.get("tools") is None:
        made["tools"], made["functions"] = made["functions"], None
        choice = made.get("tool_choice")
        made["tool_choice"] = made.get("function_call") if choice is None else choice
        made["function_call"] = None
    if made.get("allowed_tools") is not None and made.get("tool_choice") is None:
        made["tool_choice"] = "auto"
    if made.get("idempotency_key") is None:
        made["idempotency_key"] = key
    return made


def _native_arguments(checks: Checks, given: Mapping[str, object]) -> dict[str, object]:
    # Imported here, because few stacks need it.
    from openai_constructs.values.formats import format_arguments
    from openai_constructs.values.tools import tool_arguments

    made: dict[str, object] = {}
    tools, tool_choice = given.get("tools"), given.get("tool_choice")
    if tools is not None or tool_choice is not None:
        blocks, choice = tool_arguments(checks, tools, tool_choice)
        made = {
            name: it for name, it in (("tools", blocks or None), ("tool_choice", choice)) if it is not None
        }
    if (shape := given.get("response_format")) is not None:
        made["response_format"] = format_arguments(checks, shape)
    return made
