"""The local world of a project: its folder, and what is done in it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from openai_constructs.emulator import Emulator
from openai_constructs.errors import LocalError
from openai_constructs.local.project import Source, Stack
from openai_constructs.local.rewrite import key_variables, localized
from openai_constructs.local.terraform import (
    FAKE_KEY,
    Environment,
    local_environment,
    run,
    run_captured,
    run_quietly,
)
from openai_constructs.provider.core.mirror import prepare

__all__ = ["LocalStack", "World"]

_FOLDER: Final = ".openai-constructs/local"
_NEEDS_NO_PROMPT: Final = {"apply": ("-auto-approve",), "destroy": ("-auto-approve",)}


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A stack in the local world.

    Attributes:
        name: Its name.
        folder: Its folder: the JSON, the assets and the state.
        environment: What terraform needs to know of the local world.
        needs: What ``terraform init`` depends on: modules, providers, this Python.
    """

    name: str
    folder: Path
    environment: Environment
    needs: str

    def terraform(self, verb: str, arguments: Sequence[str] = ()) -> int:
        """Run a verb of terraform with its output shown; the exit code."""
        plain = () if sys.stdout.isatty() else ("-no-color",)
        return run(self.folder, self.environment, [*self._command(verb), *plain, *arguments])

    def events(self, verb: str, arguments: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Run a verb of terraform in silence; what it reports, as the events of its ``-json`` option.

        An error that it reports is one of the events.

        Raises:
            LocalError: When it fails without reporting an error.
        """
        command = [*self._command(verb), "-input=false", "-json", *arguments]
        done = run_captured(self.folder, self.environment, command)
        try:
            events = [json.loads(line) for line in done.stdout.splitlines() if line]
        except ValueError:
            events = []
        if not events or (done.returncode and not any(it.get("@level") == "error" for it in events)):
            raise LocalError(f"terraform {verb} failed in {self.folder}:\n{done.stdout}{done.stderr}")
        return events

    def _command(self, verb: str) -> list[str]:
        """A verb that asks nobody, in a folder that is initialized."""
        if not self._is_initialized():
            self.initialize()
        return [verb, *_NEEDS_NO_PROMPT.get(verb, ())]

    def initialize(self, arguments: Sequence[str] = ()) -> None:
        """Run ``terraform init``.

        Raises:
            LocalError: When it fails.
        """
        # The provider is a script of this machine: what an earlier one was locked to says nothing.
        (self.folder / ".terraform.lock.hcl").unlink(missing_ok=True)
        run_quietly(self.folder, self.environment, ["init", "-input=false", "-no-color", *arguments])
        self._initialized.write_text(self.needs, encoding="utf-8")

    @property
    def _initialized(self) -> Path:
        return self.folder / ".terraform" / "needs.json"

    def _is_initialized(self) -> bool:
        return self._initialized.is_file() and self._initialized.read_text(encoding="utf-8") == self.needs

    def outputs(self, *, sensitive: bool = False) -> dict[str, Any]:
        """The outputs in the state, by name.

        Args:
            sensitive: Those that are marked so as well.

        Raises:
            LocalError: When terraform cannot read the state.
        """
        read = json.loads(run_quietly(self.folder, self.environment, ["output", "-json"]))
        return {name: it["value"] for name, it in read.items() if sensitive or not it["sensitive"]}


class World:
    """The folder ``.openai-constructs/local`` of a project, one run of it at a time.

    Args:
        project: The user's project, or what else stacks come from.
        fail: Faults for the emulator, in its short form.
        replies: YAML file of scripted answers for the emulator.
    """

    def __init__(self, project: Source, *, fail: str | None = None, replies: Path | None = None) -> None:
        self.project = project
        self.folder = project.folder / _FOLDER
        self._fail, self._replies = fail, replies

    @contextmanager
    def open(self) -> Iterator[Self]:
        """Enter it: the folder is there, and no other run is in it.

        Raises:
            LocalError: When the folder cannot be written, or another run is in it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            ignore = self.folder.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LocalError(f"{self.folder} cannot be written: {error.strerror}.") from error
        try:
            _lock(lock, self.folder)
            yield self
        finally:
            os.close(lock)

    def emulator(self) -> Emulator:
        """The emulator, not yet started, with the completions of earlier runs."""
        return Emulator(db=self.folder / "store.db", fail=self._fail, replies=self._replies)

    def stacks(self, url: str, names: Sequence[str] = ()) -> list[LocalStack]:
        """Synthesize, and take stacks into the local world, each after those it depends on.

        Args:
            url: Where the emulator listens.
            names: The stacks that are wanted, with what they depend on; all of them where none is named.

        Raises:
            LocalError: When the app does not synthesize, or has no such stack.
        """
        synthesized = self.project.synthesize(self.folder / "synthesized")
        configuration = prepare(self.folder)
        wanted = _wanted(synthesized, names)
        return [self._take(stack, local_environment(url, configuration)) for stack in wanted]

    def _take(self, stack: Stack, environment: dict[str, str]) -> LocalStack:
        folder = self.folder / "stacks" / stack.name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = json.loads((stack.folder / "cdk.tf.json").read_text(encoding="utf-8"))
        made = localized(written, lambda name: str(self.folder / "stacks" / name / "terraform.tfstate"))
        shutil.rmtree(folder / "assets", ignore_errors=True)
        if (assets := stack.folder / "assets").is_dir():
            shutil.copytree(assets, folder / "assets")
        _replace(folder / "cdk.tf.json", json.dumps(made, indent=2, ensure_ascii=False))
        keys = {f"TF_VAR_{name}": FAKE_KEY for name in key_variables(written)}
        return LocalStack(stack.name, folder, {**environment, **keys}, _needs(made))


def _wanted(stacks: Sequence[Stack], names: Sequence[str]) -> list[Stack]:
    by_name = {stack.name: stack for stack in stacks}
    if unknown := [name for name in names if name not in by_name]:
        raise LocalError(
            f"There is no stack {', '.join(unknown)}. The app makes {', '.join(sorted(by_name))}."
        )
    wanted = set(names or by_name)
    for stack in reversed(stacks):
        if stack.name in wanted:
            wanted.update(stack.dependencies)
    return [stack for stack in stacks if stack.name in wanted]


def _needs(configuration: dict[str, Any]) -> str:
    modules = {name: it.get("source") for name, it in configuration.get("module", {}).items()}
    return json.dumps([modules, configuration["terraform"], sys.executable], sort_keys=True)


def _replace(file: Path, text: str) -> None:
    """Write a private file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=file.parent)  # 0600
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
    Path(name).replace(file)


def _lock(handle: int, folder: Path) -> None:
    """Hold the folder until the handle is closed, by whatever end of the process."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise LocalError(f"Another run is in {folder}. Wait for it to end.") from error
