"""Plans of the native edition: every change is an update in place, which resends an edited request."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.provider.core.planning import Plan, is_same, plan
from openai_constructs.provider.native.importing import IMPORTED
from openai_constructs.provider.native.tags import MAX_PAIRS
from openai_constructs.schema import Block
from openai_constructs.schema_types import JSON_TEXTS

__all__ = ["is_known", "plan_change"]

_NO_PARAMETERS: Final = {"type": "object", "properties": {}}
_RELEASE: Final = re.compile(r"-\d{4}(-\d\d-\d\d)?")


def plan_change(block: Block, prior: State | None, config: State) -> Plan:
    """Plan a creation or a change. If the request will be sent again, the whole answer is unknown."""
    planned = plan(block, prior, config)
    if prior is None:
        return planned
    state = {**planned.state, **_same_by_meaning(block, prior, planned.state)}
    if state["imported"]:
        return Plan(state)
    if _is_changed(prior, state, block.hashed_arguments):
        return Plan({**state, "_imported_resource": None, **dict.fromkeys(_answer(block), Unknown)})
    if prior["_imported_resource"] == IMPORTED and not all(
        is_same(prior[name], it) for name, it in state.items()
    ):
        # The configuration now has the arguments that the import lacked: a completion like any other.
        state["_imported_resource"] = None
    if is_known(state["metadata"]) and len(state["metadata"] or {}) >= MAX_PAIRS:
        state["request_tag"] = None
    return Plan(state)


def is_known(value: Any) -> bool:
    """Whether a value is fully known before apply."""
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    if isinstance(value, list):
        return all(map(is_known, value))
    return value is not Unknown


def _answer(block: Block) -> tuple[str, ...]:
    """Return the names of all attributes and blocks that an answer sets."""
    attributes = (name for name, it in block.attributes.items() if it.computed and not it.optional)
    return ("id", *attributes, *(name for name, it in block.blocks.items() if it.computed))


def _is_changed(prior: State, state: State, names: Collection[str]) -> bool:
    is_imported = prior["_imported_resource"] == IMPORTED
    return any(
        not is_same(prior[name], state[name]) and not (is_imported and _fills_in(name, prior, state))
        for name in names
    )


def _fills_in(name: str, prior: State, state: State) -> bool:
    """Whether a change only adds an argument that an import could not read."""
    before: Any = prior[name]
    if name == "model":
        # A request names the alias (gpt-4o), a stored completion its release (gpt-4o-2024-08-06).
        alias = state[name]
        return isinstance(alias, str) and bool(
            before.startswith(alias) and _RELEASE.fullmatch(before.removeprefix(alias))
        )
    if name == "tool_choice" and before == "auto":
        return state[name] is None  # the API's default for a request with tools
    if name == "response_format" and not state[name]:
        return bool(is_same([it["type"] for it in before], ["text"]))  # the API's default for any request
    return is_same(before, None)


def _same_by_meaning(block: Block, prior: State, state: State) -> State:
    """Return the prior values of the arguments whose JSON differs only in its formatting."""
    texts = [name for name, it in block.attributes.items() if it.sent in JSON_TEXTS and is_known(state[name])]
    same = [name for name in texts if _canonical(prior[name], name) == _canonical(state[name], name)]
    same += [
        name
        for name, part in block.json_parts.items()
        if is_known(state[name]) and is_same(_meaning(prior[name], part), _meaning(state[name], part))
    ]
    return {name: prior[name] for name in same}


def _meaning(blocks: list[Mapping[str, Any]] | None, field: str) -> list[dict[str, Any]]:
    return [
        {**it, field: _canonical(it[field], field), "strict": it.get("strict") or None} for it in blocks or []
    ]


def _canonical(text: str | None, field: str) -> str | None:
    """Normalize a JSON text. A tool without parameters equals one with the empty object that is sent."""
    if not text:
        return _text(_NO_PARAMETERS) if field == "parameters" else text
    try:
        return _text(json.loads(text, parse_float=_number))
    except (ValueError, RecursionError):
        return text


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _number(digits: str) -> float | int:
    number = float(digits)
    return int(number) if number.is_integer() else number
