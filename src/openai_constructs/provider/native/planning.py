"""Planning natively: every change is an update in place; an edited request is sent again by it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.provider.core.planning import Plan, is_same, plan
from openai_constructs.provider.native.importing import IMPORTED
from openai_constructs.provider.native.tags import MOST_PAIRS
from openai_constructs.schema import Block
from openai_constructs.schema_types import JSON_TEXTS

__all__ = ["is_known", "plan_change"]

_NO_PARAMETERS: Final = {"type": "object", "properties": {}}
_RELEASE: Final = re.compile(r"-\d{4}(-\d\d-\d\d)?")


def plan_change(block: Block, prior: State | None, config: State) -> Plan:
    """Plan a creation or a change. All of the answer is unknown where the request will be sent again."""
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
        # Once the configuration has filled in what the store did not tell, it is a completion like any other.
        state["_imported_resource"] = None
    if is_known(state["metadata"]) and len(state["metadata"] or {}) >= MOST_PAIRS:
        state["request_tag"] = None
    return Plan(state)


def is_known(value: Any) -> bool:
    """Whether nothing in a value is known only after apply."""
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    if isinstance(value, list):
        return all(map(is_known, value))
    return value is not Unknown


def _answer(block: Block) -> tuple[str, ...]:
    """Names of all that an answer brings."""
    attributes = (name for name, it in block.attributes.items() if it.computed and not it.optional)
    return ("id", *attributes, *(name for name, it in block.blocks.items() if it.computed))


def _is_changed(prior: State, state: State, names: Collection[str]) -> bool:
    is_imported = prior["_imported_resource"] == IMPORTED
    return any(
        not is_same(prior[name], state[name]) and not (is_imported and _fills_in(name, prior, state))
        for name in names
    )


def _fills_in(name: str, prior: State, state: State) -> bool:
    """Whether a change only adds what an import could not know."""
    before: Any = prior[name]
    if name == "model":
        # A model is asked for by name and answers by release: gpt-4o as gpt-4o-2024-08-06.
        wanted = state[name]
        return isinstance(wanted, str) and bool(
            before.startswith(wanted) and _RELEASE.fullmatch(before.removeprefix(wanted))
        )
    if name == "tool_choice" and before == "auto":
        return state[name] is None  # the API's default for a request with tools
    if name == "response_format" and not state[name]:
        return bool(is_same([it["type"] for it in before], ["text"]))  # and for any request
    return is_same(before, None)


def _same_by_meaning(block: Block, prior: State, state: State) -> State:
    """The prior value of each argument that differs only in how its JSON is written."""
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


def _canonical(written: str | None, field: str) -> str | None:
    """A JSON text in one form. The parameters of a tool that has none are sent as those of no arguments."""
    if not written:
        return _text(_NO_PARAMETERS) if field == "parameters" else written
    try:
        return _text(json.loads(written, parse_float=_number))
    except (ValueError, RecursionError):
        return written


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _number(written: str) -> float | int:
    number = float(written)
    return int(number) if number.is_integer() else number
