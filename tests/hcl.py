"""HCL as Terraform JSON has it, read by a parser that is not ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import hcl2

__all__ = ["addresses", "read"]


def read(text: str) -> dict[str, Any]:
    """Blocks by address: ``data.openai_chat_completions.recent_completions``."""
    parsed = plain(hcl2.loads(text if text.endswith("\n") else f"{text}\n"))
    found: dict[str, Any] = {}
    for kind, all_ in parsed.items():
        for one in all_:
            for address, it in addresses({kind: one}).items():
                found[address] = [*found.get(address, ()), it] if kind == "provider" else it
    return found


def plain(value: Any) -> Any:
    """A value of the parser as Python has it: quotes off, jsonencode() evaluated."""
    match value:
        case str() if value.startswith('"'):
            return json.loads(value)
        case str() if value.startswith("${jsonencode("):
            return plain(hcl2.loads(f"it = {value[13:-2]}\n"))["it"]
        case dict():
            return {plain(key): plain(it) for key, it in value.items() if not key.startswith("__")}
        case list():
            return [plain(it) for it in value]
        case _:
            return value


def addresses(configuration: dict[str, Any]) -> dict[str, Any]:
    """The blocks of Terraform JSON by address."""
    return dict(pair for kind, labelled in configuration.items() for pair in _labelled(kind, labelled))


def _labelled(kind: str, labelled: Any) -> Iterator[tuple[str, Any]]:
    found = {kind: labelled}
    for _ in range({"resource": 2, "data": 2}.get(kind, 1)):
        found = {f"{path}.{label}": it for path, inner in found.items() for label, it in inner.items()}
    yield from found.items()
