"""Nesting depth of JSON. ``orjson`` reads 1024 levels and writes 254, so one limit applies to both."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["MAX_LEVELS", "is_too_deep"]

MAX_LEVELS: Final = 200
"""Levels of a request; what is answered or logged has a few more around it."""


def is_too_deep(raw: bytes, value: Any) -> bool:
    """Whether a parsed value has more levels than are read.

    Args:
        raw: The JSON; most of it has too few brackets to be worth a closer look.
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
