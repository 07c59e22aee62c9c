"""Private folders for the sockets that providers listen on."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["SOCKET_NAME", "socket_folder", "takes_sockets"]

SOCKET_NAME: Final = "provider.sock"
"""Longest file name of a socket in these folders."""

_PREFIX: Final = "openai-constructs-"
_SHORT: Final = Path("/tmp")  # noqa: S108 - it only holds a private folder


def takes_sockets(folder: Path) -> bool:
    """Whether a folder can hold a socket.

    It cannot if its path is longer than the system allows (103 to 107 bytes), if it is not writable, or if
    its file system does not support sockets.
    """
    path = folder / SOCKET_NAME
    try:
        path.unlink(missing_ok=True)  # left by a killed process
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(os.fspath(path))
        path.unlink()
    except OSError:
        return False
    return True


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Create a private folder for sockets, and remove it at the end.

    It is in ``TMPDIR``, or in ``/tmp`` if that path is too long. Folders left by killed processes are removed
    too.

    Raises:
        OSError: If neither can hold sockets.
    """
    name = f"{_PREFIX}{os.getpid()}-"
    parents = [Path(tempfile.gettempdir()), _SHORT]
    for parent in parents:
        _remove_abandoned(parent)
        with tempfile.TemporaryDirectory(prefix=name, dir=parent, ignore_cleanup_errors=True) as folder:
            if takes_sockets(Path(folder)):
                yield Path(folder)
                return
    raise OSError(f"Cannot create a socket in {' or '.join(map(str, parents))}: set TMPDIR to a short path")


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of this user's processes that no longer run."""
    for folder in parent.glob(f"{_PREFIX}[0-9]*-*"):
        try:
            if folder.lstat().st_uid == os.getuid() and not _is_used(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:  # another process has removed it
            continue


def _is_used(folder: Path) -> bool:
    """Whether the folder's process is running, or a process in another container listens there."""
    process = folder.name.removeprefix(_PREFIX).partition("-")[0]
    if not process.isdecimal():
        return True
    try:
        os.kill(int(process), 0)
        return True
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return any(map(_is_listening, folder.glob("*.sock")))


def _is_listening(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(os.fspath(path))
    except OSError:
        return False
    return True
