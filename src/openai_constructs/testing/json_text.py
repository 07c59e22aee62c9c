"""Parse JSON in a Terraform text with references, which are not valid JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from openai_constructs.testing.text import Reference, Text

__all__ = ["read_json", "revealed"]

# Private-use characters replace references while a text is parsed as JSON.
_HIDDEN: Final = re.compile("\ue000(\\d+)\ue001")
_HIDDEN_OR_STRING: Final = re.compile('"(?:\\\\.|[^"\\\\])*"|\ue000(\\d+)\ue001')
# The encodings of a reference as a whole JSON value, and in a JSON string.
_ENCODED: Final = re.compile(r"\$\{jsonencode\((.*)\)\}", re.DOTALL)
_ENCODED_INSIDE: Final = re.compile(
    r'\$\{trimsuffix\(trimprefix\(jsonencode\((.*)\), "\\""\), "\\""\)\}', re.DOTALL
)


def read_json(text: str) -> Any:
    """Parse JSON in a text with its references in place; other text is returned unchanged."""
    parts = list(text.parts) if isinstance(text, Text) else [text]
    marked = "".join(f"\ue000{n}\ue001" if isinstance(it, Reference) else it for n, it in enumerate(parts))

    def as_json(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        parts[int(found[1])] = _decoded(parts[int(found[1])], _ENCODED)
        return f'"{found[0]}"'

    quoted = _HIDDEN_OR_STRING.sub(as_json, marked)
    parts = [_decoded(it, _ENCODED_INSIDE) for it in parts]
    try:
        return revealed(json.loads(quoted), parts)
    except ValueError:
        return text


def _decoded(part: str, encoding: re.Pattern[str]) -> str:
    """Return the target of a reference, without the function that encodes it as JSON."""
    found = encoding.fullmatch(part) if isinstance(part, Reference) else None
    return part if found is None else Reference(f"${{{found[1]}}}")


def revealed(value: Any, parts: Sequence[str]) -> Any:
    """Return a value with the references back in its texts."""
    match value:
        case str() if _HIDDEN.search(value):
            pieces = _HIDDEN.split(value)  # literal, number, literal, number, ..., literal
            return Text(*(parts[int(it)] if n % 2 else it for n, it in enumerate(pieces)))
        case dict():
            return {revealed(key, parts): revealed(it, parts) for key, it in value.items()}
        case list():
            return [revealed(it, parts) for it in value]
        case _:
            return value
