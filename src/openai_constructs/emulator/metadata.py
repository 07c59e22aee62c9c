"""The labels of a stored completion, and what the API refuses of them.

16 pairs, keys to 64 and values to 512 characters. Source: API reference, create chat completion.
"""

from __future__ import annotations

from typing import Any, Final

from openai_constructs.emulator.errors import ApiError, invalid_type

__all__ = ["check_metadata", "check_update"]

_MAX_PAIRS: Final = 16
_MAX_KEY: Final = 64
_MAX_VALUE: Final = 512


def check_metadata(name: str, value: Any) -> None:
    """Refuse labels that the API does not keep.

    Raises:
        ApiError: 400.
    """
    if not isinstance(value, dict):
        raise invalid_type(name, "an object", value)
    if len(value) > _MAX_PAIRS:
        raise ApiError(
            400,
            f"Invalid '{name}': too many properties. Expected an object with at most {_MAX_PAIRS} "
            f"properties, but got an object with {len(value)} properties instead.",
            param=name,
            code="object_above_max_properties",
        )
    for key, it in value.items():
        if len(key) > _MAX_KEY:
            raise _too_long(name, "property name", key, _MAX_KEY, "property_name_above_max_length")
        if not isinstance(it, str):
            raise invalid_type(f"{name}.{key}", "a string", it)
        if len(it) > _MAX_VALUE:
            raise _too_long(f"{name}.{key}", "string", it, _MAX_VALUE, "string_above_max_length")


def check_update(body: Any) -> dict[str, str] | None:
    """The labels an update sets: all of them, or ``None`` for none.

    Raises:
        ApiError: 400 when there is anything but ``metadata``, or not even that.
    """
    if not isinstance(body, dict):
        raise ApiError(400, "The JSON body of the request must be an object.")
    for name in body:
        if name != "metadata":
            raise ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    if "metadata" not in body:
        raise ApiError(
            400,
            "Missing required parameter: 'metadata'.",
            param="metadata",
            code="missing_required_parameter",
        )
    labels: dict[str, str] | None = body["metadata"]
    if labels is not None:
        check_metadata("metadata", labels)
    return labels


def _too_long(param: str, what: str, value: str, maximum: int, code: str) -> ApiError:
    return ApiError(
        400,
        f"Invalid '{param}': {what} too long. Expected a string with maximum length {maximum}, "
        f"but got a string with length {len(value)} instead.",
        param=param,
        code=code,
    )
