"""Filter rows of an archive, and read any number of them with constant memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.errors import ArchiveError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from openai_constructs.archive.archive import Archive

__all__ = ["Filter", "moment", "page", "prune", "rows"]

_CHUNK: Final = 1000
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Filter for rows, which must match every field that is set.

    Attributes:
        stack: Name of the stack in the key.
        path: Path of a construct in its stack; includes constructs below it.
        model: Model of the request or of the answer.
        since: Earliest time of the answer, in milliseconds since 1970, UTC.
        before: Time before which the answer arrived.
        metadata: Labels that the answer must have.
        unpriced: Only answers with an unknown price.
        host: Host of the API, with its port.
        in_store: Only answers that a store would have: stored, and not replaced or destroyed.
    """

    stack: str | None = None
    path: str | None = None
    model: str | None = None
    since: int | None = None
    before: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    unpriced: bool = False
    host: str | None = None
    in_store: bool = False

    def conditions(self, archive: Archive) -> list[ColumnElement[bool]]:
        """Return the filter as SQL conditions."""
        from sqlalchemy import exists, func

        from openai_constructs.archive.tables import COMPLETIONS

        column = COMPLETIONS.c
        conditions: list[ColumnElement[bool]] = []
        if self.stack is not None:
            conditions.append(column.stack == self.stack)
        if self.path is not None:
            below = column.path.startswith(f"{self.path}/", autoescape=True)
            conditions.append((column.path == self.path) | below)
        if self.model is not None:
            conditions.append((column.model == self.model) | (column.model_used == self.model))
        if self.since is not None:
            conditions.append(column.at >= self.since)
        if self.before is not None:
            conditions.append(column.at < self.before)
        if self.host is not None:
            conditions.append(column.host == self.host)
        if self.in_store:
            conditions.append(column.stored & column.status.in_(("answered", "acknowledged")))
        if self.unpriced:
            conditions.append(column.nano_usd.is_(None))
        # The key of a label may have characters that JSON paths in SQLite do not support.
        pairs_of = func.json_each if archive.address.file else func.json_each_text
        for key, value in self.metadata.items():
            pairs = pairs_of(column.metadata).table_valued("key", "value")
            conditions.append(exists().where(pairs.c.key == key, pairs.c.value == value))
        return conditions


def rows(
    archive: Archive, which: Filter, columns: Sequence[str] = (), *, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the matching rows, oldest first. They are read in chunks, with constant memory.

    Args:
        archive: The archive.
        which: Filter of the rows.
        columns: Names of the columns; default: all.
        limit: Only this many of the newest rows.

    Raises:
        ArchiveError: If the database cannot be read.
    """
    from sqlalchemy import select

    from openai_constructs.archive.tables import COMPLETIONS

    wanted = [COMPLETIONS.c[name] for name in columns] or list(COMPLETIONS.c)
    conditions = which.conditions(archive)
    query = select(*wanted).where(*conditions).order_by(COMPLETIONS.c.id)
    with archive.reading() as connection:
        if limit is not None:
            newest = select(COMPLETIONS.c.id).where(*conditions).order_by(COMPLETIONS.c.id.desc())
            oldest = connection.execute(newest.limit(1).offset(limit - 1)).scalar()
            if oldest is not None:
                query = query.where(COMPLETIONS.c.id >= oldest)
        names = [column.name for column in wanted]
        for row in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield dict(zip(names, row, strict=True))


def page(
    archive: Archive, which: Filter, *, descending: bool, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return one page of answers as the API sent them, and whether there are more.

    Args:
        archive: The archive.
        which: Filter of the rows.
        descending: Newest first.
        after: Id of the completion to continue after.
        limit: Maximum number of answers.

    Raises:
        ArchiveError: If the database cannot be read.
    """
    from sqlalchemy import func, select

    from openai_constructs.archive.tables import COMPLETIONS

    column = COMPLETIONS.c
    query = select(column.answer, column.completion_id).where(*which.conditions(archive))
    if after is not None:
        start = select(func.max(column.id)).where(column.completion_id == after).scalar_subquery()
        query = query.where(column.id < start if descending else column.id > start)
    query = query.order_by(column.id.desc() if descending else column.id).limit(limit + 1)
    with archive.reading() as connection:
        found = connection.execute(query).all()
    answers = [{**json.loads(answer), "id": completion_id} for answer, completion_id in found[:limit]]
    return answers, len(found) > limit


def prune(archive: Archive, which: Filter, *, unacknowledged: bool) -> int:
    """Delete the matching rows. Return their number.

    Args:
        archive: The archive.
        which: Filter of the rows.
        unacknowledged: Whether to delete answers that were not yet seen in a state, although the next apply
            might adopt them.

    Raises:
        ArchiveError: If the database cannot be written.
    """
    from sqlalchemy import delete

    from openai_constructs.archive.tables import COMPLETIONS

    query = delete(COMPLETIONS).where(*which.conditions(archive))
    if not unacknowledged:
        query = query.where(COMPLETIONS.c.status != "answered")
    with archive.writing() as connection:
        return connection.execute(query).rowcount


def moment(text: str, *, now: datetime | None = None) -> int:
    """Parse a time in a human format. Return milliseconds since 1970, UTC.

    Args:
        text: An age, ``30m``, ``12h``, ``7d`` or ``4w``; a date; or a date with a time. UTC without a zone.
        now: Current time.

    Raises:
        ArchiveError: If it is none of these.
    """
    try:
        if age := re.fullmatch(r"(\d{1,6})([mhdw])", text):
            ago = timedelta(**{_UNITS[age[2]]: int(age[1])})
            return _milliseconds((now or datetime.now(UTC)) - ago)
        point = datetime.fromisoformat(text)
        return _milliseconds(point if point.tzinfo else point.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ArchiveError(
            f"{text!r} is not a time. Write an age (30m, 12h, 7d, 4w), a date (2026-11-01) or a date with a "
            "time (2026-11-01T12:00)."
        ) from None


def _milliseconds(point: datetime) -> int:
    return int(point.timestamp() * 1000)
