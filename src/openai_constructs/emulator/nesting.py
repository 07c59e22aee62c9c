"""Nesting depth of JSON. ``orjson`` reads 1024 levels and writes 254, so one limit applies to both."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["MAX_LEVELS", "is_too_deep"]

MAX_LEVELS: Final = 200
"""Maximum levels of a request; responses and log entries add a few."""


def is_too_deep(raw: bytes, value: Any) -> bool:
    """Return whether a parsed value is nested too deep.

    Args:
        raw: The JSON; with few brackets in it, the value need not be searched.
        value: The parsed value.
    """
    if raw.count(b"[") + raw.count(b"{") <= MAX_LEVELS:
        return False
    level = [value]
    for _ in range(MAX_LEVELS + 1):
        level = [inner for it in level if isinstance(it, dict | list) for inner in _inside(it)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
