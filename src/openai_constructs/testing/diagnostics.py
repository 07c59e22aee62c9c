"""Terraform's diagnostics, told by the path of the construct that they concern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["told"]

_LABELS: Final = {"resource": 2, "data": 2}


def told(stack: str, written: Mapping[str, Any], diagnostic: Mapping[str, Any]) -> str:
    """A diagnostic as lines: the construct and the summary, then the explanation and the code.

    Args:
        stack: Name of the stack.
        written: Its JSON, with the engine's comments.
        diagnostic: What Terraform wrote with ``-json``.
    """
    snippet = diagnostic.get("snippet") or {}
    place = _place(stack, written, diagnostic.get("address") or snippet.get("context") or "")
    code = snippet.get("code", "").strip().rstrip(",")
    lines = [f"  {place}: {diagnostic['summary']}", *diagnostic.get("detail", "").splitlines()]
    return "\n    ".join([*lines, *([f"at: {code}"] if re.search(r"\w", code) else [])])


def _place(stack: str, written: Mapping[str, Any], context: str) -> str:
    """The path of the construct that made a block, and the block's address."""
    kind, *labels = [it for it in re.split(r"[.\s\[]+", context.replace('"', "")) if it] or [""]
    if kind and kind not in written:  # an address has no word for resources
        kind, labels = "resource", [kind, *labels]
    block: Any = written.get(kind, {})
    for label in labels[: _LABELS.get(kind, 1)]:
        block = block.get(label, {}) if isinstance(block, Mapping) else {}
    address = ".".join(labels if kind == "resource" else [kind, *labels])
    match block:
        case {"//": {"metadata": {"path": str(path)}}}:
            return f"{path} ({address})"
        case _:
            return f"{stack} ({address})" if labels else stack
