"""The schema table is that of mkdev-me/openai 1.2.0."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from openai_constructs import schema

UPSTREAM = "c16f9425469eb786deacb5d8e4603a9573a241799996fd00346373d7329d2958"
"""SHA-256 of the chat blocks of `terraform providers schema -json`: no prose, keys sorted, no white space."""


def written_type(kind: schema.TerraformType) -> Any:
    match kind:
        case str():
            return kind
        case (name, inner):
            return [name, written_type(inner)]
        case _:
            return ["object", {name: written_type(it) for name, it in kind.items()}]


def written(block: schema.Block) -> dict[str, Any]:
    flags = ("required", "optional", "computed", "sensitive")
    made: dict[str, Any] = {
        "attributes": {
            name: {"type": written_type(it.type), **{flag: True for flag in flags if getattr(it, flag)}}
            for name, it in block.attributes.items()
        }
    }
    if block.blocks:
        made["block_types"] = {
            name: {
                "block": written(it),
                "nesting_mode": "list",
                **({"min_items": it.min_items} if it.min_items else {}),
                **({"max_items": it.max_items} if it.max_items else {}),
            }
            for name, it in block.blocks.items()
        }
    return made


def test_the_table_is_the_providers_schema() -> None:
    """Names, types, flags and nesting equal those of the released provider, to the letter."""
    blocks = {
        "provider": schema.PROVIDER,
        "r": schema.CHAT_COMPLETION,
        "d": schema.CHAT_COMPLETION_DATA,
        "ds": schema.CHAT_COMPLETIONS_DATA,
        "dm": schema.CHAT_COMPLETION_MESSAGES_DATA,
    }
    canonical = json.dumps(
        {name: written(it) for name, it in blocks.items()}, sort_keys=True, separators=(",", ":")
    )
    assert hashlib.sha256(canonical.encode()).hexdigest() == UPSTREAM
