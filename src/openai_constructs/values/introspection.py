"""Describe a Python callable by its hints and docstring, or a class by its fields.

Only this module and ``schema_generation`` need ``pydantic`` and ``docstring_parser``. They are imported when
first used.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import json
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, NoReturn, get_args, get_origin, get_type_hints

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.fields import FieldInfo
from typing_extensions import is_typeddict

from openai_constructs.errors import InvalidInputError
from openai_constructs.values.checks import Checks
from openai_constructs.values.json_schemas import strict_problems, value_at
from openai_constructs.values.schema_generation import PlainSchema, StrictSchema

__all__ = ["Described", "describe"]


class Described(NamedTuple):
    """The description of a callable or of a class with fields."""

    name: str
    description: str | None
    parameters: Mapping[str, object]


def describe(
    source: Callable[..., object] | type, name: str | None, *, maker: str, strict: bool = False
) -> Described:
    """Return name, description and schema of a callable, pydantic model, dataclass or ``TypedDict``.

    Args:
        source: The callable or the class.
        name: Name for the model; ``None`` uses the name of the callable or class.
        maker: Name of the called function, for errors: ``Function.of``.
        strict: Whether to generate the schema in the form of strict mode.

    Raises:
        InvalidInputError: If ``source`` is none of these, or if JSON or strict mode cannot represent one of
            its parameters.
    """
    generator = StrictSchema if strict else PlainSchema
    if isinstance(source, type) and _has_fields(source):
        title = name or source.__name__
        place = f"{maker}({title})"
        return Described(title, _class_docs(source), _schema(place, title, lambda: source, generator))
    called = name or str(getattr(source, "__name__", "<lambda>"))
    if isinstance(source, type) or not callable(source) or called == "<lambda>":
        fix = "Pass a function or a class with fields; add name= if the function has no name."
        expected = "a function with a name, a pydantic model, a dataclass or a TypedDict"
        _refuse(maker, "source", source, expected, fix)
    place = f"{maker}({called})"
    docs = docstring_parser.parse(_documentation(source))
    descriptions = {
        argument: text
        for it in docs.params
        if (text := _text(it.description))
        for argument in _argument_names(it.arg_name)
    }

    def model() -> type[BaseModel]:
        fields = _fields(place, source, descriptions)
        return create_model(called, __config__=ConfigDict(extra="forbid"), **fields)

    return Described(called, _text(docs.description), _schema(place, called, model, generator))


def _refuse(
    place: str, argument: str, value: object, allowed: str, fix: str, cause: Exception | None = None
) -> NoReturn:
    checks = Checks()
    checks.refuse(argument, value, allowed, fix)
    raise InvalidInputError(place, checks.problems) from cause


def _has_fields(source: type) -> bool:
    return issubclass(source, BaseModel) or dataclasses.is_dataclass(source) or is_typeddict(source)


def _class_docs(source: type) -> str | None:
    """Return the docstring of a class, unless ``dataclass`` has generated it from the signature."""
    docs = source.__doc__
    is_signature = dataclasses.is_dataclass(source) and (docs or "").startswith(f"{source.__name__}(")
    return None if is_signature else _text(docs)


def _argument_names(written: str) -> list[str]:
    """Return the arguments in an entry of a docstring: numpydoc has ``a, b : int``."""
    return [it.strip().lstrip("*\\") for it in written.split(",")]


def _inner(source: Callable[..., object]) -> Callable[..., object]:
    """Return the function of a partial, or the ``__call__`` of an object."""
    inner = source.func if isinstance(source, functools.partial) else source
    return inner if inspect.isroutine(inner) else type(inner).__call__


def _documentation(source: Callable[..., object]) -> str:
    """Return the docstring of a callable, but not of ``partial`` or of an object's class."""
    return inspect.getdoc(_inner(source)) or ""


