"""The local world of a project: its folder, and the operations in it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.errors import LocalError
from openai_constructs.local.hcl import key_variables_of, link
from openai_constructs.local.project import Source, Stack
from openai_constructs.local.rewrite import key_variables, localized
from openai_constructs.local.stack import STATE, LocalStack
from openai_constructs.local.terraform import FAKE_KEY, Environment, local_environment

if TYPE_CHECKING:
    from openai_constructs.emulator import Emulator

__all__ = ["Run", "World"]

_FOLDER: Final = ".openai-constructs/local"
_VARIABLES: Final = "local.auto.tfvars.json"
# A provider process sees it by its working folder, which is the stack's.
_WORKSPACE: Final = {"TF_WORKSPACE": "default"}


@dataclass(frozen=True, slots=True)
class Run:
    """A run in the local world.

    Attributes:
        emulator: Emulator of the API.
        synthesized: The synthesized stacks, each after its dependencies.
        take: Function that takes stacks into the local world.
    """

    emulator: Emulator
    synthesized: Sequence[Stack]
    take: Callable[[Sequence[Stack]], list[LocalStack]]


class World:
    """The folder ``.openai-constructs/local`` of a project, which allows one run at a time.

    Args:
        project: The user's project, or another source of stacks.
        fail: Faults for the emulator, in the short form.
        replies: YAML file of scripted answers for the emulator.
        replay: Recorded answers for the emulator: an archive, or its export as JSON Lines.
        replay_only: Reject requests without a recorded answer.
        environment: Additional environment variables for terraform; ``None`` removes one.
    """

    def __init__(
        self,
        project: Source,
        *,
        fail: str | None = None,
        replies: Path | None = None,
        replay: str | os.PathLike[str] | None = None,
        replay_only: bool = False,
        environment: Environment | None = None,
    ) -> None:
        self.project = project
        self.folder = project.folder / _FOLDER
        self._fail, self._replies = fail, replies
        self._replay, self._replay_only = replay, replay_only
        self._environment = environment or {}

    @contextmanager
    def open(self) -> Iterator[int]:
        """Create and lock the folder. Yields the file handle of the lock.

        Raises:
            LocalError: If the folder cannot be written, or another run uses it.
        """
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.mkdir(exist_ok=True, mode=0o700)
            ignore = self.folder.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LocalError(f"{self.folder} cannot be written: {error.strerror}.") from error
        try:
            _lock(lock, self.folder)
            yield lock
        finally:
            os.close(lock)

    @contextmanager
    def running(self, variables: Mapping[str, Any] | None = None) -> Iterator[Run]:
        """Synthesize, and run the emulator and the providers for the stacks until the end of the block.

        The emulator has the completions of earlier runs.

        Args:
            variables: Values of Terraform variables.

        Raises:
            LocalError: If the app does not synthesize.
        """
        with ExitStack() as opened:
            lock = opened.enter_context(self.open())
            wait = opened.enter_context(self.project.synthesizing(self.folder / "synthesized"))
            # All this runs concurrently with the app.
            from openai_constructs.emulator import Emulator
            from openai_constructs.provider.core.in_process import serve_in_process
            from openai_constructs.provider.core.mirror import prepare

            configuration = prepare(self.folder)
            emulator = opened.enter_context(
                Emulator(
                    db=self.folder / "store.db",
                    fail=self._fail,
                    replies=self._replies,
                    replay=self._replay,
                    replay_only=self._replay_only,
                )
            )
            environment = local_environment(emulator.url, configuration)
            reattach = ""
            with suppress(OSError):  # without sockets, terraform starts the providers
                reattach = opened.enter_context(serve_in_process(self.folder, {**environment, **_WORKSPACE}))

            def take(stacks: Sequence[Stack]) -> list[LocalStack]:
                return [
                    replace(self._take(it, environment, variables or {}), reattach=reattach, lock=lock)
                    for it in stacks
                ]

            yield Run(emulator, wait(), take)

    def synthesize(self) -> list[Stack]:
        """Synthesize the stacks without running anything else.

        Raises:
            LocalError: If the app does not synthesize.
        """
        with self.open(), self.project.synthesizing(self.folder / "synthesized") as wait:
            return wait()

    def reset(self) -> bool:
        """Remove the world: states, completions, providers. Return whether it existed.

        Raises:
            LocalError: If another run uses it, or it cannot be removed.
        """
        if not self.folder.exists():
            return False
        with self.open():
            entries = [it for it in self.folder.iterdir() if it.name != "lock"]
            try:
                for entry in entries:
                    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
            except OSError as error:
                raise LocalError(f"{error.filename} cannot be removed: {error.strerror}.") from error
        return bool(entries)

    def _take(self, stack: Stack, environment: dict[str, str], variables: Mapping[str, Any]) -> LocalStack:
        folder = self.folder / "stacks" / stack.name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = {**self._environment, **environment}
        if stack.is_hcl:
            linked = link(stack.folder, folder)
            keys = dict.fromkeys(key_variables_of(stack.folder), FAKE_KEY)
            _replace(linked / _VARIABLES, json.dumps(keys))
            return LocalStack(stack.name, linked, own, needs=None)
        written = json.loads((stack.folder / "cdk.tf.json").read_text(encoding="utf-8"))
        made = localized(written, lambda name: str(self.folder / "stacks" / name / STATE))
        shutil.rmtree(folder / "assets", ignore_errors=True)
        if (assets := stack.folder / "assets").is_dir():
            shutil.copytree(assets, folder / "assets")
        _replace(folder / "cdk.tf.json", json.dumps(made, indent=2, ensure_ascii=False))
        # Values in a file are literal; TF_VAR_ values of complex types would be expressions.
        values = {**dict.fromkeys(key_variables(written), FAKE_KEY), **variables}
        declared = {name: it for name, it in values.items() if name in written.get("variable", {})}
        _replace(folder / _VARIABLES, json.dumps(declared, ensure_ascii=False))
        return LocalStack(stack.name, folder, own, _needs(made))


def _needs(configuration: dict[str, Any]) -> str:
    modules = {name: it.get("source") for name, it in configuration.get("module", {}).items()}
    return json.dumps([modules, configuration["terraform"], sys.executable], sort_keys=True)


def _replace(file: Path, text: str) -> None:
    """Write a private file atomically."""
    handle, name = tempfile.mkstemp(dir=file.parent)  # 0600
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
    Path(name).replace(file)


def _lock(handle: int, folder: Path) -> None:
    """Lock the folder until the handle is closed, however the process ends."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise LocalError(f"Another run is in {folder}. Wait for it to end.") from error
