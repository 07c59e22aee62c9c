"""Generate values that satisfy a JSON schema: arguments of a call, or a structured output.

The same schema always gives the same value. Source: JSON Schema 2020-12, validation vocabulary.

Not supported: ``not``, ``if``, ``patternProperties``, ``dependentSchemas``, and patterns with look-arounds or
back-references.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from openai_constructs.emulator.pattern_texts import matching_text
from openai_constructs.emulator.schema_heights import Heights, referred

__all__ = ["TooLargeError", "satisfying"]

# Deeper than this, or after so many values, only required properties are filled in, as briefly as possible.
_DEEP: Final = 4
_MANY: Final = 500
_TOO_DEEP: Final = 64
_TOO_MANY: Final = 10_000
_TOO_LONG: Final = 1 << 20

_FORMATS: Final = {
    "date": "2026-01-{day:02}",
    "date-time": "2026-01-{day:02}T12:00:00Z",
    "duration": "P{day}D",
    "email": "user{n}@example.com",
    "hostname": "host{n}.example.com",
    "idn-email": "user{n}@example.com",
    "ipv4": "192.0.2.{n}",
    "ipv6": "2001:db8::{n}",
    "time": "12:00:{day:02}Z",
    "uri": "https://example.com/{n}",
    "url": "https://example.com/{n}",
    "uuid": "00000000-0000-4000-8000-{n:012}",
}
# Tried in turn for a pattern: the most common ones.
_SHAPES: Final = (
    "a",
    "A",
    "1",
    "Aa1",
    "ABC",
    "abc",
    "12345",
    "2026-01-01",
    "12:00",
    "#a1b2c3",
    "+12025550100",
    "abc-123",
    "https://example.com/",
)


class TooLargeError(ValueError):
    """The schema requires too many entries or levels, or too long a text."""


def satisfying(schema: Any) -> Any:
    """Return a value that satisfies a JSON schema.

    Args:
        schema: The schema; ``None`` and ``True`` are satisfied by an empty object.

    Raises:
        TooLargeError: If all its values have more than 10,000 parts, 64 levels or a text of 1 MiB.
    """
    try:
        return _Filler(schema).value(schema, "value", 0, 0) if isinstance(schema, dict) else {}
    except RecursionError as error:
        raise TooLargeError("The schema refers to itself without end.") from error


class _Filler:
    """Generate values for one schema; references point to its own definitions."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.heights = Heights(root)
        self._count = self._steps = 0

    def value(self, schema: Any, name: str, n: int, depth: int) -> Any:
        """Return a value; ``n`` distinguishes the entries of an array that must be unique."""
        self._check_count(1)
        self._count += 1
        if depth > _TOO_DEEP:
            raise TooLargeError(f"No value has fewer than {_TOO_DEEP} levels.")
        schema = self._resolved(schema, depth) if isinstance(schema, dict) else {}
        if "const" in schema:
            return schema["const"]
        for key in ("enum", "examples"):
            if schema.get(key):
                return schema[key][n % len(schema[key])]
        if "default" in schema and n == 0:
            return schema["default"]
        return self._typed(schema, name, n, depth)

    def _typed(self, schema: dict[str, Any], name: str, n: int, depth: int) -> Any:
        match self._type(schema, depth):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number" as kind:
                return _number(schema, n, whole=kind == "integer")
            case "boolean":
                return n % 2 == 0
            case "null":
                return None
            case _:
                return _text(schema, name, n)

    def _resolved(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Return the schema with its reference, its ``allOf`` and one alternative merged in."""
        self._steps += 1
        if self._steps > 10 * _TOO_MANY:
            raise TooLargeError("The schema combines too many others.")
        for _ in range(_TOO_DEEP):
            if "$ref" in schema:
                rest = {key: it for key, it in schema.items() if key != "$ref"}
                schema = _merged(referred(self.root, schema["$ref"]), rest)
            elif schema.get("allOf"):
                rest = {key: it for key, it in schema.items() if key != "allOf"}
                for it in schema["allOf"]:
                    rest = _merged(rest, self._resolved(it, depth) if isinstance(it, dict) else {})
                schema = rest
            elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
                rest = {key: it for key, it in schema.items() if key not in ("anyOf", "oneOf")}
                schema = _merged(rest, self._alternative(alternatives, depth))
            else:
                break
        return schema

    def _alternative(self, alternatives: list[Any], depth: int) -> dict[str, Any]:
        """Return the first alternative that has a value or, from some depth on, the least nested one."""
        schemas = [it for it in alternatives if isinstance(it, dict)]
        if not schemas:
            return {}
        if self._is_short(depth):
            return self._resolved(min(schemas, key=self.heights.of), depth)
        return self._resolved(
            next((it for it in schemas if self.heights.of(it) < math.inf), schemas[0]), depth
        )

    def _is_short(self, depth: int) -> bool:
        """Return whether to fill in only what is required."""
        return depth >= _DEEP or self._count > _MANY

    def _check_count(self, more: int) -> None:
        """Count more parts of the value, and refuse too many."""
        if self._count + more > _TOO_MANY:
            raise TooLargeError(f"No value has fewer than {_TOO_MANY:,} parts.")

    def _type(self, schema: dict[str, Any], depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            return (
                "null" if self._is_short(depth) and "null" in kind else next((str(it) for it in kind), "null")
            )
        if kind is not None:
            return str(kind)
        if "properties" in schema:
            return "object"
        if "items" in schema or "prefixItems" in schema:
            return "array"
        if "minimum" in schema or "maximum" in schema or "multipleOf" in schema:
            return "number"
        return "string"

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties") or {}
        required: list[str] = schema.get("required") or []
        if self._is_short(depth) and self.heights.of(schema) == math.inf:
            return {}  # it requires itself, so no value satisfies it
        names = (
            required
            if self._is_short(depth)
            else [*properties, *(it for it in required if it not in properties)]
        )
        extra = schema.get("additionalProperties", True)
        filled = {
            name: self.value(properties.get(name, extra), name, 0, depth + 1)
            for name in names
            if name in required or properties.get(name) is not False
        }
        missing = int(schema.get("minProperties", 0)) - len(filled)
        self._check_count(missing)
        for n in range(missing):
            filled[f"property_{n + 1}"] = self.value(extra, "value", n, depth + 1)
        return filled

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        first: list[Any] = schema.get("prefixItems") or []
        if self._is_short(depth) and self.heights.of(schema) == math.inf:
            return []
        items = schema.get("items", True)
        least = int(schema.get("minItems", 0))
        wanted = max(least, len(first)) if first or self._is_short(depth) else max(least, 1)
        if items is False:
            wanted = min(wanted, len(first))
        wanted = min(wanted, int(schema.get("maxItems", wanted)))
        self._check_count(wanted)
        schemas = [*first, *[items] * (wanted - len(first))][:wanted]
        return [self.value(it, f"{name} {n + 1}", n, depth + 1) for n, it in enumerate(schemas)]


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Merge two schemas: properties and required names are united, the second overrides all else."""
    merged = {**one, **other}
    for key in ("properties", "$defs"):
        if key in one and key in other:
            merged[key] = {**one[key], **other[key]}
    if "required" in one and "required" in other:
        merged["required"] = [
            *one["required"],
            *(it for it in other["required"] if it not in one["required"]),
        ]
    for key, narrower in (("minimum", max), ("maximum", min), ("minLength", max), ("maxLength", min)):
        if key in one and key in other:
            merged[key] = narrower(one[key], other[key])
    return merged


def _number(schema: dict[str, Any], n: int, *, whole: bool) -> int | float:
    """Return the ``n``-th allowed number, counted from 1 or the minimum."""
    multiple = schema.get("multipleOf") or (1 if whole else None)
    low, high = _bounds(schema, multiple if whole and multiple else None)
    step = multiple or 1
    start = 1.0 if low is None and (high is None or high >= 1) else low
    if start is None:
        start = high if high is not None else 1.0
        value = start - n * step
    else:
        start = max(start, 1.0) if high is None or high >= 1 else start
        value = start + n * step
    if multiple:
        value = (math.floor if low is None and high is not None and value > high - step else math.ceil)(
            round(value / multiple, 9)
        ) * multiple
    elif not whole and high is not None and low is not None:
        # Bounds may be closer together than any step: start halfway, then move towards one of them.
        value = low + (high - low) / (n + 2)
    return int(value) if whole or float(value).is_integer() else value


def _bounds(schema: dict[str, Any], whole_step: float | None) -> tuple[float | None, float | None]:
    """Return the inclusive bounds; an exclusive bound moves by one step."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    aside = whole_step or schema.get("multipleOf") or 1e-6
    if above is not None and not isinstance(above, bool):
        low = above + aside if low is None else max(low, above + aside)
    if below is not None and not isinstance(below, bool):
        high = below - aside if high is None else min(high, below - aside)
    return low, high


def _text(schema: dict[str, Any], name: str, n: int) -> str:
    """Return the ``n``-th allowed text, made from the name of its property."""
    if (shape := _FORMATS.get(str(schema.get("format")))) is not None:
        return shape.format(n=n + 1, day=n % 28 + 1)
    if pattern := schema.get("pattern"):
        return _matching(pattern, name, schema)
    text = f"{name} {n + 1}" if n and not name.endswith(f" {n + 1}") else name
    least = int(schema.get("minLength", 0))
    most = None if (given := schema.get("maxLength")) is None else int(given)
    if most is not None and len(text) > most:
        # Cut at the front, because the number that makes it unique is at the end.
        text = text[-most:] if most else ""
    if least > _TOO_LONG:
        raise TooLargeError(f"No value has a text of fewer than {_TOO_LONG:,} characters.")
    return text + "." * (least - len(text))


def _matching(pattern: str, name: str, schema: dict[str, Any]) -> str:
    """Return a text of an allowed length that matches a pattern, or the name if none is found."""
    try:
        expression = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return name
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength", math.inf)
    made = matching_text(pattern)
    texts = [name, *_SHAPES]
    if made is not None and least < _TOO_MANY:
        texts += [made, made.ljust(least, "a"), made.ljust(least, "1")]
    fitting = (it for it in texts if least <= len(it) <= most and expression.search(it))
    return next(fitting, name if made is None else made)
