"""Functions the model may call: their names, descriptions and parameter schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from openai_constructs.schema import CHAT_COMPLETION, Limits
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import copied, has_token

__all__ = ["NO_PARAMETERS", "Function", "FunctionLike", "check_parameters", "function_arguments"]

_FUNCTION: Final = CHAT_COMPLETION.blocks["functions"]
NO_PARAMETERS: Final[Mapping[str, object]] = {"type": "object", "properties": {}}
"""The schema of a function that takes no arguments."""

_SCHEMA_FIX: Final = "Write it as {'type': 'object', 'properties': {...}}, or let Function.of make it."


@dataclass(frozen=True, slots=True)
class Function:
    """A function the model may call: block ``functions`` of ``openai_chat_completion``.

    Nothing is checked here; the construct that is given the function checks it and names the place.

    Attributes:
        name: ``[a-zA-Z0-9_-]{1,64}``.
        description: What it does and when to call it.
        parameters: JSON schema of its arguments, ``{"type": "object", ...}``; a dict, or a text that holds
            the JSON. Left out: it takes none. A dict is copied, so changing it later changes nothing here.

    Source: API reference, create chat completion, ``functions``.
    """

    name: str
    description: str | None = None
    parameters: Mapping[str, object] | str = field(default_factory=lambda: NO_PARAMETERS)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", copied(self.parameters))

    def __hash__(self) -> int:
        return hash((self.name, self.description))

    @classmethod
    def of(
        cls, source: Callable[..., object] | type, *, name: str | None = None, description: str | None = None
    ) -> Function:
        """Describe a Python callable or a pydantic model.

        Of a callable, the type hints and defaults make the schema, and the docstring (Google, NumPy, Sphinx
        or Epydoc style) the descriptions. Of a pydantic model, the model's own schema and docstring do.

        Args:
            source: The callable, or the subclass of ``pydantic.BaseModel``.
            name: Its name for the model; the callable's or class's own where left out. What has none (a
                lambda, a partial, an object that can be called) needs one.
            description: What it does; from the docstring where left out.

        Raises:
            InvalidInputError: When ``source`` is neither, or has parameters that no JSON object can hold.
        """
        from openai_constructs.values.introspection import describe

        described = describe(source, name)
        return cls(described.name, description or described.description, described.parameters)

    @classmethod
    def _from_sdk(cls, value: Mapping[str, object]) -> Function | None:
        """The function in a dict of the OpenAI SDK: a definition, or a tool around one."""
        match value:
            case {"type": "function", "function": Mapping() as inner}:
                value = inner
            case _:
                pass
        if not set(value) <= {"name", "description", "parameters", "strict"} or value.get("strict"):
            return None
        parameters = value.get("parameters") or NO_PARAMETERS
        return cls(value.get("name"), value.get("description"), parameters)  # type: ignore[arg-type]  # checked later


FunctionLike = Function | Mapping[str, object]
"""A ``Function``, or a dict in the shape of the OpenAI SDK: a function definition or a function tool."""


def function_arguments(checks: Checks, functions: object, function_call: object) -> list[dict[str, object]]:
    """The blocks ``functions`` of a request, every problem of them and of ``function_call`` noted.

    In a block, ``parameters`` is still the dict or text that was given.
    """
    given = checks.sequence("functions", functions, _FUNCTION.limits, "functions")
    blocks = [_function(checks, f"functions[{index}]", it) for index, it in enumerate(given)]
    allowed = ["auto", "none"]
    for index, block in enumerate(blocks):
        if isinstance(name := block.get("name"), str):
            if name in allowed:
                checks.refuse(
                    f"functions[{index}].name", name, "used once, and not auto or none", "Rename it."
                )
            allowed.append(name)
    unknown = any(has_token(name) for name in [*allowed, function_call] if isinstance(name, str))
    if function_call is not None and not unknown and function_call not in allowed:
        fix = "Name a function that is in functions."
        checks.refuse("function_call", function_call, f"one of {', '.join(allowed)}", fix)
    return blocks


def _function(checks: Checks, argument: str, value: object) -> dict[str, object]:
    function = Function._from_sdk(value) if isinstance(value, Mapping) else value
    if not isinstance(function, Function):
        fix = "Use Function(...) or Function.of(...); `strict` and other keys have no place in the provider."
        checks.refuse(argument, value, "a Function, or a dict of name, description and parameters", fix)
        return {}
    block: dict[str, object] = {"name": function.name, "description": function.description}
    for name, text in block.items():
        checks.attribute(f"{argument}.{name}", text, _FUNCTION.attributes[name])
    block["parameters"] = function.parameters
    check_parameters(checks, f"{argument}.parameters", function.parameters)
    return {name: it for name, it in block.items() if it is not None}


def check_parameters(checks: Checks, argument: str, parameters: object) -> None:
    """Note what is wrong with a JSON schema of an object: a dict, or a text that holds the JSON."""
    schema = parameters
    if isinstance(parameters, str):
        if not checks.text(argument, parameters, Limits()) or has_token(parameters):
            return
        try:
            schema = json.loads(parameters)
        except ValueError as error:
            checks.refuse(argument, parameters, f"a JSON text; {error}", _SCHEMA_FIX)
            return
    match schema:
        case {"type": "object", "properties": properties} if not isinstance(properties, Mapping):
            checks.refuse(f"{argument}.properties", properties, "a dict of name to schema", _SCHEMA_FIX)
        case {"type": "object", "required": required} if not isinstance(required, list | tuple):
            checks.refuse(f"{argument}.required", required, "a list of names", _SCHEMA_FIX)
        case {"type": "object"}:
            _check_json(checks, argument, schema)
        case _:
            checks.refuse(argument, schema, "a JSON schema of an object", _SCHEMA_FIX)


def _check_json(checks: Checks, argument: str, value: object) -> None:
    """Note every part of a value that JSON cannot hold."""
    match value:
        case str():
            checks.text(argument, value, Limits())
        case bool() | int() | None:
            pass
        case float():
            checks.number(argument, value, Limits())
        case _ if checks.is_token(value):
            pass
        case Mapping():
            for key, it in value.items():
                if checks.text(f"{argument} key", key, Limits()):
                    _check_json(checks, f"{argument}.{key}", it)
        case list() | tuple():
            for index, it in enumerate(value):
                _check_json(checks, f"{argument}[{index}]", it)
        case _:
            checks.refuse(
                argument, value, "something JSON can hold", "Use text, numbers, bools, lists and dicts."
            )