def _hints(source: Callable[..., object]) -> dict[str, Any]:
    """Return the hints of the parameters. The result's hint may exist only for type checkers."""
    inner = _inner(source)
    annotations = {name: it for name, it in inner.__annotations__.items() if name != "return"}
    parameters = types.SimpleNamespace(
        __annotations__=annotations, __type_params__=getattr(inner, "__type_params__", ())
    )
    namespace = getattr(inspect.unwrap(inner), "__globals__", {})
    return get_type_hints(parameters, globalns=namespace, include_extras=True)


def _fields(place: str, source: Callable[..., object], descriptions: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a callable as fields of a pydantic model."""
    checks, hints = Checks(), _hints(source)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(source).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            checks.refuse(
                name, str(parameter), "a parameter that is passed by name", "Replace it by named parameters."
            )
        elif name == "self":
            checks.refuse(name, "self", "bound", "Pass the method of an object: Desk().search.")
        else:
            hint = _described(hints.get(name, Any), descriptions.get(name))
            fields[f"p{len(fields)}"] = (hint, _field(name, parameter))
    checks.raise_for(place)
    return fields


def _described(hint: Any, description: str | None) -> Any:
    """Add a description to a hint, unless an ``Annotated`` or a ``Field(...)`` in it has one.

    In pydantic a later annotation overrides an earlier one, so this one comes first.
    """
    if description is None:
        return hint
    if get_origin(hint) is not Annotated:
        return Annotated[hint, Field(description=description)]
    bare, *annotations = get_args(hint)
    return Annotated[bare, Field(description=description), *annotations]


def _field(name: str, parameter: inspect.Parameter) -> FieldInfo:
    """Return the default of a parameter as a field."""
    # The alias keeps names that pydantic does not accept (a leading underscore, `schema`).
    if isinstance(parameter.default, FieldInfo):
        given = parameter.default._attributes_set
        own = {it: value for it, value in given.items() if "alias" not in it}
        return Field(**{**own, "alias": name})  # type: ignore[no-any-return]
    default = ... if parameter.default is parameter.empty else parameter.default
    return Field(default, alias=name)  # type: ignore[no-any-return]


def _schema(
    place: str, called: str, make: Callable[[], type], generator: type[PlainSchema]
) -> Mapping[str, object]:
    """Return the schema of a class, and raise what pydantic or strict mode rejects as an input error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error"
            )  # pydantic only warns about a default that JSON cannot represent, and drops it
            source = make()
            made = (
                source.model_json_schema(schema_generator=generator)
                if issubclass(source, BaseModel)
                else TypeAdapter(source).json_schema(schema_generator=generator)
            )
        json.dumps(made, allow_nan=False)
    except InvalidInputError:
        raise
    except Exception as error:  # pydantic, typing and json have no common base class
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        fix = "Use types and defaults that JSON can represent, or write the schema."
        _refuse(place, "source", called, f"made of what JSON can hold; {said}", fix, error)
    if made.get("type") != "object":
        _refuse(
            place, "source", called, "a class with fields", "Put the value in a field of a pydantic model."
        )
    made.pop("description", None)  # the function has its own description
    schema = {"type": "object", "properties": {}, **made}
    if generator is StrictSchema:
        _check_strict(place, schema)
    return schema


def _check_strict(place: str, schema: Mapping[str, Any]) -> None:
    """Reject a schema with fields that have no strict form, and name each field."""
    checks = Checks()
    first_problems = {it.path: it.message for it in reversed(list(strict_problems(schema)))}
    for path, message in first_problems.items():
        allowed = f"a type that strict mode supports; {message.rstrip('.')}"
        fix = "Use a class with fields, a list, a plain value, or strict=False."
        checks.refuse(_field_name(path), value_at(schema, path), allowed, fix)
    checks.raise_for(place)


def _field_name(path: tuple[str, ...]) -> str:
    """Return the name of the field at a path in a schema: ``scores``, ``Inner.scores``."""
    keys = iter(path)
    return ".".join(next(keys) for key in keys if key in ("properties", "$defs")) or "source"


def _text(docstring: str | None) -> str | None:
    return inspect.cleandoc(docstring).strip() or None if docstring else None
