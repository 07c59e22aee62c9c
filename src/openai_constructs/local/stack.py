"""Run terraform on a stack in the local world."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openai_constructs.errors import LocalError
from openai_constructs.local.configurations import has_one_provider_block
from openai_constructs.local.terraform import Environment, run, run_captured, run_quietly

__all__ = ["STATE", "LocalStack"]

STATE: Final = "terraform.tfstate"
"""File name of the state in the folder of the stack."""

_NEEDS_NO_PROMPT: Final = {"apply": ("-auto-approve",), "destroy": ("-auto-approve",)}
_HAS_COLOR: Final = frozenset({"plan", "apply", "destroy", "output", "show", "validate"})
_REATTACH: Final = "TF_REATTACH_PROVIDERS"
_WRITTEN_BY_INIT: Final = (
    ".terraform.lock.hcl",
    ".terraform/providers",
    ".terraform/modules/modules.json",
    ".terraform/terraform.tfstate",
)


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A stack in the local world.

    Attributes:
        name: Name of the stack.
        folder: Folder with the JSON, the assets and the state.
        environment: Environment variables that terraform needs in the local world.
        needs: Inputs of ``terraform init``: modules, providers, this Python. ``None`` if they are unknown, so
            that each run initializes.
        reattach: Value of ``TF_REATTACH_PROVIDERS`` for the providers in this process; empty if terraform
            starts its own.
        lock: File handle of the world's lock, which a terraform that outlives this process keeps.
    """

    name: str
    folder: Path
    environment: Environment
    needs: str | None
    reattach: str = ""
    lock: int | None = None

    def terraform(self, verb: str, arguments: Sequence[str] = ()) -> int:
        """Run a verb of terraform with its output shown; return the exit code."""
        plain = () if sys.stdout.isatty() or verb not in _HAS_COLOR else ("-no-color",)
        command = [*self._command(verb), *plain, *arguments]
        return run(self.folder, self._environment(), command, self.lock)

    def events(self, verb: str, arguments: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Run a verb of terraform in silence; return the events of its ``-json`` option.

        An error that terraform reports is one of the events.

        Raises:
            LocalError: If it fails without reporting an error.
        """
        command = [*self._command(verb), "-input=false", "-json", *arguments]
        done = run_captured(self.folder, self._environment(), command, self.lock)
        try:
            events = [json.loads(line) for line in done.stdout.splitlines() if line]
        except ValueError:
            events = []
        if not events or (done.returncode and not any(it.get("@level") == "error" for it in events)):
            raise LocalError(f"terraform {verb} failed in {self.folder}:\n{done.stdout}{done.stderr}")
        return events

    def _command(self, verb: str) -> list[str]:
        """Return the command for a verb, without prompts and in an initialized folder."""
        if not self._is_initialized():
            self.initialize()
        return [verb, *_NEEDS_NO_PROMPT.get(verb, ())]

    def _environment(self) -> Environment:
        """Return the environment of a verb. Terraform uses a running provider for all provider blocks."""
        if self.reattach and has_one_provider_block(self.folder):
            return {**self.environment, _REATTACH: self.reattach}
        return self.environment

    def initialize(self, arguments: Sequence[str] = ()) -> None:
        """Run ``terraform init``.

        Raises:
            LocalError: If it fails.
        """
        # The provider is a script of this machine, so the lock of an earlier one does not matter.
        (self.folder / ".terraform.lock.hcl").unlink(missing_ok=True)
        run_quietly(
            self.folder, self.environment, ["init", "-input=false", "-no-color", *arguments], self.lock
        )
        written = [name for name in _WRITTEN_BY_INIT if (self.folder / name).exists()]
        self._initialized.parent.mkdir(
            exist_ok=True
        )  # without modules and providers, init does not create it
        self._initialized.write_text(json.dumps([self.needs, written]), encoding="utf-8")

    @property
    def _initialized(self) -> Path:
        return self.folder / ".terraform" / "needs.json"

    def _is_initialized(self) -> bool:
        """Whether ``terraform init`` ran for the same modules and providers, and its files still exist."""
        try:
            needs, written = json.loads(self._initialized.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError):
            return False
        return (
            self.needs is not None
            and needs == self.needs
            and all((self.folder / name).exists() for name in written)
        )

    def outputs(self) -> dict[str, Any]:
        """Return the outputs in the state by name, each with its ``value``, ``type`` and ``sensitive``.

        This equals ``terraform output -json``, but does not start terraform.

        Raises:
            LocalError: If terraform cannot read the state.
        """
        try:
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        if "outputs" not in state:  # OpenTofu has encrypted it
            state["outputs"] = json.loads(
                run_quietly(self.folder, self._environment(), [*self._command("output"), "-json"])
            )
        return {
            name: {"sensitive": it.get("sensitive", False), "type": it["type"], "value": it["value"]}
            for name, it in state["outputs"].items()
        }
