"""Compare parsed JSON with an expected pattern, and list the differences by path."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from openai_constructs.values.checks import Checks

__all__ = ["NOTHING", "Difference", "Matcher", "differences", "refuse_misplaced", "shown"]

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w-]*")
_LONG: Final = 60
_AROUND: Final = 12


class Nothing:
    """Marks a missing value in a difference."""

    def __repr__(self) -> str:
        return "(nothing)"


NOTHING: Final = Nothing()


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between the actual and the expected value.

    Attributes:
        path: The place, as in ``messages[0].content``; empty for the whole.
        expected: The expected value or matcher, or `NOTHING`.
        actual: The actual value, or `NOTHING`.
    """

    path: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        lines = [
            self.path or "(the whole)",
            f"  expected: {shown(self.expected)}",
            f"  actual:   {shown(self.actual)}",
        ]
        return "\n".join(lines + _first_difference(self.expected, self.actual))


class Matcher(ABC):
    """A condition on a value, used in place of the value in a pattern or with ``==``."""

    is_for_keys: bool = False
    """Whether it is a condition on a key, so that it may only be the value of a key."""

    @abstractmethod
    def differences(self, actual: Any, path: str) -> Iterator[Difference]:
        """Return the differences between a value and the condition."""

    def __eq__(self, other: object) -> bool:
        return not any(self.differences(other, ""))

    __hash__ = None  # type: ignore[assignment]  # it equals many values, which have different hashes


def differences(expected: Any, actual: Any, *, exact: bool = False, path: str = "") -> Iterator[Difference]:
    """Return the differences between a value and a pattern.

    Args:
        expected: The pattern. Of dicts, at any depth, only the pattern's keys are compared; lists must have
            the same length.
        actual: The value.
        exact: Compare all keys of dicts.
        path: Path of the value.
    """
    match expected:
        case Matcher():
            yield from expected.differences(actual, path)
        case Mapping() if isinstance(actual, Mapping):
            yield from _of_mappings(expected, actual, exact, path)
        case list() | tuple() if isinstance(actual, list | tuple):
            yield from _of_sequences(expected, actual, exact, path)
        case _ if expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
            yield Difference(path, expected, actual)


def _of_mappings(
    expected: Mapping[str, Any], actual: Mapping[str, Any], exact: bool, path: str
) -> Iterator[Difference]:
    for key, wanted in expected.items():
        at = _at_key(path, key)
        if key in actual or (isinstance(wanted, Matcher) and wanted.is_for_keys):
            yield from differences(wanted, actual.get(key, NOTHING), exact=exact, path=at)
        else:
            yield Difference(at, wanted, NOTHING)
    if exact:
        yield from (
            Difference(_at_key(path, key), NOTHING, it) for key, it in actual.items() if key not in expected
        )


def _of_sequences(
    expected: Sequence[Any], actual: Sequence[Any], exact: bool, path: str
) -> Iterator[Difference]:
    both = min(len(expected), len(actual))
    for index in range(both):
        yield from differences(expected[index], actual[index], exact=exact, path=f"{path}[{index}]")
    for index in range(both, len(expected)):
        yield Difference(f"{path}[{index}]", expected[index], NOTHING)
    for index in range(both, len(actual)):
        yield Difference(f"{path}[{index}]", NOTHING, actual[index])


def _at_key(path: str, key: str) -> str:
    if _PLAIN_KEY.fullmatch(str(key)):
        return f"{path}.{key}" if path else str(key)
    return f"{path}[{json.dumps(key)}]"


def refuse_misplaced(where: str, pattern: Any) -> None:
    """Reject matchers for keys that are not the value of a key.

    Args:
        where: Name of the function that got the pattern, for the error.
        pattern: The pattern.

    Raises:
        InvalidInputError: If there is one.
    """
    checks = Checks()
    for path in _misplaced(pattern, "pattern"):
        checks.refuse(path, pattern, "no absent() here", "Use absent() as the value of a key in a dict.")
    checks.raise_for(where)


def _misplaced(pattern: Any, path: str, *, of_key: bool = False) -> Iterator[str]:
    match pattern:
        case Matcher(is_for_keys=True) if not of_key:
            yield path
        case Mapping():
            for key, it in pattern.items():
                yield from _misplaced(it, _at_key(path, key), of_key=True)
        case list() | tuple():
            for index, it in enumerate(pattern):
                yield from _misplaced(it, f"{path}[{index}]")


def shown(value: Any) -> str:
    """Format a value for a message: JSON, with matchers as calls."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(key)}: {shown(it)}" for key, it in value.items()) + "}"
        case list() | tuple():
            return f"[{', '.join(map(shown, value))}]"
        case str() | bool() | int() | float() | None:
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def _first_difference(expected: Any, actual: Any) -> list[str]:
    """Return the position where two long texts begin to differ."""
    if not (isinstance(expected, str) and isinstance(actual, str)) or max(len(expected), len(actual)) < _LONG:
        return []
    pairs = enumerate(zip(expected, actual, strict=False))
    at = next((index for index, (a, b) in pairs if a != b), min(len(expected), len(actual)))
    around = slice(max(0, at - _AROUND), at + _AROUND)
    return [f"  from character {at}: …{shown(expected[around])} and not …{shown(actual[around])}"]
