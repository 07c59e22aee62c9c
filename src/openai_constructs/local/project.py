"""The user's CDK project: its app, and the stacks that the app synthesizes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from openai_constructs.errors import LocalError
from openai_constructs.local.hcl import hcl_files
from openai_constructs.node import node_environment

__all__ = ["Annotation", "Folder", "Project", "Source", "Stack", "chosen", "make_empty", "stacks_in"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation of a construct, added at synthesis.

    Attributes:
        path: Path of the construct.
        level: ``warn``, ``info`` or ``error``.
        message: Text of the annotation.
    """

    path: str
    level: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Stack:
    """A synthesized stack.

    Attributes:
        name: Name of the stack.
        folder: Folder with its JSON and assets.
        dependencies: Names of the stacks it depends on.
        annotations: Annotations of its constructs.
        is_hcl: Whether it is a folder with plain HCL instead of an app's output.
    """

    name: str
    folder: Path
    dependencies: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = field(default=(), kw_only=True)
    is_hcl: bool = field(default=False, kw_only=True)


class Source(Protocol):
    """Source of stacks."""

    @property
    def folder(self) -> Path:
        """The folder in which the local world is created."""
        ...

    def synthesizing(self, out: Path) -> AbstractContextManager[Callable[[], list[Stack]]]:
        """Start to synthesize the stacks to a new folder.

        The yielded function waits for the end and returns the stacks, each after its dependencies.
        """
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with plain HCL and without a project: one stack with the folder's name.

    Attributes:
        folder: The folder.
    """

    folder: Path

    @contextmanager
    def synthesizing(self, out: Path) -> Iterator[Callable[[], list[Stack]]]:
        """Yield a function that returns the stack; nothing is synthesized.

        Raises:
            LocalError: If there is no HCL in the folder.
        """
        if not hcl_files(self.folder):
            Project.found_above(self.folder)
        yield lambda: [Stack(self.folder.name or "root", self.folder, is_hcl=True)]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a ``cdktf.json``.

    Attributes:
        folder: The folder.
        app: The command that runs the app.
    """

    folder: Path
    app: str

    @classmethod
    def find_above(cls, folder: Path) -> Project | None:
        """Return the project of a folder; ``None`` without one.

        Raises:
            LocalError: If its ``cdktf.json`` cannot be read, or names no app.
        """
        for candidate in (folder, *folder.parents):
            if (file := candidate / "cdktf.json").is_file():
                return cls(candidate, _app(file))
        return None

    @classmethod
    def found_above(cls, folder: Path) -> Project:
        """Return the project of a folder.

        Raises:
            LocalError: If there is no ``cdktf.json`` there or above, or it names no app.
        """
        if project := cls.find_above(folder):
            return project
        raise LocalError(
            f"There is no cdktf.json in {folder} or above it. Run this in a CDK project, or start one: "
            "`openai-constructs new DIR`. A folder with HCL does not need one for `plan`, `apply` "
            "and the other commands of terraform."
        )

    @contextmanager
    def synthesizing(self, out: Path) -> Iterator[Callable[[], list[Stack]]]:
        """Run the app in a separate process, concurrently with the block.

        Args:
            out: Folder for the stacks, emptied first. The project's own output folder does not change.

        Yields:
            A function that waits for the app and returns the stacks, each after its dependencies. It raises
            `LocalError` if the app fails or writes no stack.

        Raises:
            EngineNotFoundError: If there is no Node.
        """
        make_empty(out)
        path = os.pathsep.join([str(_python_folder()), os.environ.get("PATH", "")])
        env = {**os.environ, **node_environment(), "PATH": path, "CDKTF_OUTDIR": str(out)}
        with subprocess.Popen(
            self.app,
            shell=True,  # the user's own command
            cwd=self.folder,
            env=env,
            process_group=0,  # to end all of its processes if this ends early
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            try:
                yield lambda: self._written(process, out)
            except BaseException:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                raise

    def _written(self, process: subprocess.Popen[str], out: Path) -> list[Stack]:
        output = process.communicate()[0].strip()
        if process.returncode:
            raise LocalError(f"The app ({self.app}) did not synthesize:\n{output}")
        if not (out / "manifest.json").is_file():
            raise LocalError(
                f"The app ({self.app}) did not synthesize: it ended with exit code 0 and wrote no stack. "
                f"Does it call app.synth()?\n{output}".rstrip()
            )
        return stacks_in(out)


def _python_folder() -> Path:
    """Return the folder of the `python` that runs the app.

    If this library is installed in the active virtual environment, use that environment: pipx and uv run this
    command from another one. Otherwise use the environment of this process.
    """
    if active := os.environ.get("VIRTUAL_ENV"):
        installed = Path(active).glob("lib/python3*/site-packages/openai_constructs-*.dist-info")
        if any(installed):
            return Path(active, "bin")
    return Path(sys.executable).parent


def _app(file: Path) -> str:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise LocalError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise LocalError(f"{file} is not JSON: {error}.") from error
    app = settings.get("app") if isinstance(settings, dict) else None
    if not isinstance(app, str) or not app:
        raise LocalError(f'{file} names no app. Add "app": "python main.py".')
    return app


def stacks_in(out: Path) -> list[Stack]:
    """Return the stacks in an app's output, each after its dependencies. The engine has rejected cycles.

    Raises:
        LocalError: If there is none, or the manifest cannot be read.
    """
    manifest = out / "manifest.json"
    try:
        stacks: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))["stacks"]
        folders = {name: out / written["workingDirectory"] for name, written in stacks.items()}
        dependencies = {name: tuple(written.get("dependencies", ())) for name, written in stacks.items()}
        annotations = {
            name: tuple(map(_annotation, it.get("annotations", ()))) for name, it in stacks.items()
        }
        missing = [it for several in dependencies.values() for it in several if it not in stacks]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalError(f"{manifest} is not a manifest of stacks. Does the app write it itself?") from error
    if missing:
        raise LocalError(f"{manifest} names no stack {', '.join(missing)}, which others depend on.")
    if not stacks:
        raise LocalError("The app has no stack.")
    ordered: dict[str, Stack] = {}

    def add(name: str) -> None:
        if name in ordered:
            return
        for dependency in dependencies[name]:
            add(dependency)
        ordered[name] = Stack(name, folders[name], dependencies[name], annotations=annotations[name])

    for name in sorted(stacks):
        add(name)
    return list(ordered.values())


def _annotation(written: dict[str, str]) -> Annotation:
    level = written["level"].rpartition("/")[2]  # @cdktf/warn
    return Annotation(written["constructPath"], level, written["message"])


def make_empty(folder: Path) -> None:
    """Create an empty private folder, and remove an existing one.

    Raises:
        OSError: It cannot be made.
    """
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
    folder.mkdir(parents=True, mode=0o700)


def chosen(stacks: Sequence[Stack], names: Sequence[str], *, alone: bool = False) -> list[Stack]:
    """Return the named stacks after their dependencies; without names, all stacks.

    Args:
        stacks: All stacks, each after its dependencies.
        names: Names of stacks.
        alone: Whether to omit the dependencies.

    Raises:
        LocalError: If there is no such stack.
    """
    by_name = {stack.name: stack for stack in stacks}
    if unknown := [name for name in names if name not in by_name]:
        raise LocalError(f"There is no stack {', '.join(unknown)}. The app has {', '.join(sorted(by_name))}.")
    wanted = set(names or by_name)
    if not alone:
        for stack in reversed(stacks):
            if stack.name in wanted:
                wanted.update(stack.dependencies)
    return [stack for stack in stacks if stack.name in wanted]
