"""Open the database of an archive, and explain why it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from openai_constructs.archive import tables
from openai_constructs.archive.address import Address, MissingArchiveError
from openai_constructs.archive.tables import COMPLETIONS, TABLES, VERSIONS
from openai_constructs.errors import ArchiveError

__all__ = ["explained", "migrate", "open_engine", "reading", "version", "writing"]

_OWNER_ONLY: Final = 0o600
_WAIT_SECONDS: Final = 30
_CONNECT_SECONDS: Final = 10
_SWITCH_ATTEMPTS: Final = 100
_LOCK: Final = 0x0A1C0257
"""Key of the PostgreSQL advisory lock for creating and changing tables."""
_WRITES: Final = "openai_constructs_writes"


def version() -> int:
    """Return the schema version of this release."""
    return 1 + len(tables.STEPS)


def open_engine(address: Address, *, create: bool, check_version: bool = True) -> Engine:
    """Connect to an archive and check that it can be used.

    Args:
        address: Address of the archive.
        create: Create it if needed, and check that it is writable. Otherwise a missing archive is an error,
            and nothing changes.
        check_version: Reject a schema version other than this release's.

    Raises:
        ArchiveError: If it cannot be used. A database that is not an archive stays unchanged.
    """
    if address.file is not None:
        _prepare_file(address.file, create=create)
    try:
        engine = create_engine(address.url, **_options(address))
    except ImportError as error:
        raise ArchiveError(
            f"archive = {address.shown}: the driver {error.name} is not installed. "
            "Install it with: pip install 'openai-constructs[postgres]'"
        ) from error
    if address.file is not None:
        _tune_sqlite(engine)
    try:
        with writing(engine, address) if create else reading(engine, address) as connection:
            _check(connection, address, create=create, check_version=check_version)
        if address.file is not None and create:
            _finish_file(engine, address.file)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine, address: Address) -> Iterator[Connection]:
    """Run a transaction, and commit it at the end.

    Raises:
        ArchiveError: If the database refuses it. Nothing of it is kept then.
    """
    with _translated(address), engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine, address: Address) -> Iterator[Connection]:
    """Run a read-only transaction, which does not block writers.

    Raises:
        ArchiveError: If the database cannot be read.
    """
    with _translated(address), engine.connect() as connection:
        yield connection


def migrate(engine: Engine, address: Address) -> tuple[int, int]:
    """Upgrade an older archive. Return its version before and after.

    Raises:
        ArchiveError: If it is newer than this release, or cannot be written. It then stays unchanged.
    """
    with writing(engine, address) as connection:
        _lock(connection)
        before = connection.execute(select(VERSIONS.c.version)).scalar_one()
        _refuse_newer(before, address)
        for step in tables.STEPS[before - 1 :]:
            step(connection)
        connection.execute(update(VERSIONS).values(version=version()))
    return before, version()


def _options(address: Address) -> dict[str, Any]:
    if address.file is not None:
        return {"connect_args": {"timeout": _WAIT_SECONDS}}
    limits = {"connect_timeout": _CONNECT_SECONDS, "options": f"-c lock_timeout={_WAIT_SECONDS}s"}
    return {"connect_args": limits, "pool_pre_ping": True, "pool_size": 4}


def _prepare_file(file: Path, *, create: bool) -> None:
    """Create the file before SQLite does, because SQLite would let others read it and its log."""
    if not create:
        if not file.is_file():
            raise MissingArchiveError(f"archive = {file}: the file does not exist. Check the path.")
        return
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
    except OSError as error:
        raise ArchiveError(
            f"archive = {file}: the file cannot be written: {error.strerror}. "
            "Use a file in an existing, writable folder."
        ) from error


def _finish_file(engine: Engine, file: Path) -> None:
    """Allow readers and a writer at the same time, and restrict the file to its owner.

    This changes only files that are archives.
    """
    connection = engine.raw_connection()
    try:
        # If another process switches the mode too, SQLite fails at once instead of waiting.
        for _ in range(_SWITCH_ATTEMPTS):
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:
                time.sleep(0.1)
    finally:
        connection.close()
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if part.exists():
            part.chmod(_OWNER_ONLY)


def _tune_sqlite(engine: Engine) -> None:
    """Let SQLAlchemy, not sqlite3, begin transactions. A transaction that will write takes the lock at once.

    A transaction that reads before it writes would fail without waiting if another one writes in between.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check(connection: Connection, address: Address, *, create: bool, check_version: bool) -> None:
    """Check that the database is an archive of the right version; initialize an empty database."""
    if create:
        _lock(connection)
    names = set(inspect(connection).get_table_names())
    if not {VERSIONS.name, COMPLETIONS.name} <= names:
        if address.file is not None and names:
            raise ArchiveError(
                f"archive = {address.shown}: this SQLite database is not an archive. Use another file."
            )
        if not create:
            raise MissingArchiveError(f"archive = {address.shown}: the database has no archive.")
        TABLES.create_all(connection)
        connection.execute(VERSIONS.insert().values(version=version(), opened_at=0))
    if check_version:
        current = connection.execute(select(VERSIONS.c.version)).scalar_one()
        _refuse_newer(current, address)
        if current < version():
            raise ArchiveError(
                f"archive = {address.shown}: the archive has version {current} and this release writes "
                f"{version()}. Run: openai-constructs archive migrate"
            )
    if create:
        # A read-only or full database must fail now, not after an answer was paid for.
        connection.execute(update(VERSIONS).values(opened_at=time.time_ns() // 1_000_000))


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _refuse_newer(current: int, address: Address) -> None:
    if current > version():
        raise ArchiveError(
            f"archive = {address.shown}: the archive has version {current}, from a newer release; this one "
            f"knows versions up to {version()}. Upgrade openai-constructs, or use another archive."
        )


@contextmanager
def _translated(address: Address) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise explained(address, error) from error


_SQLITE_REASONS: Final = {
    "locked": "another process has locked it for too long. Stop that process, or try again",
    "full": "the disk is full. Free some space",
    "not a database": "the file is not an SQLite database. Use another file",
    "malformed": "the database is damaged. Restore a backup, or use another file",
    "readonly": "it cannot be written. Check the permissions of the file and its folder",
    "unable to open": "the file cannot be opened. Check the path and its permissions",
}
_POSTGRESQL_REASONS: Final = {
    "25006": "the database is read-only. Check the server, and the settings of the user",
    "28000": "the user may not log in. Check the URL",
    "28P01": "the user or its password is wrong. Check the URL, or PGPASSWORD",
    "3D000": "the server has no such database. Check the URL",
    "42501": "the user lacks a permission. Check its grants",
    "53100": "the disk of the server is full. Free some space",
    "53300": "the server has no free connection. Lower -parallelism, or raise max_connections",
    "55P03": "another process has locked it for too long. Stop that process, or try again",
}
_FATAL: Final = {
    "authentication failed": "28P01",
    "no password supplied": "28P01",
    "role ": "28000",
    "database ": "3D000",
    "too many": "53300",
    "remaining connection slots": "53300",
}
"""Texts of failed connections, for which psycopg has no code."""


def explained(address: Address, error: SQLAlchemyError) -> ArchiveError:
    """Return a database error in one sentence, with a fix and without a password."""
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    first = cause.strip().splitlines()[0] if cause.strip() else type(error).__name__
    if address.file is not None:
        reason = next((it for words, it in _SQLITE_REASONS.items() if words in cause), None)
    else:
        reason = _POSTGRESQL_REASONS.get(_postgresql_code(error, cause))
        if reason is None and isinstance(error, OperationalError):
            reason = f"the server cannot be reached: {first}. Check host, port and network"
    return ArchiveError(f"archive = {address.shown}: {reason or f'the database reports: {first}'}.")


def _postgresql_code(error: SQLAlchemyError, cause: str) -> str:
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    _, _, fatal = cause.partition("FATAL:")
    return code or next((value for words, value in _FATAL.items() if words in fatal), "")
