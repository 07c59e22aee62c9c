"""Open the SQLite file, or reject one that is foreign, damaged, in use, or from a newer version."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from openai_constructs.errors import EmulatorError

__all__ = ["VERSION", "connect"]

VERSION: Final = 1
"""Version of the tables below. A later release writes a higher version."""

_APPLICATION: Final = 0x0A1C0257  # identifies the emulator's files, in SQLite's own header
_OWNER_ONLY: Final = 0o600
_TABLES: Final = """
CREATE TABLE completions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL,
    body BLOB NOT NULL,
    messages BLOB NOT NULL,
    metadata TEXT NOT NULL
) STRICT;
CREATE TABLE occurrences (digest BLOB PRIMARY KEY, stored INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""


def connect(path: Path | None) -> sqlite3.Connection:
    """Open the database, and create it if needed; in memory without a path.

    Args:
        path: The file. Only its owner can read it, because it contains prompts.

    Raises:
        EmulatorError: If the file cannot be used. It stays unchanged.
    """
    if path is not None:
        _make(path)
    try:
        connection = sqlite3.connect(
            path or ":memory:", timeout=0.5, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise EmulatorError(f"{path}: the database cannot be opened: {error}.") from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _explained(path, error) from error
    except EmulatorError:
        connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """Create the file before SQLite does, readable by its owner only. Its WAL takes the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
    except OSError as error:
        reason = error.strerror or str(error)
        raise EmulatorError(
            f"{path}: the database cannot be written: {reason}. Use a file in a writable folder."
        ) from error


def _close_to_others(path: Path) -> None:
    """Remove other users' permissions from the file and its log, which now exists."""
    for it in (path, path.with_name(f"{path.name}-wal")):
        if it.exists():
            it.chmod(_OWNER_ONLY)


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    # Only one process may use the file: the emulator counts stored requests in memory.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if not empty or application or version:
        _refuse_foreign(path, application, version)
        if (damage := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(damage)
    connection.execute("COMMIT")
    # Do not change a foreign file.
    if path is not None:
        _close_to_others(path)
    connection.execute("PRAGMA journal_mode = WAL")
    # With FULL, a commit returns when the log is on the disk, so an acknowledged completion survives.
    connection.execute("PRAGMA synchronous = FULL")
    if empty:
        connection.executescript(
            f"BEGIN;{_TABLES}PRAGMA application_id = {_APPLICATION};PRAGMA user_version = {VERSION};COMMIT;"
        )
    else:
        connection.execute(
            "SELECT seq, id, model, body, messages, metadata FROM completions LIMIT 1"
        ).fetchone()


def _refuse_foreign(path: Path | None, application: int, version: int) -> None:
    if application != _APPLICATION:
        raise EmulatorError(
            f"{path}: this SQLite database does not belong to the emulator. Use another file."
        )
    if version > VERSION:
        raise EmulatorError(
            f"{path}: the database has version {version}, from a newer release; this one reads up to "
            f"{VERSION}. Upgrade openai-constructs, or use another file."
        )


def _explained(path: Path | None, error: sqlite3.Error) -> EmulatorError:
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return EmulatorError(f"{path}: another process uses this database. Stop it, or use another file.")
    if code == sqlite3.SQLITE_NOTADB:
        return EmulatorError(
            f"{path}: this file is not an SQLite database. It was not changed. Use another file."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL):
        return EmulatorError(f"{path}: the database cannot be written: {error}.")
    return EmulatorError(f"{path}: the database is damaged ({error}). Restore a backup, or remove the file.")
