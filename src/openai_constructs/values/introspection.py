"""Making a function description from Python: type hints and docstrings, or a pydantic model.

The only module that needs ``pydantic`` and ``docstring_parser``; it is imported when first used.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_type_hints

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from openai_constructs.errors import InvalidInputError
from openai_constructs.values.checks import Checks

__all__ = ["Described", "describe"]


class Described(NamedTuple):
    """What a callable or model says of itself."""

    name: str
    description: str | None
    parameters: Mapping[str, object]


def describe(source: Callable[..., object] | type) -> Described:
    """Name, description and parameter schema of a callable or of a pydantic model.

    Raises:
        InvalidInputError: When ``source`` is neither, or its parameters fit no JSON object.
    """
    if isinstance(source, type) and issubclass(source, BaseModel):
        return Described(source.__name__, _text(source.__doc__), _schema(source))
    checks = Checks()
    if not (inspect.isroutine(source) or isinstance(source, type)) or source.__name__ == "<lambda>":
        fix = "Give a function with a name, or describe it yourself with Function(...)."
        checks.refuse("source", source, "a function, a method, or a pydantic model", fix)
        checks.raise_for("Function.of")
    docs = docstring_parser.parse(inspect.getdoc(source) or "")
    fields = _fields(checks, source, {it.arg_name: it.description or "" for it in docs.params})
    checks.raise_for(f"Function.of({source.__name__})")
    try:
        model = create_model(source.__name__, __config__=ConfigDict(extra="forbid"), **fields)
        return Described(source.__name__, _text(docs.description), _schema(model))
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        fix = "Annotate the parameters with types that JSON has, or use Function(...)."
        checks.refuse("source", source, f"annotated with types that JSON can hold; {error.message}", fix)
        raise InvalidInputError(f"Function.of({source.__name__})", checks.problems) from error


def _fields(checks: Checks, source: Callable[..., object], descriptions: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a callable, each as a field of a pydantic model."""
    hints = get_type_hints(source, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(source).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            checks.refuse(name, str(parameter), "a parameter that is passed by its name", "Spell it out.")
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        description = _text(descriptions.get(name))
        # The alias keeps names that pydantic would not take as they are (a leading underscore, `schema`).
        fields[f"p{len(fields)}"] = (
            hints.get(name, Any),
            Field(default, alias=name, description=description),
        )
    return fields


def _text(docstring: str | None) -> str | None:
    return inspect.cleandoc(docstring).strip() or None if docstring else None


def _schema(model: type[BaseModel]) -> Mapping[str, object]:
    schema = _without_titles(model.model_json_schema(by_alias=True))
    schema.pop("description", None)  # the function's own description says it already
    return {"type": "object", "properties": {}, **schema}


def _without_titles(schema: Any) -> Any:
    """A schema without the titles pydantic makes up, and without ``default: null``, which says nothing."""
    if isinstance(schema, list):
        return [_without_titles(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    clean = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            clean[key] = {name: _without_titles(it) for name, it in value.items()}
        elif key in ("default", "const", "enum", "examples"):
            if value is not None:
                clean[key] = value
        elif key != "title":
            clean[key] = _without_titles(value)
    return clean
