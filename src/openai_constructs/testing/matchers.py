"""Matchers: conditions on a value, used in a pattern instead of an exact value.

They nest in each other, in dicts and in lists, and also work with ``==``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openai_constructs.testing.differences import NOTHING, Difference, Matcher, differences, refuse_misplaced
from openai_constructs.testing.text import plain
from openai_constructs.values.checks import Checks

__all__ = [
    "Matcher",
    "absent",
    "any_value",
    "array_with",
    "object_like",
    "serialized_json",
    "string_like",
]


def any_value() -> Matcher:
    """Match any value but null, which Terraform treats as not set."""
    return _AnyValue()


def absent() -> Matcher:
    """Match a missing key. Use it as the value of a key: ``{"metadata": absent()}``."""
    return _Absent()


def array_with(elements: Sequence[Any]) -> Matcher:
    """Match a list that has these elements in this order, with any others between and around them.

    Args:
        elements: One or more values or matchers; of dicts only the given keys are compared.

    Raises:
        InvalidInputError: If it is not a list, is empty, or contains ``absent()``.
    """
    checks = Checks()
    if isinstance(elements, str) or not isinstance(elements, Sequence):
        checks.refuse("elements", elements, "a list", "Put it into a list.")
    elif not elements:
        checks.refuse("elements", elements, "one element or more", "For a list of any kind use any_value().")
    checks.raise_for("array_with")
    refuse_misplaced("array_with", elements)
    return _ArrayWith(tuple(elements))


def object_like(fields: Mapping[str, Any]) -> Matcher:
    """Match an object that has these fields and any others, even with ``exact=True``.

    Args:
        fields: Values or matchers by key.

    Raises:
        InvalidInputError: If it is not a dict, or has an ``absent()`` that is not the value of a key.
    """
    checks = Checks()
    if not isinstance(fields, Mapping):
        checks.refuse("fields", fields, "a dict", "Use array_with() for a list, the value itself for others.")
    checks.raise_for("object_like")
    refuse_misplaced("object_like", fields)
    return _ObjectLike(dict(fields))


def string_like(pattern: str) -> Matcher:
    """Match a text in which a regular expression is found, as in ``pytest.raises(match=...)``.

    Args:
        pattern: A Python regular expression, searched for; ``^`` and ``$`` anchor it.

    Raises:
        InvalidInputError: If it is invalid.
    """
    checks = Checks()
    try:
        return _StringLike(re.compile(pattern))
    except (re.error, TypeError) as error:
        checks.refuse("pattern", pattern, f"a regular expression ({error})", "Write text with re.escape().")
    checks.raise_for("string_like")
    raise AssertionError  # pragma: no cover - the line above has raised


def serialized_json(pattern: Any) -> Matcher:
    """Match a text that contains JSON like this. Terraform's escapes (``$${``) are decoded first.

    Args:
        pattern: A value or matcher for the parsed JSON; of dicts only the given keys are compared.

    Raises:
        InvalidInputError: If it is ``absent()``, or has one that is not the value of a key.
    """
    refuse_misplaced("serialized_json", pattern)
    return _SerializedJson(pattern)


@dataclass(frozen=True, eq=False)
class _AnyValue(Matcher):
    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        if actual is None or actual is NOTHING:
            yield Difference(path, self, actual)

    def __repr__(self) -> str:
        return "any_value()"


@dataclass(frozen=True, eq=False)
class _Absent(Matcher):
    is_for_keys = True

    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        if actual is not NOTHING:
            yield Difference(path, self, actual)

    def __repr__(self) -> str:
        return "absent()"


@dataclass(frozen=True, eq=False)
class _ArrayWith(Matcher):
    elements: Sequence[Any]

    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        if not isinstance(actual, list | tuple):
            yield Difference(path, self, actual)
            return
        start = 0
        for wanted in self.elements:
            fitting = (n for n in range(start, len(actual)) if not any(differences(wanted, actual[n])))
            if (found := next(fitting, None)) is None:
                yield Difference(f"{path}[from {start}]", wanted, actual[start:])
                return
            start = found + 1

    def __repr__(self) -> str:
        return f"array_with({list(self.elements)!r})"


@dataclass(frozen=True, eq=False)
class _ObjectLike(Matcher):
    fields: Mapping[str, Any]

    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        if isinstance(actual, Mapping):
            yield from differences(self.fields, actual, path=path)
        else:
            yield Difference(path, self, actual)

    def __repr__(self) -> str:
        return f"object_like({self.fields!r})"


@dataclass(frozen=True, eq=False)
class _StringLike(Matcher):
    pattern: re.Pattern[str]

    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        if not isinstance(actual, str) or self.pattern.search(actual) is None:
            yield Difference(path, self, actual)

    def __repr__(self) -> str:
        return f"string_like({self.pattern.pattern!r})"


@dataclass(frozen=True, eq=False)
class _SerializedJson(Matcher):
    pattern: Any

    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        try:
            held = json.loads(plain(actual)) if isinstance(actual, str) else NOTHING
        except ValueError:
            held = NOTHING
        if held is NOTHING:
            yield Difference(path, self, actual)
        else:
            yield from differences(self.pattern, held, path=f"{path}(json)")

    def __repr__(self) -> str:
        return f"serialized_json({self.pattern!r})"
