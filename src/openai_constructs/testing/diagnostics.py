"""Terraform's diagnostics with the paths of the constructs they are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["told"]

_LABELS: Final = {"resource": 2, "data": 2}
_KINDS: Final = ("data.", "module.", "output.", "provider.", "variable.", "locals.", "terraform")


def told(stack: str, written: Mapping[str, Any], diagnostic: Mapping[str, Any]) -> str:
    """Format a diagnostic: the construct and the summary, then the explanation and the code.

    Args:
        stack: Name of the stack.
        written: Its JSON, with the engine's comments.
        diagnostic: One diagnostic of Terraform's ``-json`` output.
    """
    snippet = diagnostic.get("snippet") or {}
    place = _place(stack, written, diagnostic)
    code = snippet.get("code", "").strip().rstrip(",")
    lines = [f"  {place}: {diagnostic['summary']}", *diagnostic.get("detail", "").splitlines()]
    return "\n    ".join([*lines, *([f"at: {code}"] if re.search(r"\w", code) else [])])


def _place(stack: str, written: Mapping[str, Any], diagnostic: Mapping[str, Any]) -> str:
    """Return the path of the construct that made a block with the block's address, or the stack."""
    snippet = diagnostic.get("snippet") or {}
    address = diagnostic.get("address") or _address(snippet.get("context") or "")
    if not address:
        return stack
    kind, *labels = re.split(r"[.\[]", address if address.startswith(_KINDS) else f"resource.{address}")
    block: Any = written.get(kind, {})
    for label in labels[: _LABELS.get(kind, 1)]:
        block = block.get(label, {}) if isinstance(block, Mapping) else {}
    match block:
        case {"//": {"metadata": {"path": str(path)}}}:
            return f"{path} ({address})"
        case _:
            return f"{stack} ({address})"


def _address(context: str) -> str:
    """Return the address of the block that a snippet is from: ``resource "type" "name"``."""
    return re.sub(r"[\s\"]+", ".", context).strip(".").removeprefix("resource.")
