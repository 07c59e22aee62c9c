"""Checks of a request to create a completion, with the API's code, parameter and message."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from openai_constructs.emulator import checks
from openai_constructs.emulator.checks import Check
from openai_constructs.emulator.errors import ApiError, invalid_type, unknown_model
from openai_constructs.emulator.messages import check_messages, text_of
from openai_constructs.emulator.metadata import check_metadata
from openai_constructs.emulator.models import Model, model
from openai_constructs.emulator.tools import check_calls, check_functions, check_tools
from openai_constructs.schema import Attribute, Block, Encoding, Limits
from openai_constructs.values.request_rules import asks_for_json

__all__ = ["check_create", "check_required", "check_types", "parameter_checks"]

_ENCODED: Final[Mapping[Encoding, Check]] = {
    "messages": check_messages,
    "functions": check_functions,
    "function_call": checks.anything,
    "tools": check_tools,
    "tool_choice": checks.anything,
    "response_format": checks.response_format,
    "json": checks.an_object,
}
"""Checks of parameters by their encoding in the table."""

_NAMED: Final[Mapping[str, Callable[[Limits], Check]]] = {
    "stop": checks.stop,
    "logit_bias": checks.logit_bias,
    "metadata": lambda _limits: check_metadata,
}
"""Checks of parameters with rules of their own."""

_NOT_IN_TABLE: Final[Mapping[str, Check]] = {
    "audio": checks.an_object,
    "modalities": checks.array_of_strings,
    "moderation": checks.an_object,
    "prompt_cache_retention": checks.one_of("in_memory", "in-memory", "24h"),
    "stream": checks.boolean,
    "stream_options": checks.an_object,
}
"""Parameters of the API that the native provider does not send."""

# Null is refused for these; every other parameter takes null as "not set".
_NOT_NULL: Final = frozenset({"messages", "model"})
_PLAIN: Final = frozenset({"messages", "model"})


def parameter_checks(block: Block) -> Mapping[str, Check]:
    """Return the check of each parameter of a request.

    Args:
        block: The resource of the schema table: every argument that is sent is a parameter.
    """
    lines = block.lines
    names = [name for name, encoding in block.sent_arguments.items() if encoding != "extra"]
    return {**_NOT_IN_TABLE, **{name: _check(name, lines[name]) for name in names}}


def _check(name: str, line: Attribute | Block) -> Check:
    if line.sent is not None and line.sent in _ENCODED:
        return _ENCODED[line.sent]
    if name in _NAMED:
        return _NAMED[name](line.limits)
    match line:
        case Attribute(type="bool"):
            return checks.boolean
        case Attribute(type="number"):
            return checks.number(line.limits)
        case Attribute(type=("list", "string")):
            return checks.texts(line.limits)
        case Attribute(type=("map", "string")):
            return checks.text_map(line.limits)
        case _:
            return checks.text(line.limits)


def check_required(body: Any) -> None:
    """Refuse a body without a model or messages, which even the lenient emulator needs.

    Raises:
        ApiError: 400.
    """
    if not isinstance(body, dict):
        raise ApiError(400, "The JSON body of the request must be an object.")
    if not body.get("model"):
        raise ApiError(400, "you must provide a model parameter")
    if "messages" not in body:
        raise ApiError(
            400,
            "Missing required parameter: 'messages'.",
            param="messages",
            code="missing_required_parameter",
        )
    if not isinstance(body["model"], str):
        raise invalid_type("model", "a string", body["model"])
    if not isinstance(body["messages"], list):
        raise invalid_type("messages", "an array of objects", body["messages"])


def check_types(body: dict[str, Any], parameters: Mapping[str, Check]) -> None:
    """Refuse values of a wrong type and excessive counts, in the lenient emulator too.

    Args:
        body: The request.
        parameters: The check of each parameter, by its name.

    Raises:
        ApiError: 400.
    """
    for name, value in body.items():
        if value is None or (check := parameters.get(name)) is None:
            continue
        try:
            check(name, value)
        except ApiError as error:
            if error.code in ("invalid_type", "integer_above_max_value"):
                raise


def check_create(
    body: dict[str, Any], parameters: Mapping[str, Check], known_models: Collection[str] = ()
) -> None:
    """Refuse a request that has a model and messages, as the API does.

    Args:
        body: The request.
        parameters: The check of each parameter, by its name.
        known_models: Model ids to accept besides those that look like OpenAI's.

    Raises:
        ApiError: 400, or 404 for a model that does not exist.
    """
    for name, value in body.items():
        check = parameters.get(name)
        if check is None:
            raise _unknown_parameter(name, parameters)
        if value is not None or name in _NOT_NULL:
            check(name, value)
    model_id = body["model"]
    about = model(model_id)
    if not about.known and model_id not in known_models:
        raise unknown_model(model_id)
    # Most requests have no parameter that another parameter or the model could forbid.
    if body.keys() > _PLAIN:
        _check_together(body)
        _check_model(body, about)


def _unknown_parameter(name: str, parameters: Collection[str]) -> ApiError:
    close = difflib.get_close_matches(name, parameters, n=2, cutoff=0.75)
    hint = f" Did you mean {' or '.join(repr(it) for it in sorted(close))}?" if close else ""
    return ApiError(400, f"Unknown parameter: '{name}'.{hint}", param=name, code="unknown_parameter")


def _check_together(body: dict[str, Any]) -> None:
    if body.get("metadata") is not None and not body.get("store"):
        raise ApiError(
            400, "The 'metadata' parameter is only allowed when 'store' is enabled.", param="metadata"
        )
    if body.get("stream_options") is not None and not body.get("stream"):
        raise ApiError(
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise ApiError(
            400,
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
            param="top_logprobs",
        )
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise ApiError(
            400,
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            param="max_tokens",
            code="invalid_parameter_combination",
        )
    if body.get("parallel_tool_calls") is not None and not body.get("tools"):
        raise ApiError(
            400,
            "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are "
            "specified.",
            param="parallel_tool_calls",
        )
    shape = body.get("response_format") or {}
    if shape.get("type") == "json_object" and not asks_for_json(map(text_of, body["messages"])):
        raise ApiError(
            400,
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
            "'json_object'.",
            param="messages",
        )
    check_calls(body)


def _check_model(body: dict[str, Any], about: Model) -> None:
    if about.reasoning:
        if body.get("max_tokens") is not None:
            raise ApiError(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            )
        temperature = body.get("temperature")
        if temperature is not None and temperature != 1:
            raise ApiError(
                400,
                f"Unsupported value: 'temperature' does not support {temperature} with this model. "
                "Only the default (1) value is supported.",
                param="temperature",
                code="unsupported_value",
            )
    if not about.stop and body.get("stop") is not None:
        raise _unsupported("stop")
    checks.at_most("n", body.get("n"), about.max_n)
    checks.at_most("top_logprobs", body.get("top_logprobs"), about.max_top_logprobs)
    effort = body.get("reasoning_effort")
    if not about.effort and effort is not None:
        raise _unsupported("reasoning_effort")
    if not about.tools_with_effort and body.get("tools") and effort not in (None, "none"):
        raise ApiError(
            400,
            f"Unsupported value: 'reasoning_effort' does not support '{effort}' together with 'tools'.",
            param="reasoning_effort",
            code="unsupported_value",
        )


def _unsupported(name: str) -> ApiError:
    return ApiError(
        400,
        f"Unsupported parameter: '{name}' is not supported with this model.",
        param=name,
        code="unsupported_parameter",
    )
