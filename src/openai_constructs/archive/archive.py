"""An archive: write answers to it, and find them again."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from openai_constructs.archive.address import Address, parse_address
from openai_constructs.archive.entry import Entry
from openai_constructs.errors import ArchiveError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Executable

__all__ = ["Archive", "Recorded", "Spent", "Status"]

Status = Literal["answered", "acknowledged", "replaced", "destroyed"]
"""``answered``: not yet seen in a state. ``acknowledged``: in a state. ``replaced`` and ``destroyed``: not in
any state anymore."""


class Spent(NamedTuple):
    """Cost of answers.

    Attributes:
        nano_usd: Sum of the known prices, in billionths of a US dollar.
        unpriced: Number of answers without a known price.
    """

    nano_usd: int
    unpriced: int


class Recorded(NamedTuple):
    """An answer in an archive.

    Attributes:
        completion: The answer as the API sent it.
        status: Status of the answer.
    """

    completion: dict[str, Any]
    status: Status


class Archive:
    """An open archive. Thread-safe. Close it, or use it in a ``with`` statement.

    Use ``Archive.open``.

    Attributes:
        address: Address of the archive.
        engine: SQLAlchemy engine of the database.
    """

    def __init__(self, address: Address, engine: Engine) -> None:
        self.address: Final = address
        self.engine: Final = engine
        self._pending: deque[_Pending] = deque()
        self._turn = threading.Lock()

    @classmethod
    def open(
        cls,
        address: str,
        *,
        folder: Path | None = None,
        create: bool = False,
        check_version: bool = True,
    ) -> Self:
        """Open an archive.

        Args:
            address: ``sqlite:///FILE`` or ``postgresql://user@host/database``.
            folder: Base folder of a relative path; default: the project's folder (see ``project_folder``).
            create: Open it for writing: create it if needed, and check that it is writable.
            check_version: Reject a schema version other than this release's.

        Raises:
            ArchiveError: If the address is unusable, an extra is not installed, or the database is foreign,
                newer, older, locked, full, read-only or unreachable.
        """
        parsed = parse_address(address, folder)
        try:
            from openai_constructs.archive.database import open_engine
        except ImportError as error:
            raise ArchiveError(
                f"An archive needs {error.name}. Install it with: pip install 'openai-constructs[archive]'"
            ) from error
        return cls(parsed, open_engine(parsed, create=create, check_version=check_version))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def record(self, entry: Entry) -> None:
        """Write an answer. When this returns, it is on disk.

        Answers that arrive during a write share the next commit, because most of the time is spent waiting
        for the disk.

        Raises:
            ArchiveError: If the answer cannot be written.
        """
        from openai_constructs.archive.tables import COMPLETIONS

        self._write(COMPLETIONS.insert().values(entry.row()))

    def unacknowledged(self, key: str, digests: Collection[str], *, stored: bool) -> list[dict[str, Any]]:
        """Return the answers to a request that were not yet seen in a state, oldest first.

        Args:
            key: Idempotency key.
            digests: Digests of the request, one per model.
            stored: Whether the request has store = true.
        """
        from sqlalchemy import select

        from openai_constructs.archive.tables import COMPLETIONS

        column = COMPLETIONS.c
        query = (
            select(column.answer, column.completion_id)
            .where(column.digest.in_(digests), column.key == key)
            .where(column.stored == stored, column.status == "answered")
            .order_by(column.id)
        )
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return [{**json.loads(answer), "id": completion_id} for answer, completion_id in rows]

    def mark(self, completion_id: str, status: Status) -> None:
        """Set the status of an answer, if it changes."""
        from sqlalchemy import select, update

        from openai_constructs.archive.tables import COMPLETIONS

        column = COMPLETIONS.c
        before = ("answered",) if status == "acknowledged" else ("answered", "acknowledged")
        which = (column.completion_id == completion_id) & column.status.in_(before)
        with self.reading() as connection:
            if connection.execute(select(column.id).where(which).limit(1)).first() is None:
                return
        self._write(update(COMPLETIONS).where(which).values(status=status))

    def completion(self, completion_id: str) -> dict[str, Any] | None:
        """Return the newest answer with an id, with ``metadata`` and the ``messages`` of its request.

        ``messages`` is missing if the archive keeps no prompts.
        """
        from sqlalchemy import select

        from openai_constructs.archive.tables import COMPLETIONS

        column = COMPLETIONS.c
        query = (
            select(column.answer, column.request, column.metadata)
            .where(column.completion_id == completion_id)
            .order_by(column.id.desc())
            .limit(1)
        )
        with self.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        request: Mapping[str, Any] = json.loads(row.request)
        messages = {"messages": request["messages"]} if "messages" in request else {}
        return {**json.loads(row.answer), "metadata": row.metadata, **messages}

    def answers_to(self, digest: str) -> list[Recorded]:
        """Return the answers to requests with this digest, newest first."""
        from sqlalchemy import select

        from openai_constructs.archive.tables import COMPLETIONS

        column = COMPLETIONS.c
        query = select(column.answer, column.status).where(column.digest == digest).order_by(column.id.desc())
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return [Recorded(json.loads(answer), status) for answer, status in rows]

    def spent(self, since: int) -> Spent:
        """Return the cost of all answers since a time.

        Args:
            since: Milliseconds since 1970, UTC.
        """
        from sqlalchemy import func, select

        from openai_constructs.archive.tables import COMPLETIONS

        column = COMPLETIONS.c
        unpriced = func.count() - func.count(column.nano_usd)
        query = select(func.coalesce(func.sum(column.nano_usd), 0), unpriced).where(column.at >= since)
        with self.reading() as connection:
            total, count = connection.execute(query).one()
        return Spent(int(total), int(count))

    def reading(self) -> AbstractContextManager[Connection]:
        """Run a read-only transaction.

        Raises:
            ArchiveError: If the database cannot be read.
        """
        from openai_constructs.archive.database import reading

        return reading(self.engine, self.address)

    def writing(self) -> AbstractContextManager[Connection]:
        """Run a transaction.

        Raises:
            ArchiveError: If the database refuses it. Nothing of it is kept then.
        """
        from openai_constructs.archive.database import writing

        return writing(self.engine, self.address)

    def _write(self, statement: Executable) -> None:
        """Run a statement, and commit it together with others that are waiting.

        Raises:
            ArchiveError: If the database rejects it, or a statement in the same commit.
        """
        pending = _Pending(statement)
        self._pending.append(pending)
        with self._turn:
            if not pending.is_done:
                self._write_pending()
        if pending.error is not None:
            raise pending.error

    def _write_pending(self) -> None:
        batch = [self._pending.popleft() for _ in range(len(self._pending))]
        error: BaseException | None = None
        try:
            with self.writing() as connection:
                for pending in batch:
                    connection.execute(pending.statement)
        except BaseException as refused:  # raised in the thread of each answer
            error = refused
        for pending in batch:
            pending.is_done, pending.error = True, error


@dataclass(slots=True)
class _Pending:
    """A waiting statement, and its outcome."""

    statement: Executable
    is_done: bool = False
    error: BaseException | None = None
