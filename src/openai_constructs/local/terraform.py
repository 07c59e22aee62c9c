"""Find terraform or tofu, and run it in the local world."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from openai_constructs.errors import LocalError
from openai_constructs.local.signals import leading_to

__all__ = [
    "FAKE_KEY",
    "Environment",
    "find_terraform",
    "local_environment",
    "run",
    "run_captured",
    "run_quietly",
]

FAKE_KEY: Final = "local"
"""Dummy key of the local world; the emulator accepts any key."""

Environment = Mapping[str, str | None]
"""Environment variables for terraform in addition to the process's own; ``None`` removes one."""

_BINARY: Final = "TERRAFORM_BINARY_NAME"
_HIDDEN: Final = ("OPENAI_", "TF_", "TERRAFORM_CONFIG")
_LOOPBACK: Final = "127.0.0.1,localhost"
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def find_terraform() -> Path:
    """Return the path of the binary: ``TERRAFORM_BINARY_NAME``, else ``terraform``, else ``tofu``.

    Raises:
        LocalError: If there is none.
    """
    wanted = os.environ.get(_BINARY)
    for name in [wanted] if wanted else ["terraform", "tofu"]:
        if found := shutil.which(name):
            return Path(found)
    if wanted:
        raise LocalError(
            f"{_BINARY} names {wanted!r}, which is not on the PATH. Install it, or unset the variable."
        )
    raise LocalError(
        "Neither terraform nor tofu is on the PATH. Install one of them, 1.4 (tofu: 1.6) or later."
    )


def local_environment(url: str, configuration: Path) -> dict[str, str]:
    """Return the environment variables for a terraform in the local world.

    Args:
        url: URL of the emulator.
        configuration: CLI configuration with the embedded provider, in the folder of the world.
    """
    archive = quote(str(configuration.parent / "archive.db"))
    return {
        "CHECKPOINT_DISABLE": "1",
        "NO_PROXY": _no_proxy(),
        "no_proxy": _no_proxy(),
        "OPENAI_CONSTRUCTS_ARCHIVE": "",
        # With this variable the provider ignores the account, the proxies and the certificates.
        "OPENAI_CONSTRUCTS_LOCAL": f"sqlite:///{archive}",
        "OPENAI_API_KEY": FAKE_KEY,
        "OPENAI_API_URL": url,
        "OPENAI_BASE_URL": f"{url}/v1",  # takes precedence for the native provider and SDKs
        "TF_CLI_CONFIG_FILE": str(configuration),
    }


def _environment(own: Environment) -> dict[str, str]:
    """Return the process's environment without variables that affect the world's isolation."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_HIDDEN) or name.startswith(("TF_VAR_", "TF_LOG"))
    }
    merged = {**kept, **own}
    for name in _CERTIFICATES:  # a missing file would keep Terraform from downloading other providers
        if (path := merged.get(name)) and not Path(path).exists():
            merged[name] = None
    return {name: value for name, value in merged.items() if value is not None}


def _no_proxy() -> str:
    """Return the hosts to reach without a proxy: those of the environment, and this machine."""
    own = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    return f"{own},{_LOOPBACK}" if own else _LOOPBACK


def run(folder: Path, own: Environment, arguments: Sequence[str], lock: int | None = None) -> int:
    """Run terraform and show its output. Return its exit code.

    Args:
        folder: Working folder.
        own: Additional environment variables.
        arguments: The verb and its arguments.
        lock: A file handle that terraform holds until its end, even if this process is killed.
    """
    return _ended(_start(folder, own, arguments, lock)).returncode


def run_quietly(folder: Path, own: Environment, arguments: Sequence[str], lock: int | None = None) -> str:
    """Run terraform and return its output. It has the arguments of `run`.

    Raises:
        LocalError: If it fails, with its output.
    """
    done = run_captured(folder, own, arguments, lock)
    if done.returncode:
        raise LocalError(
            f"terraform {arguments[0]} failed in {folder}:\n{(done.stdout + done.stderr).strip()}"
        )
    return done.stdout


def run_captured(
    folder: Path, own: Environment, arguments: Sequence[str], lock: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run terraform. Return its output and exit code. It has the arguments of `run`."""
    return _ended(_start(folder, own, arguments, lock, output=subprocess.PIPE))


def _start(
    folder: Path, own: Environment, arguments: Sequence[str], lock: int | None, output: int | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [find_terraform(), *arguments],
        cwd=folder,
        env=_environment(own),
        stdout=output,
        stderr=output,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=() if lock is None else (lock,),
    )


def _ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    with process, leading_to(process):
        stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout or "", stderr or "")
