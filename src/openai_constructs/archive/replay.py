"""Recorded answers to repeated requests, from an archive or its export as JSON Lines."""

from __future__ import annotations

import difflib
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from openai_constructs.archive.archive import Archive, Recorded
from openai_constructs.archive.digest import question, request_digest
from openai_constructs.archive.export import iso
from openai_constructs.archive.query import Filter, rows
from openai_constructs.errors import ArchiveError

__all__ = ["Replay"]

_COMPARED: Final = 2000
"""Maximum number of recorded requests, newest first, to compare with an unknown request."""
_SHOWN: Final = 5
_EXCERPT: Final = 60
_GONE: Final = ("replaced", "destroyed")


class _Request(NamedTuple):
    """A recorded request, with its key."""

    key: str
    at: str
    body: Mapping[str, Any]


class _Source(Protocol):
    """Source of recorded answers."""

    def answers_to(self, digest: str) -> list[Recorded]:
        """Return the answers to a request, newest first."""
        ...

    def requests(self) -> Iterator[_Request]:
        """Yield recorded requests, up to the number to compare."""
        ...

    def close(self) -> None:
        """Close the source."""
        ...


class Replay:
    """Recorded answers.

    Args:
        source: The URL of an archive, its SQLite file, or a JSON Lines file that `archive export` wrote.
        only: Whether to reject requests without a recorded answer.

    Raises:
        ArchiveError: If the source cannot be read.
    """

    def __init__(self, source: str | os.PathLike[str], *, only: bool = False) -> None:
        self.only: Final = only
        name = os.fspath(source)
        self._source: _Source
        if "://" in name:
            self._source = _FromArchive(Archive.open(name))
        elif name.endswith(".jsonl"):
            self._source = _FromFile(Path(name))
        else:
            self._source = _FromArchive(Archive.open(f"sqlite:///{Path(name).absolute()}"))

    def close(self) -> None:
        """Close the archive."""
        self._source.close()

    def answers(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the recorded answers to a request, newest first.

        Replaced and destroyed answers are used only if there are no others.
        """
        recorded = self._source.answers_to(request_digest(body))
        current = [it for it in recorded if it.status not in _GONE]
        return [it.completion for it in current or recorded]

    def refusal(self, body: Mapping[str, Any]) -> str:
        """Explain why a request has no answer, with the nearest recorded request and its differences."""
        asked = dict(_leaves(question(body)))
        nearest: tuple[float, _Request, dict[str, tuple[Any, Any]]] | None = None
        for request in self._source.requests():
            differences = _differences(asked, dict(_leaves(question(request.body))))
            distance = sum(_distance(here, there) for here, there in differences.values())
            if nearest is None or distance < nearest[0]:
                nearest = (distance, request, differences)
        what = f"No answer is recorded for this request to {body.get('model')}"
        fix = "Record it by a live apply with an archive, or omit replay-only."
        if nearest is None:
            return f"{what}, and the archive has no request to compare it with. {fix}"
        _, request, differences = nearest
        shown = "; ".join(_shown(path, *pair) for path, pair in itertools.islice(differences.items(), _SHOWN))
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        whose = request.key or "a completion without a key"
        return f"{what}. The nearest one is of {whose} ({request.at}) and differs in {shown}{more}. {fix}"


class _FromArchive:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.answers_to = archive.answers_to
        self.close = archive.close

    def requests(self) -> Iterator[_Request]:
        for row in rows(self._archive, Filter(), ("id", "key", "at", "request"), limit=_COMPARED):
            body = json.loads(row["request"])
            if "messages" in body:
                yield _Request(row["key"], iso(row["at"]), body)


class _FromFile:
    """An export, which is read into memory. It is meant to be small enough to commit."""

    def __init__(self, file: Path) -> None:
        self._answers: dict[str, list[Recorded]] = {}
        self._requests: list[_Request] = []
        try:
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    self._add(json.loads(line), f"{file}, line {number}")
        except OSError as error:
            raise ArchiveError(f"{file}: the file cannot be read: {error.strerror}.") from error
        except ValueError:
            raise ArchiveError(f"{file} is not an export as JSON Lines.") from None

    def _add(self, row: Any, where: str) -> None:
        match row:
            case {
                "digest": str(digest),
                "answer": dict(answer),
                "status": str(status),
                "request": dict(body),
            }:
                self._answers.setdefault(digest, []).insert(0, Recorded(answer, status))  # type: ignore[arg-type]
            case _:
                raise ArchiveError(f"{where}: this is not a row of `openai-constructs archive export`.")
        if "messages" in body:
            self._requests.append(_Request(str(row.get("key", "")), str(row.get("at", "")), body))

    def answers_to(self, digest: str) -> list[Recorded]:
        return self._answers.get(digest, [])

    def requests(self) -> Iterator[_Request]:
        return iter(self._requests[-_COMPARED:])

    def close(self) -> None:
        pass


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    match value:
        case dict() if value:
            for name, inner in value.items():
                yield from _leaves(inner, f"{path}.{name}" if path else name)
        case list() if value:
            for index, inner in enumerate(value):
                yield from _leaves(inner, f"{path}[{index}]")
        case _:
            yield path, value


_ABSENT: Final = object()


def _differences(here: dict[str, Any], there: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        path: pair
        for path in dict.fromkeys((*here, *there))
        if (pair := (here.get(path, _ABSENT), there.get(path, _ABSENT)))[0] != pair[1]
    }


def _distance(here: Any, there: Any) -> float:
    """Return the distance between two values. Texts weigh more than settings."""
    ours, theirs = (value[:_COMPARED] if isinstance(value, str) else "" for value in (here, there))
    if not ours and not theirs:
        return 1.0
    return 10.0 * (1 - difflib.SequenceMatcher(None, ours, theirs).quick_ratio())


def _shown(path: str, here: Any, there: Any) -> str:
    start = 0
    if isinstance(here, str) and isinstance(there, str):
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(here, there, strict=False))
        start = max(sum(1 for _ in same) - _EXCERPT // 3, 0)
    return f"{path}: {_excerpt(here, start)} here, {_excerpt(there, start)} recorded"


def _excerpt(value: Any, start: int) -> str:
    if value is _ABSENT:
        return "nothing"
    if not isinstance(value, str):
        return json.dumps(value)
    part = value[start : start + _EXCERPT]
    return f"{'…' if start else ''}{part!r}{'…' if start + _EXCERPT < len(value) else ''}"
