"""Nesting depth of a schema's smallest value, for choosing alternatives that terminate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["Heights", "referred"]

_MAX_ROUNDS: Final = 100


class Heights:
    """The least nesting of values by schema, for one schema and its definitions.

    A scalar has height 0; an object has one more than the highest value that it requires. A schema that no
    finite value satisfies has an infinite height.

    Args:
        root: The whole schema.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self._by_reference = dict.fromkeys(_references(root), math.inf)
        self._by_schema: dict[int, tuple[Any, float]] = {}
        # Heights only fall, and each round fixes at least one of them.
        for _ in range(min(len(self._by_reference), _MAX_ROUNDS)):
            heights = {ref: self.of(referred(root, ref)) for ref in self._by_reference}
            self._by_schema.clear()
            if heights == self._by_reference:
                break
            self._by_reference = heights

    def of(self, schema: Any) -> float:
        """The height of the smallest value that satisfies a schema."""
        if not isinstance(schema, dict) or "const" in schema or schema.get("enum"):
            return 0
        known = self._by_schema.get(id(schema))
        if known is None:
            # The schema is kept with its height, because the id of a freed one may be used again.
            known = self._by_schema[id(schema)] = schema, self._computed(schema)
        return known[1]

    def _computed(self, schema: dict[str, Any]) -> float:
        heights = [self._own(schema)]
        if isinstance(reference := schema.get("$ref"), str):
            heights.append(self._by_reference.get(reference, 0))
        heights += [self.of(it) for it in schema.get("allOf") or ()]
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                heights.append(min(self.of(it) for it in schema[key]))
        return max(heights)

    def _own(self, schema: dict[str, Any]) -> float:
        properties, required = schema.get("properties") or {}, schema.get("required") or ()
        inner = [self.of(properties[name]) for name in required if name in properties]
        if schema.get("minItems", 0) > 0:
            inner.append(self.of(schema.get("items")))
        inner += [self.of(it) for it in schema.get("prefixItems") or ()]
        return 1 + max(inner) if inner else 0


def referred(root: dict[str, Any], reference: Any) -> dict[str, Any]:
    """Return the schema that a local reference points to, or an empty schema."""
    node: Any = root
    for part in str(reference).lstrip("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _references(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as inner:
                if isinstance(reference := inner.get("$ref"), str):
                    yield reference
                waiting += inner.values()
            case list() as inner:
                waiting += inner
            case _:
                pass
