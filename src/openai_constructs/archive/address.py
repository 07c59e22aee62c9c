"""Addresses of archives: URLs, and the files of relative paths.

This module does not need SQLAlchemy, so constructs can use it to check an address.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from openai_constructs.errors import ArchiveError

__all__ = [
    "EXAMPLES",
    "Address",
    "MissingArchiveError",
    "has_password",
    "parse_address",
    "passwords",
    "project_folder",
]

EXAMPLES: Final = "sqlite:///answers.db or postgresql://user@host/database"

_SQLITE: Final = "sqlite"
_POSTGRESQL: Final = ("postgresql", "postgresql+psycopg")
_SECRETS: Final = frozenset({"password", "sslpassword", "passfile"})


class MissingArchiveError(ArchiveError):
    """The address has no archive yet."""


class Address(NamedTuple):
    """Address of an archive.

    Attributes:
        url: SQLAlchemy URL, with an absolute path or a driver. It may contain a password.
        shown: URL without password, for messages.
        file: File of an SQLite database; ``None`` for a server.
    """

    url: str
    shown: str
    file: Path | None


def has_password(address: str) -> bool:
    """Whether a URL contains a password, as ``user:password@`` or as a parameter."""
    try:
        return bool(passwords(address))
    except ValueError:
        return "@" in address


def passwords(address: str) -> tuple[str, ...]:
    """Return the passwords in a URL, both percent-encoded and decoded.

    Raises:
        ValueError: If the URL cannot be read.
    """
    parts = urlsplit(address)
    written = [parts.password or "", unquote(parts.password or "")]
    given = [value for name, value in parse_qsl(parts.query) if name.lower() in _SECRETS]
    return tuple(password for password in (*written, *given) if password)


def parse_address(address: str, folder: Path | None = None) -> Address:
    """Parse the URL of an archive.

    Args:
        address: ``sqlite:///FILE`` or ``postgresql://...``.
        folder: Base folder of a relative path; default: ``project_folder()``.

    Raises:
        ArchiveError: If it is another URL. The message does not contain its password.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise ArchiveError(f"This archive URL cannot be read: {error}. Write it as {EXAMPLES}.") from None
    if parts.scheme == _SQLITE:
        return _sqlite(address, folder)
    if parts.scheme in _POSTGRESQL:
        return _postgresql(address)
    shown = f"{parts.scheme}://..." if "://" in address else repr(address)
    raise ArchiveError(
        f"archive = {shown}: must be the URL of an SQLite file or a PostgreSQL database. "
        f"Write it as {EXAMPLES}."
    )


def _sqlite(address: str, folder: Path | None) -> Address:
    path = address.removeprefix("sqlite:///")
    if path == address or path in ("", ":memory:") or "?" in path or "\0" in unquote(path):
        raise ArchiveError(
            f"archive = {address!r}: must name a file and nothing else. Write three slashes before a "
            "relative path (sqlite:///answers.db), four before an absolute one (sqlite:////srv/answers.db)."
        )
    file = Path(unquote(path))
    if not file.is_absolute():
        file = (project_folder() if folder is None else folder) / file
    return Address(f"sqlite:///{quote(str(file))}", f"sqlite:///{file}", file)


def _postgresql(address: str) -> Address:
    parts = urlsplit(address)
    if not parts.path.strip("/"):
        raise ArchiveError(f"The archive URL names no database. Write it as {EXAMPLES}.")
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return Address(parts._replace(scheme="postgresql+psycopg").geturl(), shown, None)


def project_folder(folder: Path | None = None) -> Path:
    """Return the base folder of relative paths, which is the same for all commands in a project.

    It is the nearest folder with a ``cdktf.json``, at or above the working folder, because ``cdktf deploy``
    runs terraform in ``cdktf.out/stacks/NAME``, and people run commands anywhere in a project. Without a
    ``cdktf.json`` it is the working folder, which for terraform is the root module.

    Args:
        folder: Folder to start from; default: the working folder.

    Raises:
        ArchiveError: In an output folder of the CDK without a ``cdktf.json`` above it, because the next
            synthesis would delete a file there.
    """
    start = Path.cwd() if folder is None else folder
    for candidate in (start, *start.parents):
        if (candidate / "cdktf.json").is_file():
            return candidate
    if (start / "cdk.tf.json").is_file():
        raise ArchiveError(
            f"A relative archive path starts from the folder of cdktf.json, and there is none at or above "
            f"{start}. Give an absolute path: sqlite:////srv/answers.db."
        )
    return start
