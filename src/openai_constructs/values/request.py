"""One request to the Chat Completions API, as Terraform arguments: checked, plain, not yet escaped."""

from __future__ import annotations

from collections.abc import Mapping

from openai_constructs.schema import CHAT_COMPLETION
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import function_arguments
from openai_constructs.values.messages import conversation, message_arguments

__all__ = ["request_arguments"]


def request_arguments(checks: Checks, given: Mapping[str, object]) -> dict[str, object]:
    """The arguments of ``openai_chat_completion``, or of the module around it.

    Args:
        checks: Takes every problem found.
        given: Arguments by their Terraform name, and ``prompt`` and ``system`` where the construct has them.
            ``None`` is left out: what is not set is not sent.

    Returns:
        Those that were set, messages and functions as lists of plain dicts.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    if "prompt" in given:
        prompt, system = arguments.pop("prompt", None), arguments.pop("system", None)
        messages = arguments.get("messages")
        arguments["messages"] = conversation(checks, messages=messages, prompt=prompt, system=system)
    for name, value in given.items():
        if (attribute := CHAT_COMPLETION.attributes.get(name)) is not None:
            checks.attribute(name, value, attribute)
    if "prompt" not in given:
        arguments["messages"] = message_arguments(checks, given["messages"])
    functions, function_call = given.get("functions"), given.get("function_call")
    if functions is not None or function_call is not None:
        blocks = function_arguments(checks, [] if functions is None else functions, function_call)
        arguments["functions"] = blocks
    return arguments
