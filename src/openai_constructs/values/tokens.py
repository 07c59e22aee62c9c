"""Recognize CDK tokens without the CDK. Only Terraform knows the value of a token, so it is never checked."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["COLLECTION_TOKEN", "NUMBER_TOKEN_IN_TEXT", "TEXT_TOKEN", "copied", "has_token", "is_token"]

TEXT_TOKEN: Final = re.compile(r"\$\{TfToken\[[a-zA-Z0-9:._-]+\.\d+\]\}")
"""Pattern of a token in a text, which the engine replaces by an expression at synthesis."""

NUMBER_TOKEN_IN_TEXT: Final = re.compile(r"-8\.[123]\d{8,}e\+298")
"""Pattern of a number token in a text, formatted by an f-string. The engine marks the number's top bits."""

COLLECTION_TOKEN: Final = re.compile(r"[#&]\{TfToken\[[a-zA-Z0-9:._-]+\.\d+\]\}")
"""Pattern of the only element of a list token, or the only key of a map token."""

_NUMBER_MARKS: Final = (b"\xfd\xff", b"\xfb\xff")
"""Top two bytes of a number token, and of the element of a number list token."""


def is_token(value: object) -> bool:
    """Return whether the whole value is a token.

    A text that merely contains tokens is not a token, because its literal part can be checked.
    """
    match value:
        case str():
            return TEXT_TOKEN.fullmatch(value) is not None
        case bool() | int() | None:
            return False
        case float():
            return struct.pack(">d", value)[:2] in _NUMBER_MARKS
        case [element]:
            return is_token(element) if isinstance(element, float) else _is_collection_mark(element)
        case dict():
            return len(value) == 1 and _is_collection_mark(next(iter(value)))
        case _:
            # All CDK objects have this attribute; a construct (which has a node) is not a value.
            is_instance = not isinstance(value, type)
            return is_instance and hasattr(value, "__jsii_type__") and not hasattr(type(value), "node")


def has_token(text: str) -> bool:
    """Whether a text contains a token anywhere."""
    return TEXT_TOKEN.search(text) is not None


def copied(value: Any) -> Any:
    """Copy dicts and lists at every depth. Other values, such as tokens, are shared.

    A value that is nested too deeply or contains itself is returned unchanged: the checks reject it.
    """
    try:
        return _copied(value)
    except RecursionError:
        return value


def _copied(value: Any) -> Any:
    match value:
        case str() | bool() | int() | float() | None:
            return value
        case (
            dict() | Mapping()
        ):  # plain classes first: isinstance of abstract classes takes several times longer
            return {key: _copied(it) for key, it in value.items()}
        case list() | Sequence():
            return [_copied(it) for it in value]
        case _:
            return value


def _is_collection_mark(value: object) -> bool:
    return isinstance(value, str) and COLLECTION_TOKEN.fullmatch(value) is not None
