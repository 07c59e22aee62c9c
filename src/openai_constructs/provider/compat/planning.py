"""Plans as the released provider makes them: those of its SDK, and what that makes of nulls and zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.provider.core.planning import Plan, plan
from openai_constructs.schema import CHAT_COMPLETION, Block

__all__ = ["plan_completion", "with_empty_texts", "without_null_entries"]

_NULL_IN_LIST: Final = ("Null value found in list", "Null values are not allowed for this attribute value.")


def plan_completion(prior: State | None, config: State) -> Plan:
    """Plan a creation, where there is no prior state, or a change.

    Only the number of messages needs a replacement, not what they say; neither does the temperature. Such an
    edit is planned in place, and refused when applied. An imported completion is spared the count.
    """
    planned = plan(CHAT_COMPLETION, prior, _as_read(prior, config))
    state, replaces = planned.state, planned.replaces
    if config.get("choices") and config["choices"] is not Unknown:
        state["choices"] = _choices((prior or {}).get("choices") or [], config["choices"])
    # An empty map that the provider computes is computed again; this happens to imported completions only.
    if prior is not None and not prior.get("usage"):
        state["usage"] = Unknown
    if state["imported"] is True:
        state["_imported_resource"] = "true"
        replaces = tuple(name for name in replaces if name != "messages")
    has_null = any(isinstance(value, list) and None in value for value in config.values())
    return Plan(state, replaces, errors=(_NULL_IN_LIST,) if has_null else ())


def without_null_entries(value: Any) -> Any:
    """A map without its null entries; an empty one is null. Any other value is returned as it is."""
    if not isinstance(value, dict):
        return value
    return {name: entry for name, entry in value.items() if entry is not None} or None


def with_empty_texts(block: Block, state: Mapping[str, Any]) -> State:
    """A state as the SDK reads it back: in nested blocks, a text that is null has become ""."""
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
    """A configuration as the SDK reads it: maps without nulls, and a zero is the same as nothing."""
    read = {name: without_null_entries(value) for name, value in config.items()}
    for name, attribute in CHAT_COMPLETION.attributes.items():
        is_plain_number = attribute.type == "number" and attribute.optional and attribute.default is None
        if is_plain_number and prior is not None and not prior.get(name) and not read.get(name):
            read[name] = prior.get(name)
    return read


def _choices(prior: list[State], written: list[State]) -> list[State]:
    """Answers that the configuration has blocks for: all in them is computed, only their number counts."""
    unknown = dict.fromkeys(CHAT_COMPLETION.blocks["choices"].attributes, Unknown)
    return [*prior[: len(written)], *(unknown for _ in written[len(prior) :])]
