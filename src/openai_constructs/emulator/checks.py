"""Checks of a parameter's JSON type and limits, which raise the API's own errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from openai_constructs.emulator.errors import ApiError, invalid_type
from openai_constructs.schema import NATIVE, Limits
from openai_constructs.values.json_schemas import schema_problems, strict_problems

__all__ = [
    "Check",
    "an_object",
    "anything",
    "array_of_strings",
    "at_most",
    "boolean",
    "check_schema",
    "logit_bias",
    "number",
    "one_of",
    "pattern",
    "required",
    "response_format",
    "size",
    "stop",
    "string",
    "text",
    "text_map",
    "texts",
    "unsupported_choice",
]

_FORMAT_NAME: Final = NATIVE.chat_completion.blocks["response_format"].attributes["name"].limits.pattern or ""

Check = Callable[[str, Any], None]
"""A function that raises the API's error for an invalid value. Arguments: the parameter's name and value."""


def anything(_name: str, _value: Any) -> None:
    """Check nothing: the allowed values depend on other parameters."""


def boolean(name: str, value: Any) -> None:
    """Refuse any value but a boolean."""
    if not isinstance(value, bool):
        raise invalid_type(name, "a boolean", value)


def string(name: str, value: Any) -> None:
    """Refuse any value but a string."""
    if not isinstance(value, str):
        raise invalid_type(name, "a string", value)


def pattern(name: str, value: Any, expected: str) -> None:
    """Refuse any value but a string that fully matches a pattern."""
    string(name, value)
    if not re.fullmatch(expected, value):
        raise ApiError(
            400,
            f"Invalid '{name}': string does not match pattern. "
            f"Expected a string that matches the pattern '^{expected}$'.",
            param=name,
            code="invalid_value",
        )


def an_object(name: str, value: Any) -> None:
    """Refuse any value but an object."""
    if not isinstance(value, dict):
        raise invalid_type(name, "an object", value)


def array_of_strings(name: str, value: Any) -> None:
    """Refuse any value but an array of strings."""
    if not isinstance(value, list):
        raise invalid_type(name, "an array of strings", value)
    for index, it in enumerate(value):
        string(f"{name}[{index}]", it)


def text(limits: Limits) -> Check:
    """Return a check for a string: one of the given values, or of a limited length."""
    if known := limits.one_of or limits.known:
        return one_of(*known)

    def check(name: str, value: Any) -> None:
        string(name, value)
        if limits.max_length is not None and len(value) > limits.max_length:
            raise _too_long(name, "string", value, limits.max_length, "string_above_max_length")
        if len(value) < limits.min_length:
            raise ApiError(
                400,
                f"Invalid '{name}': empty string. Expected a string with minimum length {limits.min_length}, "
                "but got an empty string instead.",
                param=name,
                code="empty_string",
            )

    return check


def texts(limits: Limits) -> Check:
    """Return a check for an array of strings."""
    entry = text(limits)

    def check(name: str, value: Any) -> None:
        if not isinstance(value, list):
            raise invalid_type(name, "an array of strings", value)
        size(name, value, limits)
        for index, it in enumerate(value):
            entry(f"{name}[{index}]", it)

    return check


def text_map(limits: Limits) -> Check:
    """Return a check for an object of strings, such as metadata."""

    def check(name: str, value: Any) -> None:
        an_object(name, value)
        if limits.max_items is not None and len(value) > limits.max_items:
            raise ApiError(
                400,
                f"Invalid '{name}': too many properties. Expected an object with at most {limits.max_items} "
                f"properties, but got an object with {len(value)} properties instead.",
                param=name,
                code="object_above_max_properties",
            )
        for key, it in value.items():
            if limits.max_key_length is not None and len(key) > limits.max_key_length:
                code = "property_name_above_max_length"
                raise _too_long(name, "property name", key, limits.max_key_length, code)
            if not isinstance(it, str):
                raise invalid_type(f"{name}.{key}", "a string", it)
            if limits.max_length is not None and len(it) > limits.max_length:
                raise _too_long(f"{name}.{key}", "string", it, limits.max_length, "string_above_max_length")

    return check


def number(limits: Limits) -> Check:
    """Return a check for a number within inclusive bounds."""
    kind, types = ("integer", int) if limits.integer else ("decimal", int | float)

    def check(name: str, value: Any) -> None:
        if not isinstance(value, types) or isinstance(value, bool):
            raise invalid_type(name, f"an {kind}" if limits.integer else f"a {kind}", value)
        if limits.minimum is not None and value < limits.minimum:
            expected, code = f">= {limits.minimum:g}", f"{kind}_below_min_value"
            raise _outside(name, value, kind, "below minimum", expected, code)
        if limits.maximum is not None and value > limits.maximum:
            expected, code = f"<= {limits.maximum:g}", f"{kind}_above_max_value"
            raise _outside(name, value, kind, "above maximum", expected, code)

    return check


def at_most(name: str, value: int | None, maximum: int) -> None:
    """Refuse an integer above a bound; ``None`` passes."""
    if value is not None and value > maximum:
        raise _outside(name, value, "integer", "above maximum", f"<= {maximum}", "integer_above_max_value")


def one_of(*allowed: str) -> Check:
    """Return a check for one of the given strings."""

    def check(name: str, value: Any) -> None:
        string(name, value)
        if value not in allowed:
            raise unsupported_choice(name, value, allowed)

    return check


def unsupported_choice(name: str, value: object, allowed: tuple[str, ...]) -> ApiError:
    """Return the error for a string that is not one of the allowed values."""
    quoted = [f"'{it}'" for it in allowed]
    listed = (
        f"{', '.join(quoted[:-1])}, and {quoted[-1]}" if len(quoted) > 2 else " and ".join(quoted)
    )  # the API lists values as English does
    return ApiError(
        400,
        f"Invalid value: '{value}'. Supported values are: {listed}.",
        param=name,
        code="invalid_value",
    )


def required(name: str, value: dict[str, Any], key: str) -> Any:
    """Return the value of a required key."""
    if key not in value:
        param = f"{name}.{key}"
        raise ApiError(
            400,
            f"Missing required parameter: '{param}'.",
            param=param,
            code="missing_required_parameter",
        )
    return value[key]


def size(name: str, value: list[Any], limits: Limits) -> None:
    """Refuse an array with too few or too many entries."""
    if limits.max_items is not None and len(value) > limits.max_items:
        raise ApiError(
            400,
            f"Invalid '{name}': array too long. Expected an array with maximum length {limits.max_items}, "
            f"but got an array with length {len(value)} instead.",
            param=name,
            code="array_above_max_length",
        )
    if limits.min_items is not None and len(value) < limits.min_items:
        raise ApiError(
            400,
            f"Invalid '{name}': empty array. Expected an array with minimum length {limits.min_items}, "
            "but got an empty array instead.",
            param=name,
            code="empty_array",
        )


def stop(limits: Limits) -> Check:
    """Return a check for one string or an array of strings."""

    def check(name: str, value: Any) -> None:
        if isinstance(value, str):
            return
        if not isinstance(value, list):
            raise invalid_type(name, "a string or an array of strings", value)
        size(name, value, limits)
        array_of_strings(name, value)

    return check


def logit_bias(limits: Limits) -> Check:
    """Return a check for an object that maps token ids to numbers."""
    bias = number(limits)

    def check(name: str, value: Any) -> None:
        an_object(name, value)
        for key, it in value.items():
            if not key.isdecimal():
                raise ApiError(
                    400,
                    f"Invalid key in '{name}': {key}. You should only be submitting non-negative integers.",
                    param=name,
                )
            bias(f"{name}.{key}", it)

    return check


def response_format(name: str, value: Any) -> None:
    """Refuse a response format that is not text, json_object or a named json_schema."""
    an_object(name, value)
    one_of("json_object", "json_schema", "text")(f"{name}.type", required(name, value, "type"))
    if value["type"] == "json_schema":
        inner = f"{name}.json_schema"
        an_object(inner, required(name, value, "json_schema"))
        shape = value["json_schema"]
        pattern(f"{inner}.name", required(inner, shape, "name"), _FORMAT_NAME)
        if shape.get("strict") is not None:
            boolean(f"{inner}.strict", shape["strict"])
        if shape.get("schema") is not None:
            an_object(f"{inner}.schema", shape["schema"])
            called = f"response_format '{shape['name']}'"
            check_schema(called, shape["schema"], name, strict=shape.get("strict") is True)


def check_schema(
    called: str, schema: dict[str, Any], param: str, *, strict: bool, code: str | None = None
) -> None:
    """Refuse an invalid JSON schema, or one that strict mode does not support.

    Args:
        called: Owner of the schema in messages: ``function 'f'``.
        schema: The schema.
        param: The parameter that the error names.
        strict: Whether strict mode applies.
        code: The code of the error.
    """
    problem = next(schema_problems(schema), None)
    if problem is None and strict:
        problem = next(strict_problems(schema), None)
    if problem is not None:
        where = "" if 'type: "object"' in problem.message else f"In context={problem.path}, "
        raise ApiError(400, f"Invalid schema for {called}: {where}{problem.message}", param=param, code=code)


def _outside(name: str, value: object, kind: str, where: str, expected: str, code: str) -> ApiError:
    return ApiError(
        400,
        f"Invalid '{name}': {kind} {where} value. Expected a value {expected}, but got {value} instead.",
        param=name,
        code=code,
    )


def _too_long(param: str, what: str, value: str, maximum: int, code: str) -> ApiError:
    return ApiError(
        400,
        f"Invalid '{param}': {what} too long. Expected a string with maximum length {maximum}, "
        f"but got a string with length {len(value)} instead.",
        param=param,
        code=code,
    )
