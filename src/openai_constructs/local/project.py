"""The user's CDK project: its app, and the stacks the app synthesizes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from openai_constructs.errors import LocalError
from openai_constructs.node import node_environment

__all__ = ["Project", "Source", "Stack", "stacks_in"]


@dataclass(frozen=True, slots=True)
class Stack:
    """A synthesized stack.

    Attributes:
        name: Its name.
        folder: Where its JSON and assets lie.
        dependencies: Names of the stacks that come before it.
    """

    name: str
    folder: Path
    dependencies: tuple[str, ...]


class Source(Protocol):
    """Where stacks come from."""

    @property
    def folder(self) -> Path:
        """The folder that the local world is made in."""
        ...

    def synthesize(self, out: Path) -> list[Stack]:
        """Write the stacks into a folder that is made anew; each after those it depends on."""
        ...


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
    def found_above(cls, folder: Path) -> Project:
        """The project that a folder belongs to.

        Raises:
            LocalError: When there is no ``cdktf.json`` there or above, or it names no app.
        """
        for candidate in (folder, *folder.parents):
            if (file := candidate / "cdktf.json").is_file():
                return cls(candidate, _app(file))
        raise LocalError(f"There is no cdktf.json in {folder} or above it. Run this in a CDK project.")

    def synthesize(self, out: Path) -> list[Stack]:
        """Run the app; the stacks it made, each after those it depends on.

        Args:
            out: Where to write them, made anew. The project's own output folder is not touched.

        Raises:
            LocalError: When the app fails, or makes no stack.
            EngineNotFoundError: When there is no Node.
        """
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True, mode=0o700)
        # The interpreter's own folder goes first: the app may say `python` where no environment is active.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        env = {**os.environ, **node_environment(), "PATH": path, "CDKTF_OUTDIR": str(out)}
        done = subprocess.run(
            self.app,
            shell=True,
            cwd=self.folder,
            env=env,
            check=False,
            capture_output=True,
            text=True,  # the user's own command
        )
        manifest = out / "manifest.json"
        if done.returncode or not manifest.is_file():
            said = (done.stdout + done.stderr).strip()
            raise LocalError(f"The app ({self.app}) did not synthesize:\n{said}")
        return stacks_in(out)


def _app(file: Path) -> str:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise LocalError(f"{file} is not JSON: {error}.") from error
    app = settings.get("app") if isinstance(settings, dict) else None
    if not isinstance(app, str) or not app:
        raise LocalError(f'{file} names no app. Add "app": "python main.py".')
    return app


def stacks_in(out: Path) -> list[Stack]:
    """The stacks that an app wrote, each after its dependencies. The engine has refused cycles already.

    Raises:
        LocalError: When there is none.
    """
    stacks: dict[str, dict[str, Any]] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))[
        "stacks"
    ]
    ordered: dict[str, Stack] = {}

    def add(name: str) -> None:
        if name in ordered:
            return
        dependencies: Sequence[str] = stacks[name].get("dependencies", [])
        for dependency in dependencies:
            add(dependency)
        folder = out / stacks[name]["workingDirectory"]
        ordered[name] = Stack(name, folder, tuple(dependencies))

    for name in sorted(stacks):
        add(name)
    if not ordered:
        raise LocalError("The app made no stack.")
    return list(ordered.values())
