"""Apply stacks of this process offline, in their own local world: the fixture ``local_apply``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.errors import LocalError
from openai_constructs.local.project import chosen, make_empty
from openai_constructs.testing.applied import Applied, AppliedStack, Changes

if TYPE_CHECKING:
    from openai_constructs.local.project import Stack
    from openai_constructs.local.stack import LocalStack
    from openai_constructs.local.world import World

__all__ = ["LocalApply", "Replies", "replies_file"]

Replies = str | os.PathLike[str] | Sequence[Mapping[str, Any]]
"""A YAML file of scripted answers, or its rules: ``[{"answer": "Sunny.", "times": 1}]``."""

_NO_CHANGE: Final = frozenset({"noop", "no-op", "read"})


class LocalApply:
    """Apply stacks offline, with the real terraform, the embedded provider and the emulator.

    A second call, with an edited or another stack, continues from the state of the first. It behaves like
    ``openai-constructs local``, with the same requirements. It ignores keys and Terraform variables in the
    environment.

    Args:
        folder: Folder for the local world.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self,
        scope: Any,
        *,
        variables: Mapping[str, Any] | None = None,
        replies: Replies | None = None,
        fail: str | None = None,
        replay: str | os.PathLike[str] | None = None,
        replay_only: bool = False,
    ) -> Applied:
        """Apply a stack after its dependencies, or all stacks of an app.

        Args:
            scope: The stack or the app.
            variables: Values of Terraform variables. Variables for keys already have dummy values.
            replies: Scripted answers of the API.
            fail: Faults of the API in the short form, ``429:x1,500:0.1``.
            replay: Recorded answers: an archive, or its export as JSON Lines.
            replay_only: Reject requests without a recorded answer.

        Raises:
            ArchiveError: If the recorded answers cannot be read.
            SynthesisError: If synthesis fails.
            LocalError: If terraform is not installed or the apply fails, with Terraform's errors by
                construct.
            EmulatorError: If replies or faults cannot be read.
        """
        __tracebackhide__ = True
        world, names = self._world(scope, replies, fail=fail, replay=replay, replay_only=replay_only)
        with world.running(_literal(variables or {})) as run:
            stacks = run.take(chosen(run.synthesized, names))
            _refuse_unknown(variables or {}, stacks)
            changes = {it.name: _changes(it, "apply") for it in stacks}
            requests = run.emulator.requests()  # before the second plan adds requests
            applied = {it.name: _applied(it, changes[it.name]) for it in stacks}
            return Applied(applied, requests, names or list(applied))

    def destroy(self, scope: Any, *, variables: Mapping[str, Any] | None = None) -> Applied:
        """Destroy a stack and then its dependencies, or all stacks of an app. ``changes`` has the deletions.

        Args:
            scope: The applied stack or app.
            variables: Values of Terraform variables without a default.

        Raises:
            LocalError: If terraform fails.
        """
        __tracebackhide__ = True
        world, names = self._world(scope)
        with world.running(_literal(variables or {})) as run:
            stacks = run.take(chosen(run.synthesized, names))
            destroyed = {it.name: AppliedStack(it.name, _changes(it, "destroy")) for it in reversed(stacks)}
            return Applied(destroyed, run.emulator.requests(), names or list(destroyed))

    def _world(self, scope: Any, replies: Replies | None = None, **options: Any) -> tuple[World, list[str]]:
        """Return the local world and the name of the stack, or no name for all stacks of an app."""
        from openai_constructs.local.world import World
        from openai_constructs.testing.synthesis import app_of

        app = app_of(scope)
        script = None if replies is None else replies_file(self._folder, replies)
        names = [] if scope is app else [scope.node.id]
        hidden = {name: None for name in os.environ if name.startswith("TF_VAR_")}
        tree = _Tree(self._folder, app)
        return World(tree, replies=script, environment=hidden, **options), names


@dataclass(frozen=True, slots=True)
class _Tree:
    """An app of this process, as a source of stacks."""

    folder: Path
    app: Any

    @contextmanager
    def synthesizing(self, out: Path) -> Iterator[Callable[[], list[Stack]]]:
        """Yield a function that writes the stacks."""
        from openai_constructs.testing.synthesis import synthesize

        make_empty(out)
        yield lambda: synthesize(self.app, out)


def replies_file(folder: Path, replies: Replies) -> Path:
    """Return the YAML file of scripted answers: the given one, or one written from rules."""
    if isinstance(replies, str | os.PathLike):
        return Path(replies)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "replies.yaml"
    file.write_text(json.dumps({"replies": list(replies)}, indent=2), encoding="utf-8")  # JSON is YAML, too
    return file


def _literal(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of variables.

    Raises:
        LocalError: If one of them is not a JSON value.
    """
    for name, value in variables.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise LocalError(f"variables[{name!r}] cannot be written as JSON: {error}.") from None
    return variables


def _refuse_unknown(given: Mapping[str, Any], stacks: Sequence[LocalStack]) -> None:
    declared = {name for it in stacks for name in _written(it).get("variable", {})}
    if unknown := [name for name in given if name not in declared]:
        there = f"declared are {', '.join(sorted(declared))}" if declared else "no stack declares any"
        raise LocalError(f"There is no variable {', '.join(unknown)}: {there}.")


def _applied(stack: LocalStack, changes: Changes) -> AppliedStack:
    outputs = {name: it["value"] for name, it in stack.outputs().items()}
    return AppliedStack(stack.name, changes, outputs, _changes(stack, "plan"))


def _changes(stack: LocalStack, verb: str) -> Changes:
    """Run a verb, and return the actions it took or planned.

    Raises:
        LocalError: If it fails, with every error and its construct.
    """
    from openai_constructs.testing.diagnostics import told

    events = stack.events(verb)
    failed = [it["diagnostic"] for it in events if it.get("type") == "diagnostic" and it["@level"] == "error"]
    if failed:
        lines = [told(stack.name, _written(stack), it) for it in failed]
        raise LocalError("\n".join([f"terraform {verb} failed for the stack {stack.name}:", *lines]))
    planned = [it["change"] for it in events if it.get("type") == "planned_change"]
    changes = {it["resource"]["addr"]: it["action"] for it in planned}
    if verb == "plan":
        outputs = [it["outputs"] for it in events if it.get("type") == "outputs"]
        changes |= {f"output.{name}": it["action"] for named in outputs for name, it in named.items()}
    return {address: action for address, action in changes.items() if action not in _NO_CHANGE}


def _written(stack: LocalStack) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((stack.folder / "cdk.tf.json").read_text(encoding="utf-8"))
    return written
