"""Checks of a machine for the requirements of synth and apply."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from openai_constructs.errors import OpenaiConstructsError

__all__ = ["Finding", "Level", "examine"]

_TIMEOUT_SECONDS: Final = 20.0
_OLDEST_NODE: Final = 20
_SUPPORTED_NODE: Final = 22


class Level(StrEnum):
    """Level of a finding."""

    OK = "ok"
    NOTE = "--"
    WARNING = "WARN"
    PROBLEM = "FIX"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        subject: Subject of the check.
        level: Level of the finding.
        detail: The result, and how to fix a problem.
    """

    subject: str
    level: Level
    detail: str


def _checked(subject: str, is_ok: bool, detail: str) -> Finding:
    return Finding(subject, Level.OK if is_ok else Level.PROBLEM, detail)


def examine(folder: Path) -> list[Finding]:
    """Check the machine and the project of a folder, without changing anything or showing keys.

    Args:
        folder: A folder, which may be in a project.
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
        lambda: _archive(folder),
        lambda: _project(folder),
    )
    return [finding for check in checks for finding in check()]


def _python() -> Iterator[Finding]:
    yield _checked(
        "Python", sys.version_info >= (3, 11), f"{platform.python_version()}; 3.11 or later is needed"
    )


def _node() -> Iterator[Finding]:
    from openai_constructs.node import find_node

    try:
        node = find_node()
    except OpenaiConstructsError as error:
        yield _checked("Node", False, str(error))
        return
    version_line = _first_line(str(node), "--version")
    if version_line is None:
        yield _checked(
            "Node",
            False,
            f"{node} does not start. Install Node {_SUPPORTED_NODE} or later: the CDK runs on it.",
        )
        return
    major = int(version_line.removeprefix("v").split(".")[0])
    if _OLDEST_NODE <= major < _SUPPORTED_NODE:
        yield Finding(
            "Node",
            Level.WARNING,
            f"{version_line} ({node}) is past its end of life: install {_SUPPORTED_NODE} or later. "
            f"The engine's banner about it is off with JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION={major}",
        )
        return
    yield _checked(
        "Node", major >= _OLDEST_NODE, f"{version_line} ({node}); {_SUPPORTED_NODE} or later is needed"
    )


def _engine() -> Iterator[Finding]:
    found = {name: it for name in ("cdktf", "cdktn") if (it := _installed(name))}
    if not found:
        yield _checked("CDK engine", False, "none. Run `pip install cdktf`.")
        return
    yield _checked("CDK engine", True, ", ".join(f"{name} {it}" for name, it in found.items()))
    yield _checked("jsii", True, _installed("jsii") or "none")


def _terraform() -> Iterator[Finding]:
    from openai_constructs.local.terraform import find_terraform

    try:
        binary = find_terraform()
    except OpenaiConstructsError as error:
        yield _checked("Terraform", False, str(error))
        return
    version_line = _first_line(str(binary), "version")
    yield _checked("Terraform", version_line is not None, f"{version_line or 'does not start'} ({binary})")


def _cdktf_cli() -> Iterator[Finding]:
    found = shutil.which("cdktf") or shutil.which("cdktn")
    yield _checked(
        "cdktf CLI", True, found or "none; `python main.py` and `openai-constructs local` do not need it"
    )


def _local() -> Iterator[Finding]:
    missing = [name for name in ("tf", "httpx2", "uvicorn") if _installed(name) is None]
    detail = (
        f"no {', '.join(missing)}. Run `pip install 'openai-constructs[local]'`." if missing else "installed"
    )
    yield _checked("extra [local]", not missing, detail)


def _native() -> Iterator[Finding]:
    if _installed("tf") is None:
        return
    from openai_constructs.provider.core.user_install import default_directory, installed_script

    try:
        script = installed_script(default_directory())
    except (OpenaiConstructsError, RuntimeError) as error:
        yield _checked("native provider", True, str(error))
        return
    detail = str(script) if script else "not installed; `openai-constructs provider install` installs it"
    yield _checked("native provider", True, detail)


def _key() -> Iterator[Finding]:
    detail = "set" if os.environ.get("OPENAI_API_KEY") else "not set; needed for live deploys only"
    yield _checked("OPENAI_API_KEY", True, detail)


def _archive(folder: Path) -> Iterator[Finding]:
    """Check the archive of the environment, if there is one, without creating it."""
    address = os.environ.get("OPENAI_CONSTRUCTS_ARCHIVE", "").strip()
    if not address:
        return
    from openai_constructs.archive import Archive
    from openai_constructs.archive.address import MissingArchiveError, project_folder

    try:
        Archive.open(address, folder=project_folder(folder)).close()
    except MissingArchiveError:
        yield _checked("archive", True, "OPENAI_CONSTRUCTS_ARCHIVE has none yet; the first apply creates it")
    except OpenaiConstructsError as error:
        yield _checked("archive", False, str(error))
    else:
        yield _checked("archive", True, "OPENAI_CONSTRUCTS_ARCHIVE can be used")


def _project(folder: Path) -> Iterator[Finding]:
    from openai_constructs.local.project import Project

    try:
        project = Project.find_above(folder)
    except OpenaiConstructsError as error:
        yield _checked("project", False, str(error))
        return
    if project is None:
        yield Finding("project", Level.NOTE, "none here. `openai-constructs new DIR` starts one")
        return
    yield _checked("project", True, f"{project.folder / 'cdktf.json'} runs `{project.app}`")


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _first_line(*command: str) -> str | None:
    """Return the first line of a command's output; ``None`` if it fails or does not start."""
    quiet = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_TIMEOUT_SECONDS, env=quiet
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else None
