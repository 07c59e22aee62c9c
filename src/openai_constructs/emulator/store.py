"""The store of completions: everything acknowledged survives a kill.

One thread owns the database. It runs all waiting jobs in one transaction and acknowledges them when that is
on the disk, so that many writers share one sync.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson

from openai_constructs.emulator.database import connect

__all__ = ["Page", "Store"]

_T = TypeVar("_T")
_Run = Callable[[sqlite3.Connection], Any]
_BATCH: Final = 512


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        data: Its entries.
        has_more: Whether there are entries after it.
    """

    data: list[dict[str, Any]]
    has_more: bool


@dataclass(frozen=True, slots=True)
class _Job:
    run: _Run
    future: asyncio.Future[Any]


class Store:
    """Stored completions, by id and in order of creation.

    Args:
        path: The SQLite file; ``None`` keeps them in memory.

    Raises:
        EmulatorError: If the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        self._connection = connect(path)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._occurrences: dict[bytes, int] = {}
        self._thread = threading.Thread(target=self._work, name="emulator-store", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish pending jobs and close the file."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    async def next_occurrence(self, digest: bytes) -> int:
        """Return how often a request was stored before, and count this time."""
        if digest not in self._occurrences:
            found = await self._do(
                lambda db: _one(db, "SELECT stored FROM occurrences WHERE digest = ?", digest)
            )
            self._occurrences.setdefault(digest, found or 0)
        occurrence = self._occurrences[digest]
        self._occurrences[digest] = occurrence + 1
        return occurrence

    async def add(
        self,
        digest: bytes,
        occurrence: int,
        completion: Mapping[str, Any],
        messages: list[Any],
        metadata: Mapping[str, str],
    ) -> None:
        """Store a completion; it is on the disk when this returns."""
        row = (
            completion["id"],
            completion["model"],
            orjson.dumps(completion),
            orjson.dumps(messages),
            orjson.dumps(metadata).decode(),
        )

        def run(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO completions (id, model, body, messages, metadata) VALUES (?, ?, ?, ?, ?)", row
            )
            db.execute(
                "INSERT INTO occurrences VALUES (?, ?) "
                "ON CONFLICT (digest) DO UPDATE SET stored = max(stored, excluded.stored)",
                (digest, occurrence + 1),
            )

        await self._do(run)

    async def get(self, completion_id: str) -> dict[str, Any] | None:
        """Return a completion with its metadata, or ``None``."""
        return await self._do(lambda db: _read(db, completion_id))

    async def update(self, completion_id: str, metadata: Mapping[str, str]) -> dict[str, Any] | None:
        """Replace all metadata of a completion, and return the updated completion or ``None``."""
        text = orjson.dumps(metadata).decode()

        def run(db: sqlite3.Connection) -> dict[str, Any] | None:
            db.execute("UPDATE completions SET metadata = ? WHERE id = ?", (text, completion_id))
            return _read(db, completion_id)

        return await self._do(run)

    async def delete(self, completion_id: str) -> bool:
        """Delete a completion, and return whether it existed."""
        return await self._do(
            lambda db: db.execute("DELETE FROM completions WHERE id = ?", (completion_id,)).rowcount > 0
        )

    async def messages(self, completion_id: str) -> list[dict[str, Any]] | None:
        """Return the messages of its request, oldest first, or ``None`` if the completion does not exist."""
        found = await self._do(
            lambda db: _one(db, "SELECT messages FROM completions WHERE id = ?", completion_id)
        )
        return None if found is None else orjson.loads(found)

    async def page(
        self,
        *,
        limit: int,
        descending: bool,
        after: str | None,
        model: str | None,
        metadata: Mapping[str, str],
    ) -> Page | None:
        """Return the completions after another, by model and metadata; ``None`` if that one is gone."""

        def run(db: sqlite3.Connection) -> Page | None:
            conditions, values = _conditions(model, metadata)
            if after is not None:
                seq = _one(db, "SELECT seq FROM completions WHERE id = ?", after)
                if seq is None:
                    return None
                conditions.append("seq < ?" if descending else "seq > ?")
                values.append(seq)
            where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
            order = "DESC" if descending else "ASC"
            # Only constants are formatted into the statement; values are bound.
            query = f"SELECT body, metadata FROM completions {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608
            rows = db.execute(query, (*values, limit + 1)).fetchall()
            return Page([_completion(*row) for row in rows[:limit]], len(rows) > limit)

        return await self._do(run)

    async def clear(self) -> None:
        """Delete everything, and the counts of stored requests."""
        self._occurrences.clear()

        def run(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM completions")
            db.execute("DELETE FROM occurrences")

        await self._do(run)

    async def _do(self, run: Callable[[sqlite3.Connection], _T]) -> _T:
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(run, future))
        return await future

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            closing = False
            while len(batch) < _BATCH and not self._jobs.empty():
                waiting = self._jobs.get()
                if waiting is None:
                    closing = True
                    break
                batch.append(waiting)
            _acknowledge(batch, self._run(batch))
            if closing:
                return

    def _run(self, batch: list[_Job]) -> list[Any]:
        """Return the result of each job of a batch, or the exception it failed with."""
        db = self._connection
        try:
            if db.in_transaction:  # the last batch, whose commit failed
                db.execute("ROLLBACK")
            db.execute("BEGIN")
            results = [_attempt(db, job.run) for job in batch]
            db.execute("COMMIT")
        except sqlite3.Error as error:
            # The whole batch was rolled back, so none of it may be acknowledged.
            return [error] * len(batch)
        return results


def _attempt(db: sqlite3.Connection, run: _Run) -> Any:
    db.execute("SAVEPOINT job")
    try:
        result = run(db)
    except Exception as error:  # the caller gets the exception, and the thread continues
        db.execute("ROLLBACK TO job")
        result = error
    db.execute("RELEASE job")
    return result


def _acknowledge(batch: list[_Job], results: list[Any]) -> None:
    def settle() -> None:
        for job, result in zip(batch, results, strict=True):
            if job.future.done():  # the caller has gone away
                continue
            if isinstance(result, Exception):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)

    with contextlib.suppress(RuntimeError):  # the server has stopped; nobody waits any more
        batch[0].future.get_loop().call_soon_threadsafe(settle)


def _one(db: sqlite3.Connection, query: str, key: object) -> Any:
    row = db.execute(query, (key,)).fetchone()
    return None if row is None else row[0]


def _read(db: sqlite3.Connection, completion_id: str) -> dict[str, Any] | None:
    row = db.execute("SELECT body, metadata FROM completions WHERE id = ?", (completion_id,)).fetchone()
    return None if row is None else _completion(*row)


def _completion(body: bytes, metadata: str) -> dict[str, Any]:
    completion: dict[str, Any] = orjson.loads(body)
    completion["metadata"] = orjson.loads(metadata)
    return completion


def _conditions(model: str | None, metadata: Mapping[str, str]) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if model is not None:
        conditions.append("model = ?")
        values.append(model)
    for key, value in metadata.items():
        conditions.append("EXISTS (SELECT 1 FROM json_each(metadata) WHERE key = ? AND value = ?)")
        values += [key, value]
    return conditions, values
