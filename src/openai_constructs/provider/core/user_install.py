"""Install the native edition for all projects of a user, in a folder that Terraform searches by default.

Without a CLI configuration, Terraform and OpenTofu take providers from ``~/.terraform.d/plugins``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from openai_constructs.provider.core.launcher import INTERPRETER, portable_launcher
from openai_constructs.provider.core.mirror import install, script_path, write
from openai_constructs.provider.editions import NATIVE_ADDRESS, release

__all__ = ["default_directory", "installed_script", "put", "remove"]

_MARK: Final = "openai-constructs"


def default_directory() -> Path:
    """Return the folder that Terraform searches by default.

    Raises:
        RuntimeError: If the user has no home folder.
    """
    return Path.home() / ".terraform.d" / "plugins"


def put(directory: Path) -> Path:
    """Install this release, to be run by this interpreter.

    Args:
        directory: Root of the mirror.

    Returns:
        The path of the launcher.

    Raises:
        UnsupportedPlatformError: If this system cannot start a script as a provider.
        OSError: If the folder cannot be written.
    """
    script = install(directory, NATIVE_ADDRESS, release(), portable_launcher(release()))
    write(directory / NATIVE_ADDRESS / INTERPRETER, f"{sys.executable}\n", mode=0o644)
    return script


def installed_script(directory: Path) -> Path | None:
    """Return the launcher of this release; ``None`` if it is not installed.

    Raises:
        UnsupportedPlatformError: If this system cannot start a script as a provider.
    """
    script = script_path(directory, NATIVE_ADDRESS, release())
    return script if script.is_file() else None


def remove(directory: Path) -> list[Path]:
    """Remove the launchers of all releases, and then the empty folders, but nothing else.

    Returns:
        The removed files.

    Raises:
        OSError: If a file cannot be removed.
    """
    root = directory / NATIVE_ADDRESS
    found = [it for it in root.glob("*/*/terraform-provider-openai_v*") if _is_ours(it)]
    if not [it for it in root.glob("*/*/*") if it not in found]:
        found += [it for it in (root / INTERPRETER,) if it.is_file()]
    for file in found:
        file.unlink()
        _prune(file.parent, directory)
    return found


def _is_ours(file: Path) -> bool:
    return file.is_file() and _MARK in file.read_text(encoding="utf-8", errors="replace")


def _prune(folder: Path, top: Path) -> None:
    """Remove a folder and its parents below `top`, as far as they are empty."""
    while folder != top and folder.is_relative_to(top) and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
