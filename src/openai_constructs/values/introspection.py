"""Making a function description from Python: type hints and docstrings, or a pydantic model.

The only module that needs ``pydantic`` and ``docstring_parser``; it is imported when first used.
"""

from __future__ import annotations

import functools
import inspect
import json
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, NoReturn, get_type_hints

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from openai_constructs.errors import InvalidInputError
from openai_constructs.values.checks import Checks

__all__ = ["Described", "describe"]

_BY_NAME: Final = frozenset({"properties", "$defs", "patternProperties"})
_VERBATIM: Final = frozenset({"default", "const", "enum", "examples", "mapping", "required"})


class Described(NamedTuple):
    """What a callable or model says of itself."""

    name: str
    description: str | None
    parameters: Mapping[str, object]


def describe(source: Callable[..., object] | type, name: str | None) -> Described:
    """Name, description and parameter schema of a callable or of a pydantic model.

    Args:
        source: The callable or the model.
        name: What to call it, where it has no name of its own or another is wanted.

    Raises:
        InvalidInputError: When ``source`` is neither, or its parameters fit no JSON object.
    """
    if isinstance(source, type) and issubclass(source, BaseModel):
        title = name or source.__name__
        return Described(title, _text(source.__doc__), _schema(title, lambda: source))
    called = name or str(getattr(source, "__name__", "<lambda>"))
    if isinstance(source, type) or not callable(source) or called == "<lambda>":
        fix = "Give a function, or a pydantic model; what has no name of its own needs name=."
        _refuse("Function.of", source, "a function with a name, or a pydantic model", fix)
    docs = docstring_parser.parse(_documentation(source))
    told = {it.arg_name: text for it in docs.params if (text := _text(it.description))}

    def model() -> type[BaseModel]:
        fields = _fields(called, source, told)
        return create_model(called, __config__=ConfigDict(extra="forbid"), **fields)

    return Described(called, _text(docs.description), _schema(called, model))


def _refuse(place: str, source: object, allowed: str, fix: str, cause: Exception | None = None) -> NoReturn:
    checks = Checks()
    checks.refuse("source", source, allowed, fix)
    raise InvalidInputError(place, checks.problems) from cause


def _documentation(source: Callable[..., object]) -> str:
    """The docstring of a callable; that of a partial or of an object's class speaks of something else."""
    inner = source.func if isinstance(source, functools.partial) else source
    if not inspect.isroutine(inner):
        inner = type(inner).__call__
    return inspect.getdoc(inner) or ""


def _hints(source: Callable[..., object]) -> dict[str, Any]:
    inner = source.func if isinstance(source, functools.partial) else source
    return get_type_hints(inner if inspect.isroutine(inner) else type(inner).__call__, include_extras=True)


def _fields(called: str, source: Callable[..., object], told: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a callable, each as a field of a pydantic model."""
    checks, hints = Checks(), _hints(source)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(source).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            checks.refuse(name, str(parameter), "a parameter that is passed by its name", "Spell it out.")
        elif name == "self":
            checks.refuse(name, "self", "bound", "Give the method of an object: Desk().search.")
        else:
            fields[f"p{len(fields)}"] = (hints.get(name, Any), _field(name, parameter, told.get(name)))
    checks.raise_for(f"Function.of({called})")
    return fields


def _field(name: str, parameter: inspect.Parameter, description: str | None) -> FieldInfo:
    """A parameter as a field; what its own ``Field(...)`` says goes before the docstring."""
    # The alias keeps names that pydantic would not take as they are (a leading underscore, `schema`).
    settings: dict[str, Any] = {"alias": name}
    if description is not None:
        settings["description"] = description
    if isinstance(parameter.default, FieldInfo):
        given = parameter.default._attributes_set
        own = {it: value for it, value in given.items() if "alias" not in it}
        return Field(**{**settings, **own})  # type: ignore[no-any-return]
    default = ... if parameter.default is parameter.empty else parameter.default
    return Field(default, **settings)  # type: ignore[no-any-return]


def _schema(called: str, make: Callable[[], type[BaseModel]]) -> Mapping[str, object]:
    """The schema of a model, without what pydantic makes up; what pydantic refuses is one of our errors."""
    place = f"Function.of({called})"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a default that JSON cannot hold is only warned of, and dropped
            schema = _without_titles(make().model_json_schema(by_alias=True))
        json.dumps(schema, allow_nan=False)
    except InvalidInputError:
        raise
    except Exception as error:  # of pydantic, typing or json: they have no common base
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        fix = "Annotate every parameter with a type, and a default, that JSON has; or use Function(...)."
        _refuse(place, called, f"made of what JSON can hold; {said}", fix, error)
    if schema.get("type") != "object":
        _refuse(place, called, "a model with fields", "Put the value into a field of a model.")
    schema.pop("description", None)  # the function's own description says it already
    return {"type": "object", "properties": {}, **schema}


def _text(docstring: str | None) -> str | None:
    return inspect.cleandoc(docstring).strip() or None if docstring else None


def _without_titles(schema: Any) -> Any:
    """A schema without the titles pydantic makes up, and without ``default: null``, which says nothing."""
    if isinstance(schema, list):
        return [_without_titles(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    clean = {}
    for key, value in schema.items():
        if key in _BY_NAME:
            clean[key] = {name: _without_titles(it) for name, it in value.items()}
        elif key in _VERBATIM:
            if value is not None:
                clean[key] = value
        elif key != "title":
            clean[key] = _without_titles(value)
    return clean
