from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.support import Workspace

from openai_constructs.schema import (
    CHAT_COMPLETION,
    CHAT_COMPLETION_DATA,
    CHAT_COMPLETION_MESSAGES_DATA,
    CHAT_COMPLETIONS_DATA,
    PROVIDER,
    Block,
)

# Of the schema that mkdev-me/openai 1.2.0 itself prints, without its prose.
UPSTREAM = "c16f9425469eb786deacb5d8e4603a9573a241799996fd00346373d7329d2958"

TABLE = {
    "provider": PROVIDER,
    "r": CHAT_COMPLETION,
    "d": CHAT_COMPLETION_DATA,
    "ds": CHAT_COMPLETIONS_DATA,
    "dm": CHAT_COMPLETION_MESSAGES_DATA,
}


def test_the_table_is_the_schema_of_the_real_provider() -> None:
    """The one table says what 1.2.0 prints, to the letter."""
    assert digest({name: expected(block) for name, block in TABLE.items()}) == UPSTREAM


@pytest.mark.terraform
def test_terraform_prints_the_schema_of_the_real_provider(workspace: Callable[[str], Workspace]) -> None:
    """`terraform providers schema -json` equals that of 1.2.0: types, flags, nesting; and no more."""
    printed = json.loads(workspace("").run("providers", "schema", "-json").text)["provider_schemas"]
    (schemas,) = printed.values()
    blocks = {
        "provider": schemas["provider"],
        "r": schemas["resource_schemas"].pop("openai_chat_completion"),
        "d": schemas["data_source_schemas"].pop("openai_chat_completion"),
        "ds": schemas["data_source_schemas"].pop("openai_chat_completions"),
        "dm": schemas["data_source_schemas"].pop("openai_chat_completion_messages"),
    }
    assert not schemas["resource_schemas"]
    assert not schemas["data_source_schemas"]
    assert {it["version"] for it in blocks.values()} == {0}
    canonical = {name: without_prose(it["block"]) for name, it in blocks.items()}
    assert canonical == {name: expected(block) for name, block in TABLE.items()}
    assert digest(canonical) == UPSTREAM


def expected(block: Block) -> dict[str, Any]:
    attributes = {
        name: {flag: True for flag in ("required", "optional", "computed", "sensitive") if getattr(it, flag)}
        | {"type": printed_type(it.type)}
        for name, it in block.attributes.items()
    }
    blocks = {
        name: {"block": expected(it), "nesting_mode": "list"}
        | ({"min_items": it.min_items} if it.min_items else {})
        | ({"max_items": it.max_items} if it.max_items else {})
        for name, it in block.blocks.items()
    }
    return {"attributes": attributes} | ({"block_types": blocks} if blocks else {})


def printed_type(kind: Any) -> Any:
    match kind:
        case str():
            return kind
        case (name, inner):
            return [name, printed_type(inner)]
        case _:
            return ["object", {name: printed_type(it) for name, it in kind.items()}]


def without_prose(value: Any) -> Any:
    if isinstance(value, list):
        return [without_prose(it) for it in value]
    if not isinstance(value, dict):
        return value
    prose = {"description", "description_kind"} if isinstance(value.get("description_kind"), str) else set()
    return {name: without_prose(it) for name, it in value.items() if name not in prose}


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
