"""Recognising CDK tokens without the CDK. A token is a value that only Terraform knows: never checked."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["COLLECTION_TOKEN", "NUMBER_TOKEN_IN_TEXT", "TEXT_TOKEN", "copied", "has_token", "is_token"]

TEXT_TOKEN: Final = re.compile(r"\$\{TfToken\[[a-zA-Z0-9:._-]+\.\d+\]\}")
"""A token inside text: the engine replaces it by an expression at synthesis."""

NUMBER_TOKEN_IN_TEXT: Final = re.compile(r"-8\.[123]\d{8,}e\+298")
"""A number token as an f-string formats it: the engine marks the top bits of the number."""

COLLECTION_TOKEN: Final = re.compile(r"[#&]\{TfToken\[[a-zA-Z0-9:._-]+\.\d+\]\}")
"""The only element of a list token, or the only key of a map token."""

_NUMBER_MARKS: Final = (b"\xfd\xff", b"\xfb\xff")
"""The top two bytes of a number token and of the element of a number list token."""


def is_token(value: object) -> bool:
    """Return whether the whole value is a token, which only Terraform can resolve.

    A text that merely contains tokens is not one: its literal part can still be checked.
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
            # Everything of the CDK carries this mark; a construct (it has a node) is not a value.
            is_instance = not isinstance(value, type)
            return is_instance and hasattr(value, "__jsii_type__") and not hasattr(type(value), "node")


def has_token(text: str) -> bool:
    """Whether a text contains a token anywhere."""
    return TEXT_TOKEN.search(text) is not None


def copied(value: Any) -> Any:
    """Copy dicts and lists at every depth; other values, such as tokens, are shared.

    A value that is nested too deep, or contains itself, is returned as it is: the checks refuse it.
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
        ):  # the plain classes first: to ask the abstract ones takes several times longer
            return {key: _copied(it) for key, it in value.items()}
        case list() | Sequence():
            return [_copied(it) for it in value]
        case _:
            return value


def _is_collection_mark(value: object) -> bool:
    return isinstance(value, str) and COLLECTION_TOKEN.fullmatch(value) is not None
