"""Export rows of an archive: as JSON Lines for replays, and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.archive.query import Filter, rows

if TYPE_CHECKING:
    from openai_constructs.archive.archive import Archive

__all__ = ["FORMATS", "as_json", "iso", "usd"]

_CSV_COLUMNS: Final = (
    "at",
    "stack",
    "path",
    "workspace",
    "host",
    "model",
    "model_used",
    "completion_id",
    "status",
    "finish_reason",
    "service_tier",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "usd",
    "metadata",
    "prompt",
    "answer",
)


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON: times in ISO 8601, the price in US dollars, request and answer as objects."""
    shown: dict[str, Any] = {}
    for name, value in row.items():
        match name:
            case "at":
                shown["at"] = iso(value)
            case "nano_usd":
                shown["usd"] = usd(value)
            case "request" | "answer":
                shown[name] = json.loads(value)
            case _:
                shown[name] = value
    return shown


def iso(at: int) -> str:
    """Format a time of an archive as ISO 8601, in UTC, with milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usd(nano: int | None) -> float | None:
    """Convert billionths of a US dollar to US dollars; ``None`` for an unknown price."""
    return None if nano is None else nano / 1e9


def json_lines(archive: Archive, which: Filter) -> Iterator[str]:
    """Yield one JSON object per row."""
    for row in rows(archive, which):
        yield json.dumps(as_json(row)) + "\n"


def csv_lines(archive: Archive, which: Filter) -> Iterator[str]:
    """Yield a header, then one line per row with the last message and the first answer."""
    yield _csv_line(_CSV_COLUMNS)
    for row in rows(archive, which):
        shown = as_json(row)
        shown["metadata"] = json.dumps(shown["metadata"]) if shown["metadata"] else ""
        messages = shown["request"].get("messages") or [{}]
        shown["prompt"] = _text(messages[-1].get("content"))
        choices = shown["answer"].get("choices") or [{}]
        shown["answer"] = _text((choices[0].get("message") or {}).get("content"))
        yield _csv_line(tuple(_cell(shown[name]) for name in _CSV_COLUMNS))


def _csv_line(values: tuple[Any, ...]) -> str:
    line = StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode(errors="replace").decode()


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "" if content is None else json.dumps(content)


def _cell(value: Any) -> Any:
    """Return a value that spreadsheets do not interpret as a formula."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value


FORMATS: Final = {"jsonl": json_lines, "csv": csv_lines}
"""Writers of the formats, by name."""
