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
        name: Its name.
        changes: What the apply did to which resource, by address: ``create``, ``update``, ``replace`` or
            ``delete``.
        outputs: Its outputs by name, sensitive ones too.
        second_plan: What another apply would change, in the same form; empty as it should be. An output that
            would change is there as ``output.<name>``.
    """

    name: str
    changes: Changes
    outputs: Mapping[str, Any] = field(default_factory=dict)
    second_plan: Changes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """Results of an apply, with its requests to the API.

    Attributes:
        stacks: The stacks that were applied, by name: those asked for, and before them those they depend on.
        requests: What the emulator was asked: dicts of ``method``, ``path``, ``query``, ``body`` and
            ``status``, oldest first. What the second plan asked is not in it.
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
        """The outputs of the one stack that was applied."""
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
