"""The digest of a request, which identifies its prompt independent of how and by whom it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["question", "request_digest"]

_NO_PART_OF_THE_QUESTION: Final = frozenset({"metadata", "store", "stream", "stream_options"})
"""Arguments that do not affect the answer."""


def request_digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a request body in a canonical form, in 64 hexadecimal digits.

    It does not depend on the order of keys, on null arguments, or on whether a whole number is written ``1``
    or ``1.0``.
    """
    text = json.dumps(question(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def question(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a request body that affects the answer, in its canonical form."""
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
