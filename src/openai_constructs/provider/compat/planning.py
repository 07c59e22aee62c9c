"""Plans like those of the public provider, including how SDKv2 treats nulls and zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.provider.core.planning import Plan, plan
from openai_constructs.schema import CHAT_COMPLETION, Block

__all__ = ["plan_completion", "with_empty_texts", "without_null_entries"]

_NULL_IN_LIST: Final = ("Null value found in list", "Null values are not allowed for this attribute value.")


def plan_completion(prior: State | None, config: State) -> Plan:
    """Plan a creation (without prior state) or a change.

    A changed number of messages needs a replacement, except of an imported completion. A changed text or
    temperature does not: it is planned in place, and the apply rejects it.
    """
    planned = plan(CHAT_COMPLETION, prior, _as_read(prior, config))
    state, replaces = planned.state, planned.replaces
    if config.get("choices") and config["choices"] is not Unknown:
        state["choices"] = _choices((prior or {}).get("choices") or [], config["choices"])
    # SDKv2 recomputes a computed map that is empty. This happens only to imported completions.
    if prior is not None and not prior.get("usage"):
        state["usage"] = Unknown
    if state["imported"] is True:
        state["_imported_resource"] = "true"
        replaces = tuple(name for name in replaces if name != "messages")
    has_null = any(isinstance(value, list) and None in value for value in config.values())
    return Plan(state, replaces, errors=(_NULL_IN_LIST,) if has_null else ())


def without_null_entries(value: Any) -> Any:
    """Remove the null entries of a map; an empty map becomes null. Return any other value unchanged."""
    if not isinstance(value, dict):
        return value
    return {name: entry for name, entry in value.items() if entry is not None} or None


def with_empty_texts(block: Block, state: Mapping[str, Any]) -> State:
    """Return a state as SDKv2 reads it back, with "" for null texts in nested blocks."""
    texts = dict(state)
    for name, nested in block.blocks.items():
        if not nested.computed:
            texts[name] = [_with_empty_texts(nested, item) for item in state.get(name) or []]
    return texts


def _with_empty_texts(block: Block, item: Mapping[str, Any]) -> State:
    filled = {
        name: ""
        if value is None and name in block.attributes and block.attributes[name].type == "string"
        else value
        for name, value in item.items()
    }
    return with_empty_texts(block, filled)


def _as_read(prior: State | None, config: State) -> State:
    """Return a configuration as SDKv2 reads it: without nulls in maps, and with null for zeros."""
    read = {name: without_null_entries(value) for name, value in config.items()}
    for name, attribute in CHAT_COMPLETION.attributes.items():
        is_plain_number = attribute.type == "number" and attribute.optional and attribute.default is None
        if is_plain_number and prior is not None and not prior.get(name) and not read.get(name):
            read[name] = prior.get(name)
    return read


def _choices(prior: list[State], written: list[State]) -> list[State]:
    """Plan choices for the `choices` blocks of the configuration: their values are computed."""
    unknown = dict.fromkeys(CHAT_COMPLETION.blocks["choices"].attributes, Unknown)
    return [*prior[: len(written)], *(unknown for _ in written[len(prior) :])]
