"""The body of a chat's request, built by the provider's own code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.schema import Attribute, Block, Edition
from openai_constructs.schema_types import JSON_TEXTS
from openai_constructs.testing.json_text import read_json, revealed
from openai_constructs.testing.text import Reference, Text

__all__ = ["as_blocks", "request_of"]

_SCHEMAS: Final = frozenset({"parameters", "schema"})
"""Attributes of nested blocks that are JSON texts."""


def request_of(edition: Edition, body: Mapping[str, Any], base_url: str | None = None) -> dict[str, Any]:
    """Return the body that a provider sends for the arguments of a completion.

    References stay in place, even in JSON texts that the provider parses.

    Args:
        edition: The provider's edition.
        body: The parsed arguments.
        base_url: The stack's API address; ``None`` is OpenAI's.

    Raises:
        ValueError: If the provider would fail before sending the request.
        ImportError: If the extra ``local`` is not installed.
    """
    table, references = edition.chat_completion, list[str]()
    config = _configuration(table, body, references)
    sent = _native_body(table, config, base_url) if edition.is_native else _compat_body(table, config)
    flags = {name for name, encoding in table.sent_arguments.items() if encoding == "flag"}
    sent |= {name: config[name] for name in flags if isinstance(config[name], str)}  # a reference
    made: dict[str, Any] = revealed(sent, references)
    return made


def _native_body(table: Block, config: Mapping[str, Any], base_url: str | None) -> dict[str, Any]:
    from openai_constructs.provider.native.hosts import takes_store
    from openai_constructs.provider.native.request import request_body

    try:
        return request_body(table, config, takes_store=base_url is None or takes_store(base_url))
    except ValueError as error:
        raise ValueError(f"a JSON text is invalid: {error}") from error


def _compat_body(table: Block, config: Mapping[str, Any]) -> dict[str, Any]:
    from openai_constructs.provider.compat.request import crash, request_body
    from openai_constructs.provider.compat.wire import WireError, dump
    from openai_constructs.provider.core.planning import plan

    planned = plan(table, None, config).state
    if (reason := crash(planned)) is not None:
        raise ValueError(f"the public provider crashes here: {reason}")
    try:
        body = dump(request_body(table, planned))
    except WireError as error:
        raise ValueError(f"the parameters of a function are not JSON: {error}") from error
    sent: dict[str, Any] = json.loads(body)
    return sent


def _configuration(table: Block, body: Mapping[str, Any], references: list[str]) -> dict[str, Any]:
    """Return the arguments as the provider receives them: all names of the table, and blocks as lists."""
    attributes = {name: _value(name, it, body.get(name), references) for name, it in table.attributes.items()}
    blocks = {
        name: [_configuration(it, inner, references) for inner in as_blocks(body.get(name))]
        for name, it in table.blocks.items()
    }
    return attributes | blocks


def as_blocks(value: Any) -> list[Any]:
    """Return nested blocks as a list; a module takes a single one as an object."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _value(name: str, attribute: Attribute, value: Any, references: list[str]) -> Any:
    """Convert a value to the type of its attribute, as Terraform does."""
    if isinstance(value, str) and (name in _SCHEMAS or attribute.sent in JSON_TEXTS):
        parsed = read_json(value)
        is_json = isinstance(parsed, Text) or parsed is not value
        return json.dumps(_hidden(parsed, references)) if is_json else value
    match attribute.type, value:
        case _, Text() | list() | dict():
            return _hidden(value, references)
        case "number", str():
            number = float(value)
            return int(number) if number.is_integer() else number
        case "bool", "true" | "false":
            return value == "true"
        case "string", bool():
            return "true" if value else "false"
        case "string", int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case _:
            return value


def _hidden(value: Any, references: list[str]) -> Any:
    """Return a value with a mark for each reference, so that it can be written as JSON."""
    match value:
        case Text():
            return "".join(_mark(it, references) if isinstance(it, Reference) else it for it in value.parts)
        case dict():
            return {_hidden(key, references): _hidden(it, references) for key, it in value.items()}
        case list():
            return [_hidden(it, references) for it in value]
        case _:
            return value


def _mark(reference: Reference, references: list[str]) -> str:
    references.append(reference)
    return f"\ue000{len(references) - 1}\ue001"
