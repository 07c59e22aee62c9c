"""Install the provider where Terraform and OpenTofu find it without a registry."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from openai_constructs.errors import UnsupportedPlatformError
from openai_constructs.provider.core.launcher import launcher
from openai_constructs.provider.editions import ADDRESSES, NATIVE_ADDRESS, VERSION, release

__all__ = ["install", "prepare", "script_path", "write", "write_cli_configuration"]

_SYSTEMS: Final = {"Linux": "linux", "Darwin": "darwin", "FreeBSD": "freebsd"}
_MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i686": "386"}


def prepare(directory: str | Path) -> Path:
    """Install for both Terraform and OpenTofu, and write the CLI configuration.

    Args:
        directory: A folder of its own, for the mirror and the configuration.

    Returns:
        The configuration file, for ``TF_CLI_CONFIG_FILE``.

    Raises:
        UnsupportedPlatformError: If this system cannot start a script as a provider.
        OSError: If the folder cannot be written.
    """
    mirror = Path(directory) / "providers"
    for address in ADDRESSES:
        install(mirror, address)
    install(mirror, NATIVE_ADDRESS, release(), launcher("native"))
    return write_cli_configuration(Path(directory) / "terraform.rc", mirror, (*ADDRESSES, NATIVE_ADDRESS))


def install(
    directory: str | Path, address: str = ADDRESSES[0], version: str = VERSION, text: str | None = None
) -> Path:
    """Write the provider to a filesystem mirror, as a script that starts this Python.

    Args:
        directory: Root of the mirror.
        address: Address of the provider: host/namespace/type.
        version: Release of the provider.
        text: Text of the script; default: the script of the compat edition.

    Returns:
        The path of the script.

    Raises:
        ValueError: If the address is not host/namespace/type.
        UnsupportedPlatformError: If this system cannot start a script as a provider.
        OSError: If the folder cannot be written.
    """
    script = script_path(directory, address, version)
    write(script, launcher("compat") if text is None else text, mode=0o755)
    return script


def script_path(directory: str | Path, address: str, version: str) -> Path:
    """Return the path of a provider's script in a mirror.

    Raises:
        ValueError: If the address is not host/namespace/type.
        UnsupportedPlatformError: If this system cannot start a script as a provider.
    """
    parts = address.split("/")
    if len(parts) != 3 or not all(parts) or ".." in parts:
        raise ValueError(f"address = {address!r}: must be host/namespace/type, as in {ADDRESSES[0]!r}.")
    return Path(directory, *parts, version, _platform(), f"terraform-provider-{parts[-1]}_v{version}")


def write_cli_configuration(
    path: str | Path, mirror: str | Path, addresses: Sequence[str] = ADDRESSES
) -> Path:
    """Write a CLI configuration that takes these providers from the mirror and all others from elsewhere.

    Args:
        path: The file to write, for ``TF_CLI_CONFIG_FILE``.
        mirror: Root of the mirror.
        addresses: Addresses of the providers in the mirror.

    Returns:
        The path of the file.

    Raises:
        OSError: If the file cannot be written.
    """
    listed = ", ".join(map(_quoted, addresses))
    text = f"""\
disable_checkpoint = true

provider_installation {{
  filesystem_mirror {{
    path    = {_quoted(str(Path(mirror).absolute()))}
    include = [{listed}]
  }}
  direct {{
    exclude = [{listed}]
  }}
}}
"""
    write(Path(path), text, mode=0o644)
    return Path(path)


def _platform() -> str:
    system, machine = platform.system(), platform.machine().lower()
    if system not in _SYSTEMS:
        raise UnsupportedPlatformError(
            f"The embedded provider is a script, and {system} cannot start a script as a provider. Use "
            "Linux, macOS or the Windows Subsystem for Linux."
        )
    return f"{_SYSTEMS[system]}_{_MACHINES.get(machine, machine)}"


def _quoted(text: str) -> str:
    """Return a text as a literal of HCL 1, the language of CLI configurations, which has no ``$${``."""
    return json.dumps(text, ensure_ascii=False).replace("${", "\\u0024{")


def write(path: Path, text: str, *, mode: int) -> None:
    """Write a file atomically, unless it already has this text: a script may be running."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(".new-*"):  # from a killed install; it would change the checksum
        leftover.unlink(missing_ok=True)
    if (
        path.is_file()
        and path.read_bytes() == text.encode()
        and os.access(path, os.X_OK) == bool(mode & 0o100)
    ):
        return
    handle, name = tempfile.mkstemp(dir=path.parent.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
