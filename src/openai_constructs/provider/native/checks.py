"""Validation before a plan: reject everything that the API is known to reject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import Unknown
from openai_constructs.provider.native.configuration import header_problem
from openai_constructs.provider.native.tags import LABEL
from openai_constructs.schema import Block
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import check_parameters
from openai_constructs.values.request_rules import check_rules

__all__ = ["check", "check_request"]

_CHOICES: Final = {
    "function_call": ("functions", ("auto", "none")),
    "tool_choice": ("tools", ("auto", "none", "required")),
}


def check(diagnostics: Diagnostics, block: Block, config: Mapping[str, Any]) -> None:
    """Add an error for each value outside its limits. Values known only after apply pass."""
    _add_errors(diagnostics, _checked(block, config))


def check_request(diagnostics: Diagnostics, block: Block, config: Mapping[str, Any]) -> None:
    """Check a completion as `check` does, and how its arguments depend on each other."""
    checks = _checked(block, config)
    for index, message in enumerate(_known(config.get("messages"))):
        _check_message(checks, f"messages[{index}]", message)
    for kind in ("functions", "tools"):
        for index, it in enumerate(_known(config.get(kind))):
            _check_schema(checks, f"{kind}[{index}].parameters", it.get("parameters"), it.get("strict"))
    for name, (offered, words) in _CHOICES.items():
        _check_choice(checks, name, config.get(name), offered, config.get(offered), words)
    for shape in _known(config.get("response_format")):
        _check_response_format(checks, shape)
    if not _has_unknown_blocks(config):
        check_rules(checks, {name: it for name, it in config.items() if it is not Unknown})
    project = config.get("project_id")
    if isinstance(project, str) and (reason := header_problem(project)) is not None:
        checks.refuse("project_id", project, f"the id of a project; {reason}", "Copy it again.")
    metadata = config.get("metadata")
    if isinstance(metadata, dict) and LABEL in metadata:
        checks.refuse(
            f"metadata[{LABEL!r}]", metadata[LABEL], "omitted: it is the provider's own", "Rename it."
        )
    _add_errors(diagnostics, checks)


def _checked(block: Block, config: Mapping[str, Any]) -> Checks:
    checks = Checks()
    _check_block(checks, block, config, "")
    return checks


def _check_block(checks: Checks, block: Block, config: Mapping[str, Any], path: str) -> None:
    for name, attribute in block.attributes.items():
        value = config.get(name)
        if value is None or _is_unknown(value):
            continue
        if attribute.computed and not attribute.optional:
            checks.refuse(f"{path}{name}", value, "omitted: the provider sets it", "Remove it.")
        else:
            checks.attribute(f"{path}{name}", value, attribute)
    for name, nested in block.blocks.items():
        blocks = _known(config.get(name))
        if blocks and nested.computed:
            checks.refuse(f"{path}{name}", blocks, "omitted: the provider sets it", "Remove it.")
        elif blocks:
            checks.size(f"{path}{name}", blocks, nested.limits)
        for index, it in enumerate(blocks):
            _check_block(checks, nested, it, f"{path}{name}[{index}].")


def _check_message(checks: Checks, argument: str, message: Mapping[str, Any]) -> None:
    role = message["role"]
    if _is_unknown(role):
        return
    if role == "tool" and message["tool_call_id"] is None:
        checks.refuse(f"{argument}.tool_call_id", None, "the id of the call that it answers", "Set it.")
    if role == "function" and message["name"] is None:
        checks.refuse(f"{argument}.name", None, "the name of the function that answered", "Set it.")
    for name in ("function_call", "tool_calls"):
        if role != "assistant" and message[name]:
            checks.refuse(
                f"{argument}.{name}",
                message[name],
                "omitted for this role",
                "Only the assistant makes calls.",
            )


def _check_schema(checks: Checks, argument: str, schema: Any, strict: Any) -> None:
    is_refused = any(it.argument == argument for it in checks.problems)  # not even valid JSON
    if schema is not None and not _is_unknown(schema) and not is_refused:
        check_parameters(checks, argument, schema, strict=strict)


def _check_choice(
    checks: Checks, name: str, choice: Any, argument: str, offered: Any, words: tuple[str, ...]
) -> None:
    if choice is None or _is_unknown(choice) or offered is Unknown or choice in words:
        return
    names = [it["name"] for it in offered or ()]
    if choice not in names and not any(map(_is_unknown, names)):
        checks.refuse(name, choice, f"one of {', '.join([*words, *names])}", f"Name one of {argument}.")


def _check_response_format(checks: Checks, shape: Mapping[str, Any]) -> None:
    if shape["type"] == "json_schema":
        for name in ("name", "schema"):
            if shape[name] is None:
                checks.refuse(f"response_format.{name}", None, "given with type json_schema", "Set it.")
        _check_schema(checks, "response_format.schema", shape["schema"], shape["strict"])


def _known(items: Any) -> list[Any]:
    return [] if items is None or items is Unknown else [it for it in items if it is not Unknown]


def _has_unknown_blocks(config: Mapping[str, Any]) -> bool:
    """Whether the number of messages, tools or formats is known only after apply."""
    blocks = [config.get(name) for name in ("messages", "tools", "response_format")]
    return any(it is Unknown or Unknown in (it or ()) for it in blocks)


def _is_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_unknown, value.values()))
    if isinstance(value, list):
        return any(map(_is_unknown, value))
    return value is Unknown


def _add_errors(diagnostics: Diagnostics, checks: Checks) -> None:
    for it in checks.problems:
        diagnostics.add_error(
            f"Invalid value for {it.argument}", str(it), [it.argument.partition("[")[0].partition(".")[0]]
        )
