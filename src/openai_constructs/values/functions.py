"""Functions that the model may call: their names, descriptions and parameter schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from openai_constructs.schema import CHAT_COMPLETION, Limits
from openai_constructs.values.checks import Checks
from openai_constructs.values.json_schemas import schema_problems, strict_problems, value_at
from openai_constructs.values.tokens import copied, has_token

__all__ = ["NO_PARAMETERS", "Function", "FunctionLike", "check_parameters", "function_arguments"]

_FUNCTION: Final = CHAT_COMPLETION.blocks["functions"]
NO_PARAMETERS: Final[Mapping[str, object]] = {"type": "object", "properties": {}}
"""The schema of a function without parameters."""

_SCHEMA_FIX: Final = "Write it as {'type': 'object', 'properties': {...}}, or use Function.of."
_STRICT_FIX: Final = "Use Tool.of(..., strict=True) or ResponseFormat.of(...), or omit strict."
_SHOWN_PROBLEMS: Final = 5


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the model may call: block ``functions`` of ``openai_chat_completion``.

    The construct that uses the function checks it, so that errors can name the argument.

    Attributes:
        name: ``[a-zA-Z0-9_-]{1,64}``.
        description: What the function does and when to call it.
        parameters: JSON schema of the arguments, ``{"type": "object", ...}``, as a dict or JSON text. If
            omitted, the function has no parameters. A dict is copied, so later changes have no effect.

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
        """Describe a Python callable, or a class with fields.

        For a callable, the schema comes from the type hints and defaults, and the descriptions from the
        docstring (Google, NumPy, Sphinx or Epydoc style); a ``Field(description=...)`` of a parameter takes
        precedence. A class provides its own schema and docstring.

        Args:
            source: The callable, pydantic model, dataclass or ``TypedDict``. Before Python 3.12 use
                ``typing_extensions.TypedDict``, because pydantic does not support ``typing.TypedDict`` there.
            name: Name of the function; default: the name of the callable or class. Required for a lambda, a
                partial or a callable object.
            description: What the function does; default: from the docstring.

        Raises:
            InvalidInputError: If ``source`` is none of these, or has parameters that JSON cannot represent.
        """
        from openai_constructs.values.introspection import describe

        described = describe(source, name, maker="Function.of")
        return cls(described.name, description or described.description, described.parameters)

    @classmethod
    def _from_sdk(cls, value: Mapping[str, object]) -> Function | None:
        """Return the function in a dict of the OpenAI SDK: a definition or a function tool."""
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
    """Return the blocks ``functions`` of a request, and note all problems of them and of ``function_call``.

    ``parameters`` of a block is still the user's dict or text.
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
    is_allowed = isinstance(function_call, str) and function_call in allowed
    if function_call is not None and not unknown and not is_allowed:
        fix = "Use the name of an entry of functions."
        checks.refuse("function_call", function_call, f"one of {', '.join(allowed)}", fix)
    return blocks


def _function(checks: Checks, argument: str, value: object) -> dict[str, object]:
    function = Function._from_sdk(value) if isinstance(value, Mapping) else value
    if not isinstance(function, Function):
        fix = "Use Function(...) or Function.of(...); the provider does not support `strict` or other keys."
        checks.refuse(argument, value, "a Function, or a dict of name, description and parameters", fix)
        return {}
    block: dict[str, object] = {"name": function.name, "description": function.description}
    for name, text in block.items():
        checks.attribute(f"{argument}.{name}", text, _FUNCTION.attributes[name])
    block["parameters"] = function.parameters
    check_parameters(checks, f"{argument}.parameters", function.parameters)
    return {name: it for name, it in block.items() if it is not None}


def check_parameters(checks: Checks, argument: str, parameters: object, *, strict: object = False) -> None:
    """Report the problems of an object's JSON schema.

    Args:
        checks: Collector of the problems.
        argument: Name of the argument.
        parameters: The schema, as a dict or JSON text.
        strict: Whether the schema must have the form of strict mode.
    """
    schema = parameters
    if isinstance(parameters, str):
        if not checks.text(argument, parameters, Limits()) or has_token(parameters):
            return
        try:
            schema = json.loads(parameters)
        except (ValueError, RecursionError) as error:
            checks.refuse(argument, parameters, f"a JSON text; {error}", _SCHEMA_FIX)
            return
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        checks.refuse(argument, schema, "a JSON schema of an object", _SCHEMA_FIX)
        return
    count = len(checks.problems)
    checks.json_value(argument, schema)
    if len(checks.problems) > count:
        return
    problems, fix = list(schema_problems(schema)), _SCHEMA_FIX
    if not problems and strict is True:
        problems, fix = list(strict_problems(schema)), _STRICT_FIX
    first_problems = {it.path: it for it in reversed(problems)}
    for problem in list(first_problems.values())[:_SHOWN_PROBLEMS]:
        place = ".".join([argument, *problem.path])
        kind = "a JSON schema in strict form" if fix is _STRICT_FIX else "a JSON schema"
        allowed = f"{kind}; {problem.message.rstrip('.')}"
        checks.refuse(place, value_at(schema, problem.path), allowed, fix)
