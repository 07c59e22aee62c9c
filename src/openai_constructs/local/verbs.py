"""The verbs of ``openai-constructs local``: run terraform on each stack, with the user's arguments."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, Protocol

from openai_constructs.errors import LocalError
from openai_constructs.local.project import Stack, chosen
from openai_constructs.local.stack import LocalStack
from openai_constructs.local.world import World

__all__ = ["Report", "run_verb"]

_READS: Final = frozenset({"output", "show", "validate"})
_TAKES_PLAN: Final = frozenset({"apply", "show"})
_HAS_CHANGES: Final = 2


class Report(Protocol):
    """Reports a run to the user."""

    def heading(self, text: str) -> None:
        """Report the current step."""

    def annotations(self, stacks: Sequence[Stack]) -> None:
        """Report the annotations of stacks; raise `LocalError` if warnings are errors."""

    def outputs(self, stack: LocalStack) -> None:
        """Report the outputs of an applied stack."""


@dataclass(frozen=True, slots=True)
class _Arguments:
    """The arguments of a verb, for terraform.

    Attributes:
        words: Arguments up to the first option: stacks, then a saved plan or an output.
        passed: The other arguments, which are passed to terraform unchanged.
        ended: The words after ``--``.
    """

    words: Sequence[str]
    passed: Sequence[str]
    ended: Sequence[str] = field(default=())

    @classmethod
    def of(cls, arguments: Sequence[str]) -> _Arguments:
        words = list(takewhile(lambda it: not it.startswith("-"), arguments))
        passed = list(arguments[len(words) :])
        separator = passed.index("--") if "--" in passed else len(passed)
        return cls(words, passed[:separator], passed[separator + 1 :])

    def has(self, option: str) -> bool:
        """Whether the arguments have an option of terraform, with one or two dashes."""
        return any(it.lstrip("-").partition("=")[0] == option for it in self.passed if it.startswith("-"))


def run_verb(verb: str, world: World, arguments: Sequence[str], report: Report) -> int:
    """Run a verb of terraform on each stack in turn.

    Args:
        verb: The verb.
        world: The local world.
        arguments: Names of stacks, then arguments of terraform.
        report: Receiver of the progress.

    Returns:
        The first exit code that is a failure; else 2 if a plan with ``-detailed-exitcode`` has changes, or 0.

    Raises:
        LocalError: If there is no such stack, plan or output, or terraform does not start.
    """
    split = _Arguments.of(arguments)
    with world.running() as run:
        known = {it.name for it in run.synthesized}
        names = list(takewhile(known.__contains__, split.words))
        others = split.words[len(names) :]
        if verb not in _TAKES_PLAN and verb != "output":
            names += others  # `chosen` rejects them, with the names that exist
        words = [*others, *split.ended]
        selected = chosen(run.synthesized, names, alone=verb in _READS)
        report.annotations(selected)
        stacks = run.take(selected)
        if verb == "output":
            return _output(stacks, split, words, report)
        if verb in _TAKES_PLAN:
            stacks = _with_plan(stacks, split, words, known)
        if verb not in _READS:
            report.heading(f"local world: {world.folder} (your own state and configuration are not modified)")
        return _each(verb, stacks, [*split.passed, *words], report)


def _each(verb: str, stacks: Sequence[LocalStack], arguments: Sequence[str], report: Report) -> int:
    has_changes = False
    for stack in reversed(stacks) if verb == "destroy" else stacks:
        report.heading(f"{stack.name}: {verb}")
        if verb == "init":
            stack.initialize(arguments)
            continue
        code = stack.terraform(verb, arguments)
        if verb == "plan" and code == _HAS_CHANGES:
            has_changes = True
        elif code:
            return code
        elif verb == "apply":
            report.outputs(stack)
    return _HAS_CHANGES if has_changes else 0


def _with_plan(
    stacks: Sequence[LocalStack], arguments: _Arguments, words: Sequence[str], known: set[str]
) -> list[LocalStack]:
    """Return the stacks with the saved plan at the end of the arguments; without a plan, all stacks."""
    last = [*arguments.passed, *words][-1:]
    having = [stack for stack in stacks for name in last if (stack.folder / name).is_file()]
    if having:
        return having
    if words and not words[-1].startswith("-"):
        folders = " or ".join(str(stack.folder) for stack in stacks)
        raise LocalError(
            f"There is no stack {words[-1]}, nor a saved plan of that name in {folders}. The app has "
            f"{', '.join(sorted(known))}."
        )
    return list(stacks)


def _output(stacks: Sequence[LocalStack], arguments: _Arguments, words: Sequence[str], report: Report) -> int:
    """Show outputs: of one stack by terraform, and of several stacks as one JSON document."""
    passed = [*arguments.passed, *words]
    named = [it for it in passed if not it.startswith("-")]
    if len(stacks) > 1 and (named or arguments.has("raw")):
        listed = ", ".join(it.name for it in stacks)
        output = named[0] if named else "-raw NAME"
        raise LocalError(
            f"The output {output} of which stack? Name one of {listed}: "
            f"`local output STACK {' '.join(passed)}`."
        )
    if len(stacks) > 1 and arguments.has("json"):
        document = {stack.name: stack.outputs() for stack in stacks}
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return 0
    return _each("output", stacks, passed, report)
