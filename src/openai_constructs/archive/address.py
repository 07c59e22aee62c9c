"""Addresses of archives: which URLs there are, and which file a relative path means.

Nothing here needs SQLAlchemy, so that a construct can check an address.
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
    """There is no archive at the address yet."""


class Address(NamedTuple):
    """Address of an archive.

    Attributes:
        url: The SQLAlchemy URL, with an absolute path or a driver. It may hold a password.
        shown: The same for people to read, without any password.
        file: The file of an SQLite database; None for a server.
    """

    url: str
    shown: str
    file: Path | None


def has_password(address: str) -> bool:
    """Whether a URL has a password in it, as ``user:password@`` or as a parameter."""
    try:
        return bool(passwords(address))
    except ValueError:
        return "@" in address


def passwords(address: str) -> tuple[str, ...]:
    """The passwords in a URL, as they are written and as they are meant.

    Raises:
        ValueError: When the URL cannot be read.
    """
    parts = urlsplit(address)
    written = [parts.password or "", unquote(parts.password or "")]
    given = [value for name, value in parse_qsl(parts.query) if name.lower() in _SECRETS]
    return tuple(password for password in (*written, *given) if password)


def parse_address(address: str, folder: Path | None = None) -> Address:
    """Read the URL of an archive.

    Args:
        address: ``sqlite:///FILE`` or ``postgresql://...``.
        folder: The folder that a relative path starts from; left out, ``project_folder()``.

    Raises:
        ArchiveError: When it is no such URL. The message has no password in it.
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
    """The folder that relative paths start from: the same for every command that concerns a project.

    It is the nearest folder with a ``cdktf.json``, at or above the working folder: ``cdktf deploy`` runs
    terraform in ``cdktf.out/stacks/NAME``, and people run commands anywhere in a project. Without a
    ``cdktf.json`` it is the working folder, which for terraform is the root module.

    Args:
        folder: Where to start; left out, the working folder.

    Raises:
        ArchiveError: In a folder that the CDK wrote, without a ``cdktf.json`` above it: a file there would be
            lost with the next synthesis.
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
