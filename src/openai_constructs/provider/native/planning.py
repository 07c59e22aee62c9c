"""Planning natively: a change of the request is a new request, everything else is changed in place."""

from __future__ import annotations

from typing import Any

from openai_constructs.provider.core.blocks import State
from openai_constructs.provider.core.planning import Plan, is_same, plan
from openai_constructs.provider.native.importing import IMPORTED
from openai_constructs.schema import Block

__all__ = ["plan_change"]


def plan_change(block: Block, prior: State | None, config: State) -> Plan:
    """Plan a creation or a change."""
    planned = plan(block, prior, config)
    if prior is None:
        return planned
    if planned.state["imported"]:
        return Plan(planned.state)
    if prior["_imported_resource"] != IMPORTED:
        return planned
    replaces = tuple(it for it in planned.replaces if not _fills_in(it, prior, planned.state))
    # Once the configuration has filled in what the store did not tell, it is a completion like any other.
    settled = all(is_same(prior[name], it) for name, it in planned.state.items())
    return Plan(planned.state if settled else {**planned.state, "_imported_resource": None}, replaces)


def _fills_in(name: str, prior: State, planned: State) -> bool:
    """Whether a change only adds what an import could not know."""
    before: Any = prior[name]
    if name == "model":
        # A model is asked for by name and answers by release: gpt-4o as gpt-4o-2024-08-06.
        return isinstance(planned[name], str) and before.startswith(f"{planned[name]}-")
    return is_same(before, None)
