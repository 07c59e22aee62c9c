"""What a machine has of what synthesizing and applying need."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from openai_constructs.errors import OpenaiConstructsError

__all__ = ["Finding", "examine"]

_PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Attributes:
        subject: The thing.
        fine: Whether it will do.
        said: What was found; what to do, where it will not do.
    """

    subject: str
    fine: bool
    said: str


def examine(folder: Path) -> list[Finding]:
    """Look at the machine and at the project of a folder. Nothing is changed, no key is shown.

    Args:
        folder: Where the project is looked for, upwards.
    """
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _node,
        _engine,
        _terraform,
        _cdktf_cli,
        _local,
        _native,
        _key,
        lambda: _project(folder),
    )
    return [finding for check in checks for finding in check()]


def _python() -> Iterator[Finding]:
    yield Finding(
        "Python", sys.version_info >= (3, 11), f"{platform.python_version()}; 3.11 or later will do"
    )


def _node() -> Iterator[Finding]:
    from openai_constructs.node import find_node

    try:
        node = find_node()
    except OpenaiConstructsError as error:
        yield Finding("Node", False, str(error))
        return
    said = _first_line(str(node), "--version")
    if said is None:
        yield Finding("Node", False, f"{node} does not start. Install Node 20 or later: the CDK runs on it.")
        return
    major = int(said.removeprefix("v").split(".")[0])
    yield Finding("Node", major >= 20, f"{said} ({node}); 20 or later will do")


def _engine() -> Iterator[Finding]:
    found = {name: it for name in ("cdktf", "cdktn") if (it := _installed(name))}
    if not found:
        yield Finding("CDK engine", False, "none. Run `pip install cdktf`.")
        return
    yield Finding("CDK engine", True, ", ".join(f"{name} {it}" for name, it in found.items()))
    yield Finding("jsii", True, _installed("jsii") or "none")


def _terraform() -> Iterator[Finding]:
    from openai_constructs.local.terraform import find_terraform

    try:
        binary = find_terraform()
    except OpenaiConstructsError as error:
        yield Finding("Terraform", False, str(error))
        return
    said = _first_line(str(binary), "version")
    yield Finding("Terraform", said is not None, f"{said or 'does not start'} ({binary})")


def _cdktf_cli() -> Iterator[Finding]:
    found = shutil.which("cdktf") or shutil.which("cdktn")
    yield Finding(
        "cdktf CLI", True, found or "none; `python main.py` and `openai-constructs local` need none"
    )


def _local() -> Iterator[Finding]:
    missing = [name for name in ("tf", "openai", "uvicorn") if _installed(name) is None]
    said = (
        f"no {', '.join(missing)}. Run `pip install 'openai-constructs[local]'`." if missing else "installed"
    )
    yield Finding("extra [local]", not missing, said)


def _native() -> Iterator[Finding]:
    if _installed("tf") is None:
        return
    from openai_constructs.provider.core.user_install import default_directory, installed_script

    try:
        script = installed_script(default_directory())
    except (OpenaiConstructsError, RuntimeError) as error:
        yield Finding("native provider", True, str(error))
        return
    said = str(script) if script else "not installed; `openai-constructs provider install` puts it in place"
    yield Finding("native provider", True, said)


def _key() -> Iterator[Finding]:
    said = "set" if os.environ.get("OPENAI_API_KEY") else "not set; needed for live deploys only"
    yield Finding("OPENAI_API_KEY", True, said)


def _project(folder: Path) -> Iterator[Finding]:
    from openai_constructs.local.project import Project

    try:
        project = Project.found_above(folder)
    except OpenaiConstructsError as error:
        yield Finding("project", False, str(error))
        return
    yield Finding("project", True, f"{project.folder / 'cdktf.json'} runs `{project.app}`")


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _first_line(*command: str) -> str | None:
    """The first line a command prints; ``None`` where it does not start or fails."""
    quiet = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_PATIENCE, env=quiet
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else None
