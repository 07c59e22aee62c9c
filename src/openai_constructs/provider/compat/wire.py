"""Parse the API's JSON as strictly as the public provider: each field has one type, and null is its zero."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

__all__ = ["Fields", "RawJson", "WireError", "decoded", "dump", "parse"]

_T = TypeVar("_T")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MOST_DIGITS: Final = 400

_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "bool"),
    (str, "string"),
    ((int, float), "number"),
    (list, "array"),
    (dict, "object"),
)


class WireError(Exception):
    """A text that is not JSON or has a value of the wrong type, with the error text of Go's JSON parser."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object of the API, with typed access to its fields. A missing or null field is its type's zero.

    Attributes:
        values: The JSON object.
        struct: Name of the public provider's Go struct.
        path: Path of the object in the whole response, for error messages.
    """

    values: Mapping[str, Any]
    struct: str
    path: str = ""

    def text(self, name: str) -> str:
        """Return a text; "" if it is missing. As in Go, a lone surrogate becomes U+FFFD."""
        return _SURROGATE.sub("\ufffd", self._of(name, str, "string") or "")

    def whole(self, name: str) -> int:
        """Return a whole number; 0 if it is missing."""
        value = self._of(name, (int, float), "int")
        if isinstance(value, float) or not -(2**63) <= (value or 0) < 2**63:
            raise self._wrong(name, f"number {value!r}", "int")
        return int(value or 0)

    def flag(self, name: str) -> bool:
        """Return a boolean; false if it is missing."""
        return bool(self._of(name, bool, "bool"))

    def one(self, name: str, struct: str) -> Fields:
        """Return a nested object; an empty one if it is missing."""
        return self.maybe(name, struct) or Fields({}, struct, self._at(name))

    def maybe(self, name: str, struct: str) -> Fields | None:
        """Return a nested object; ``None`` if it is missing."""
        value = self._of(name, dict, f"provider.{struct}")
        return None if value is None else Fields(value, struct, self._at(name))

    def many(self, name: str, struct: str, read: Callable[[Fields], _T]) -> list[_T]:
        """Read each object of a list; none if the list is missing."""
        values = self._of(name, list, f"[]provider.{struct}") or []
        return [read(_fields(it, struct, self._at(name))) for it in values]

    def _of(self, name: str, kind: type | tuple[type, ...], go: str) -> Any:
        value = self.values.get(name)
        if value is None or (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)):
            return value
        raise self._wrong(name, _kind(value), go)

    def _wrong(self, name: str, kind: str, go: str) -> WireError:
        return WireError(
            f"json: cannot unmarshal {kind} into Go struct field {self.struct}.{self._at(name)} of type {go}"
        )

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def decoded(content: bytes) -> str:
    """Decode a response. As in Go, each byte that is not valid UTF-8 becomes U+FFFD."""
    return _SURROGATE.sub("\ufffd", content.decode("utf-8", "surrogateescape"))


class RawJson:
    """A JSON text that is sent unchanged.

    Raises:
        WireError: If the text is not JSON.
    """

    def __init__(self, text: str) -> None:
        _loads(text)
        self.text = text


def dump(value: Any) -> str:
    """Format the JSON of a request."""
    if isinstance(value, RawJson):
        return value.text
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{dump(name)}:{dump(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def parse(text: str, struct: str) -> Fields:
    """Parse a response of the API.

    Raises:
        WireError: If the response is not a JSON object.
    """
    return _fields(_loads(text), struct, "")


def _fields(value: Any, struct: str, path: str) -> Fields:
    if value is None:
        return Fields({}, struct, path)
    if not isinstance(value, dict):
        raise WireError(f"json: cannot unmarshal {_kind(value)} into Go value of type provider.{struct}")
    return Fields(value, struct, path)


def _loads(text: str) -> Any:
    try:
        return json.loads(text, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError as error:
        raise WireError("exceeded max depth") from error
    except ValueError as error:
        # An event stream or a proxy's page fails at its first character, so this error has Go's exact text.
        position = error.pos if isinstance(error, json.JSONDecodeError) else 0
        if position >= len(text.rstrip()):
            raise WireError("unexpected end of JSON input") from error
        place = "looking for beginning of value" if not text[:position].strip() else "in JSON input"
        raise WireError(f"invalid character {text[position]!r} {place}") from error


def _integer(digits: str) -> int | float:
    """Parse a whole number; infinity if it has more digits than Python accepts."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float("inf")


def _no_constant(name: str) -> Any:
    """Reject ``NaN`` and ``Infinity``, which Python accepts although they are not JSON."""
    if name.startswith("-"):
        raise WireError("invalid character 'I' in numeric literal")
    raise WireError(f"invalid character {name[0]!r} looking for beginning of value")


def _kind(value: Any) -> str:
    return next(name for types, name in _KINDS if isinstance(value, types))
