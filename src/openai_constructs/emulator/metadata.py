"""Checks of a stored completion's labels, with the limits of the schema table."""

from __future__ import annotations

from typing import Any, Final

from openai_constructs.emulator.checks import text_map
from openai_constructs.emulator.errors import ApiError
from openai_constructs.schema import METADATA

__all__ = ["check_metadata", "check_update"]

_check_limits: Final = text_map(METADATA)


def check_metadata(name: str, value: Any) -> None:
    """Reject labels that the API rejects, and U+0000, which the store's filters cannot match.

    Raises:
        ApiError: 400.
    """
    _check_limits(name, value)
    for key, it in value.items():
        if "\0" in key or "\0" in it:
            raise ApiError(
                400,
                f"Invalid '{name}': the character U+0000 is not allowed in metadata.",
                param=name,
                code="invalid_value",
            )


def check_update(body: Any) -> dict[str, str] | None:
    """Return all labels of a completion after an update, or ``None`` for none.

    Raises:
        ApiError: 400 unless ``metadata`` is the only key.
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
