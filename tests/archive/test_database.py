"""A database that cannot be used is one clear error, before anything is asked."""

from __future__ import annotations

import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from tests.archive.conftest import new_database
from tests.archive.support import entry

from openai_constructs.archive import Archive, database
from openai_constructs.archive.address import parse_address
from openai_constructs.errors import ArchiveError


def refusal(address: str) -> str:
    with pytest.raises(ArchiveError) as caught:
        Archive.open(address, create=True)
    return str(caught.value)


def test_the_files_are_the_owners_alone(tmp_path: Path) -> None:
    """Prompts and answers are in it, so nobody else reads it: not its log either, nor after a looser mode."""
    file = tmp_path / "answers.db"
    for _ in range(2):
        with Archive.open(f"sqlite:///{file}", create=True) as archive:
            archive.record(entry())
            modes = {it.name: it.stat().st_mode & 0o777 for it in tmp_path.iterdir()}
            assert modes == {"answers.db": 0o600, "answers.db-wal": 0o600, "answers.db-shm": 0o600}
        file.chmod(0o644)


@pytest.mark.parametrize("content", [b"not a database at all, though long enough" * 50, b"\x89PNG" * 2000])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file that is no database is refused, and not a byte of it or of its mode changes."""
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    file.chmod(0o640)
    assert "is not an SQLite database" in refusal(f"sqlite:///{file}")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (content, 0o640)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """An SQLite database with other tables is refused and not changed."""
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE completions (id TEXT)")
    connection.close()
    before = file.read_bytes()
    assert "this SQLite database is not an archive" in refusal(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_other_tables_of_a_postgresql_database_do_not_matter(postgres: Any) -> None:
    """On a server the archive may share a database with other programs."""
    address = new_database(postgres)
    import psycopg

    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE completions (id TEXT)")
    with Archive.open(address, create=True) as archive:
        archive.record(entry())


@pytest.mark.parametrize("path", ["missing/answers.db", "file/answers.db", ""])
def test_a_path_that_cannot_be_written_is_an_error(tmp_path: Path, path: str) -> None:
    """A folder that is missing, a file in place of one, a folder in place of the file."""
    (tmp_path / "file").write_text("")
    message = refusal(f"sqlite:///{tmp_path / path}")
    assert "the file cannot be written: " in message
    assert "Use a file in an existing, writable folder" in message


def test_a_lock_that_does_not_go_away_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that keeps the database locked ends the wait with an error."""
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.1)
    address = f"sqlite:///{tmp_path / 'answers.db'}"
    Archive.open(address, create=True).close()
    holder = sqlite3.connect(tmp_path / "answers.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        assert "another process has locked it for too long" in refusal(address)
    finally:
        holder.close()


def test_readers_do_not_keep_a_writer_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long report runs beside an apply."""
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.1)
    address = f"sqlite:///{tmp_path / 'answers.db'}"
    with Archive.open(address, create=True) as archive:
        archive.record(entry("one"))
        reader = sqlite3.connect(tmp_path / "answers.db", isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM openai_constructs_completions").fetchone() == (1,)
        archive.record(entry("two"))
        reader.close()


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("database or disk is full", "the disk is full"),
        ("attempt to write a readonly database", "it cannot be written"),
        ("database disk image is malformed", "the database is damaged"),
        ("unable to open database file", "the file cannot be opened"),
        ("something new", "the database reports: something new"),
    ],
)
def test_what_sqlite_says_is_explained(cause: str, reason: str) -> None:
    """Each reason of SQLite's is told in one sentence with what to do."""
    error = OperationalError("INSERT ...", None, sqlite3.OperationalError(cause))
    message = str(database.explained(parse_address("sqlite:////srv/answers.db"), error))
    assert message.startswith(f"archive = sqlite:////srv/answers.db: {reason}")


def test_a_full_disk_is_an_error_of_the_answer_that_does_not_fit(tmp_path: Path) -> None:
    """What did not fit is not kept in part, and what was there stays readable."""
    with Archive.open(f"sqlite:///{tmp_path / 'answers.db'}", create=True) as archive:
        archive.record(entry("one"))
        with archive.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ArchiveError, match="the disk is full. Free some space"):
            archive.record(entry("two", prompt="long " * 10_000))
        assert archive.completion("two") is None
        assert archive.completion("one") is not None


def test_a_server_that_is_not_there_is_an_error() -> None:
    """An unreachable server ends the run with its address, and without the password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = refusal(f"postgresql://me:hidden@127.0.0.1:{port}/answers")
    assert "the server cannot be reached: " in message
    assert f"postgresql://127.0.0.1:{port}/answers" in message
    assert "hidden" not in message


def test_a_database_that_is_missing_is_an_error(postgres: Any) -> None:
    """A server without the database says so."""
    assert "the server has no such database" in refusal(postgres.get_uri().replace("/postgres?", "/nowhere?"))


def test_a_user_that_is_missing_is_an_error(postgres: Any) -> None:
    """A server that does not know the user says so."""
    assert "the user may not log in" in refusal(postgres.get_uri().replace("postgres:@", "nobody@"))


def test_a_read_only_database_is_an_error_before_anything_is_asked(postgres: Any) -> None:
    """An archive that exists and cannot be written is refused when it is opened."""
    address = new_database(postgres)
    Archive.open(address, create=True).close()
    name = address.split("?")[0].rpartition("/")[2]
    postgres.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = on;")
    assert "the database is read-only" in refusal(address)
    Archive.open(address).close()


def test_a_user_without_permission_is_an_error(postgres: Any) -> None:
    """A user that may read only is refused when the archive is opened to write."""
    address = new_database(postgres)
    Archive.open(address, create=True).close()
    postgres.psql("CREATE ROLE reader LOGIN;")
    assert "the user lacks a permission" in refusal(address.replace("postgres:@", "reader@"))


def test_a_driver_that_is_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the error says which extra brings it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    message = refusal("postgresql://me@127.0.0.1/answers")
    assert "pip install 'openai-constructs[postgres]'" in message


def test_without_sqlalchemy_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without SQLAlchemy the error says which extra brings it, and no file is made."""
    monkeypatch.setitem(sys.modules, "openai_constructs.archive.database", None)
    assert "pip install 'openai-constructs[archive]'" in refusal(f"sqlite:///{tmp_path / 'answers.db'}")
    assert list(tmp_path.iterdir()) == []
