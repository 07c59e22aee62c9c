"""Plans like those of Terraform's SDKv2: defaults, computed values, and changes that need a replacement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tf.iface import ReadContext
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.schema import Block

__all__ = ["Change", "Plan", "Private", "Refresh", "is_same", "plan", "with_defaults"]

Private = dict[str, Any]
"""Private data of the provider, which Terraform stores next to a resource's state. JSON values only."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned change.

    Attributes:
        state: The planned state; `Unknown` marks values known only after apply.
        replaces: Names whose change needs a replacement.
        errors: Summary and detail of each error; with an error there is no plan.
        private: Private data for the apply; None keeps the present data.
        warnings: Summary and detail of each warning.
    """

    state: State
    replaces: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    private: Private | None = None
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Refresh(ReadContext):
    """A refresh of a state.

    Attributes:
        private: Private data of the state; may be changed.
    """

    private: Private = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Change:
    """A planned change to apply.

    Attributes:
        diagnostics: Diagnostics of the apply.
        prior: The state before the change; None for a creation.
        planned: The planned state; None for a deletion.
        config: The user's configuration; empty for a deletion.
        private: Private data from the plan, and then for the new state; may be changed.
        kept: The state to keep after an unexpected exception: the prior one, until there is more to lose.
        kept_private: Private data to keep with `kept`; None keeps `private`.
    """

    diagnostics: Diagnostics
    prior: State | None
    planned: State | None
    config: State
    private: Private = field(default_factory=dict)
    kept: State | None = None
    kept_private: Private | None = None

    def __post_init__(self) -> None:
        self.kept = self.kept or self.prior


def plan(block: Block, prior: Mapping[str, Any] | None, config: Mapping[str, Any]) -> Plan:
    """Plan a creation (without prior state) or a change.

    Arguments that are not set get their default. Computed values are unknown at a creation and keep their
    value at a change: the SDK expects an update to change only the edited arguments.
    """
    attributes = {name: _planned(block, name, prior, config) for name in block.attributes}
    nested = {
        name: _planned_blocks(it, name, prior, config.get(name) or []) for name, it in block.blocks.items()
    }
    state: State = {**attributes, **nested}
    return Plan(state, () if prior is None else _replacing(block, prior, state))


def with_defaults(block: Block, config: Mapping[str, Any]) -> State:
    """Return the configuration of a data source, completed with the defaults."""
    return {name: _or_default(block, name, config.get(name)) for name in block.attributes}


def _planned(block: Block, name: str, prior: Mapping[str, Any] | None, config: Mapping[str, Any]) -> Any:
    value = _or_default(block, name, config.get(name))
    if value is None and block.attributes[name].computed:
        return Unknown if prior is None else prior.get(name)
    # The SDK treats an empty text or collection like null, so this alone is not a change.
    if prior is not None and is_same(prior.get(name), value):
        return prior.get(name)
    return value


def _or_default(block: Block, name: str, value: Any) -> Any:
    return block.attributes[name].default if value is None else value


def _planned_blocks(block: Block, name: str, prior: Mapping[str, Any] | None, written: Any) -> Any:
    if block.computed and not written:
        return Unknown if prior is None else prior.get(name)
    if prior is not None and is_same(prior.get(name), written):
        return prior.get(name)
    return written


def _replacing(block: Block, prior: Mapping[str, Any], planned: State) -> tuple[str, ...]:
    """Return the names of the changed values that need a replacement."""
    attributes = [name for name, it in block.attributes.items() if it.replaces]
    counted = [name for name, it in block.blocks.items() if it.count_replaces]
    compared = attributes + [name for name, it in block.blocks.items() if it.replaces]
    return (
        *(name for name in compared if not is_same(prior.get(name), planned[name])),
        *(name for name in counted if _count(prior.get(name)) != _count(planned[name])),
    )


def _count(items: Any) -> int | None:
    """Return the number of items; None if it is known only after apply."""
    return None if items is Unknown else len(items or [])


def is_same(before: Any, after: Any) -> bool:
    """Whether two values are equal for the SDK, to which null equals an empty text or collection."""
    if _is_nothing(before) or _is_nothing(after):
        return _is_nothing(before) and _is_nothing(after)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(is_same(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(is_same, before, after))
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}
