"""The labels of a stored completion: what the API refuses of them. Their limits are those of the table."""

from __future__ import annotations

from typing import Any

from openai_constructs.emulator.checks import text_map
from openai_constructs.emulator.errors import ApiError
from openai_constructs.schema import METADATA

__all__ = ["check_update"]

_check = text_map(METADATA)


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
        _check("metadata", labels)
    return labels
