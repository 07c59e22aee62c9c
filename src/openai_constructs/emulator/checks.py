"""Checks of one parameter each, by its JSON type and limits; every one raises the API's own error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from openai_constructs.emulator.errors import ApiError, invalid_type

__all__ = [
    "an_object",
    "anything",
    "array_of_strings",
    "at_most",
    "boolean",
    "decimal",
    "integer",
    "logit_bias",
    "one_of",
    "required",
    "response_format",
    "size",
    "stop",
    "string",
    "unsupported_choice",
]

_MAX_STOPS: Final = 4


def anything(_name: str, _value: Any) -> None:
    """No check by itself: what is right depends on other parameters."""


def boolean(name: str, value: Any) -> None:
    """Refuse what is no boolean."""
    if not isinstance(value, bool):
        raise invalid_type(name, "a boolean", value)


def string(name: str, value: Any) -> None:
    """Refuse what is no string."""
    if not isinstance(value, str):
        raise invalid_type(name, "a string", value)


def an_object(name: str, value: Any) -> None:
    """Refuse what is no object."""
    if not isinstance(value, dict):
        raise invalid_type(name, "an object", value)


def array_of_strings(name: str, value: Any) -> None:
    """Refuse what is no array of strings."""
    if not isinstance(value, list):
        raise invalid_type(name, "an array of strings", value)
    for index, it in enumerate(value):
        string(f"{name}[{index}]", it)


def integer(minimum: int | None = None, maximum: int | None = None) -> Callable[[str, Any], None]:
    """A check for integers within bounds, both inclusive."""

    def check(name: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid_type(name, "an integer", value)
        if minimum is not None and value < minimum:
            raise _outside(
                name, value, "integer", "below minimum", f">= {minimum}", "integer_below_min_value"
            )
        if maximum is not None:
            at_most(name, value, maximum)

    return check


def at_most(name: str, value: int | None, maximum: int) -> None:
    """Refuse an integer above a bound; ``None`` passes."""
    if value is not None and value > maximum:
        raise _outside(name, value, "integer", "above maximum", f"<= {maximum}", "integer_above_max_value")


def decimal(minimum: int, maximum: int) -> Callable[[str, Any], None]:
    """A check for numbers within bounds, both inclusive."""

    def check(name: str, value: Any) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise invalid_type(name, "a decimal", value)
        if value < minimum:
            raise _outside(
                name, value, "decimal", "below minimum", f">= {minimum}", "decimal_below_min_value"
            )
        if value > maximum:
            raise _outside(
                name, value, "decimal", "above maximum", f"<= {maximum}", "decimal_above_max_value"
            )

    return check


def one_of(*allowed: str) -> Callable[[str, Any], None]:
    """A check for one of some strings."""

    def check(name: str, value: Any) -> None:
        string(name, value)
        if value not in allowed:
            raise unsupported_choice(name, value, allowed)

    return check


def unsupported_choice(name: str, value: object, allowed: tuple[str, ...]) -> ApiError:
    """The error for a string that is none of those a parameter takes."""
    quoted = [f"'{it}'" for it in allowed]
    listed = (
        f"{', '.join(quoted[:-1])}, and {quoted[-1]}" if len(quoted) > 2 else " and ".join(quoted)
    )  # as English lists are written, and the API's
    return ApiError(
        400,
        f"Invalid value: '{value}'. Supported values are: {listed}.",
        param=name,
        code="invalid_value",
    )


def required(name: str, value: dict[str, Any], key: str) -> Any:
    """The value of a key an object must have."""
    if key not in value:
        param = f"{name}.{key}"
        raise ApiError(
            400,
            f"Missing required parameter: '{param}'.",
            param=param,
            code="missing_required_parameter",
        )
    return value[key]


def size(name: str, value: list[Any], minimum: int, maximum: int) -> None:
    """Refuse an array with too few or too many entries."""
    if len(value) > maximum:
        raise ApiError(
            400,
            f"Invalid '{name}': array too long. Expected an array with maximum length {maximum}, "
            f"but got an array with length {len(value)} instead.",
            param=name,
            code="array_above_max_length",
        )
    if len(value) < minimum:
        raise ApiError(
            400,
            f"Invalid '{name}': empty array. Expected an array with minimum length {minimum}, "
            "but got an empty array instead.",
            param=name,
            code="empty_array",
        )


def stop(name: str, value: Any) -> None:
    """Refuse what is neither a string nor an array of one to four strings."""
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        raise invalid_type(name, "a string or an array of strings", value)
    size(name, value, 1, _MAX_STOPS)
    array_of_strings(name, value)


def logit_bias(name: str, value: Any) -> None:
    """Refuse what is no object of token ids with numbers from -100 to 100."""
    an_object(name, value)
    for key, it in value.items():
        if not key.isdecimal():
            raise ApiError(
                400,
                f"Invalid key in '{name}': {key}. You should only be submitting non-negative integers.",
                param=name,
            )
        decimal(-100, 100)(f"{name}.{key}", it)


def response_format(name: str, value: Any) -> None:
    """Refuse a response format that is not text, json_object or a named json_schema."""
    an_object(name, value)
    one_of("json_object", "json_schema", "text")(f"{name}.type", required(name, value, "type"))
    if value["type"] == "json_schema":
        inner = f"{name}.json_schema"
        an_object(inner, required(name, value, "json_schema"))
        string(f"{inner}.name", required(inner, value["json_schema"], "name"))
        if value["json_schema"].get("schema") is not None:
            an_object(f"{inner}.schema", value["json_schema"]["schema"])


def _outside(name: str, value: object, kind: str, where: str, expected: str, code: str) -> ApiError:
    return ApiError(
        400,
        f"Invalid '{name}': {kind} {where} value. Expected a value {expected}, but got {value} instead.",
        param=name,
        code=code,
    )
