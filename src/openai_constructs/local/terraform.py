"""Finding terraform or tofu, and running it in the local world."""

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
"""Dummy for every key in the local world; the emulator accepts any key."""

Environment = Mapping[str, str | None]
"""Environment variables for terraform in addition to the process's own; ``None`` removes one."""

_BINARY: Final = "TERRAFORM_BINARY_NAME"
_HIDDEN: Final = ("OPENAI_", "TF_", "TERRAFORM_CONFIG")
_LOOPBACK: Final = "127.0.0.1,localhost"
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def find_terraform() -> Path:
    """The binary: the one ``TERRAFORM_BINARY_NAME`` names, else ``terraform``, else ``tofu`` on the PATH.

    Raises:
        LocalError: When there is none.
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
    """The variables that make a terraform of this machine work in the local world.

    Args:
        url: Where the emulator listens.
        configuration: The CLI configuration that has our provider, in the folder of the world.
    """
    archive = quote(str(configuration.parent / "archive.db"))
    return {
        "CHECKPOINT_DISABLE": "1",
        "NO_PROXY": _no_proxy(),
        "no_proxy": _no_proxy(),
        "OPENAI_CONSTRUCTS_ARCHIVE": "",
        # With it the provider uses nothing of the account, and neither proxies nor certificates.
        "OPENAI_CONSTRUCTS_LOCAL": f"sqlite:///{archive}",
        "OPENAI_API_KEY": FAKE_KEY,
        "OPENAI_API_URL": url,
        "OPENAI_BASE_URL": f"{url}/v1",  # the native provider, and SDKs, look here first
        "TF_CLI_CONFIG_FILE": str(configuration),
    }


def _environment(own: Environment) -> dict[str, str]:
    """The process's environment without variables that would lead out of the local world."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_HIDDEN) or name.startswith(("TF_VAR_", "TF_LOG"))
    }
    merged = {**kept, **own}
    for name in _CERTIFICATES:  # Terraform could not download another provider if it is not there
        if (path := merged.get(name)) and not Path(path).exists():
            merged[name] = None
    return {name: value for name, value in merged.items() if value is not None}


def _no_proxy() -> str:
    """The hosts that are reached without a proxy: those of the environment, and this machine."""
    own = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    return f"{own},{_LOOPBACK}" if own else _LOOPBACK


def run(folder: Path, own: Environment, arguments: Sequence[str], lock: int | None = None) -> int:
    """Run terraform with its output shown as it comes; return its exit code.

    Args:
        folder: Where.
        own: Environment variables, beside those of the process.
        arguments: The verb and its arguments.
        lock: A file handle that terraform holds until its end, even if this process is killed.
    """
    return _ended(_start(folder, own, arguments, lock)).returncode


def run_quietly(folder: Path, own: Environment, arguments: Sequence[str], lock: int | None = None) -> str:
    """Run terraform for its output. The arguments are those of `run`.

    Raises:
        LocalError: When it fails, with what it said.
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
    """Run terraform; return its output and exit code. The arguments are those of `run`."""
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
