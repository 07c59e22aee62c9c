"""Results of an apply in a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Applied", "AppliedStack", "Changes"]

Changes = Mapping[str, str]
"""Actions by address: ``create``, ``update``, ``replace``, ``delete``."""


@dataclass(frozen=True, slots=True)
class AppliedStack:
    """One stack that was applied.

    Attributes:
        name: Name of the stack.
        changes: Action of the apply on each resource, by address: ``create``, ``update``, ``replace`` or
            ``delete``.
        outputs: Outputs by name, including sensitive ones.
        second_plan: Changes that a second apply would make, in the same form; they should be empty. Changed
            outputs appear as ``output.<name>``.
    """

    name: str
    changes: Changes
    outputs: Mapping[str, Any] = field(default_factory=dict)
    second_plan: Changes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """Results of an apply, with its requests to the API.

    Attributes:
        stacks: The applied stacks by name, in the order of the apply. Includes dependencies.
        requests: Requests to the emulator: dicts of ``method``, ``path``, ``query``, ``body`` and
            ``status``, oldest first. Requests of the second plan are not included.
    """

    stacks: Mapping[str, AppliedStack]
    requests: Sequence[Mapping[str, Any]]
    _asked_for: Sequence[str]

    @property
    def changes(self) -> Changes:
        """Actions of the apply by address; requires that exactly one stack was applied."""
        return self._only.changes

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Outputs of the apply; requires that exactly one stack was applied."""
        return self._only.outputs

    @property
    def second_plan(self) -> Changes:
        """Changes that a second apply would make; requires that exactly one stack was applied."""
        return self._only.second_plan

    @property
    def _only(self) -> AppliedStack:
        if len(self._asked_for) != 1:
            raise LookupError(f"Several stacks were applied: take one of .stacks, {', '.join(self.stacks)}.")
        return self.stacks[self._asked_for[0]]
