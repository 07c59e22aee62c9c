"""The digest of a request: what identifies a question, however and by whom it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["question", "request_digest"]

_NO_PART_OF_THE_QUESTION: Final = frozenset({"metadata", "store", "stream", "stream_options"})
"""Labels, and how the answer is kept or delivered. The answer itself is the same."""


def request_digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of a request body in a canonical form, 64 hexadecimal digits.

    The order of keys does not matter, nor does an argument that is null, nor whether a whole number is
    written ``1`` or ``1.0``.
    """
    text = json.dumps(question(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def question(body: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a request body that decides on the answer, in its canonical form."""
    return {
        name: _plain(value)
        for name, value in body.items()
        if name not in _NO_PART_OF_THE_QUESTION and value is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
